/** Daemons that share a store, which is etcd, for tests: each with a table in memory, and a state of its own on disk. */

import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { ask } from '../../src/control/client.js';
import { replicaFile } from '../../src/directors/shared/replica-file.js';
import type { Event } from '../../src/events.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { byHandFile } from '../../src/overrides/by-hand-file.js';
import type { Explanation } from '../../src/status/model.js';
import type { DirectorStatus } from '../../src/status/shared-status.js';
import { startDaemon } from './daemon.js';
import { until } from './deadline.js';
import type { Etcd } from './servers/etcd.js';
import { temporaryDirectory } from './temporary-directory.js';

export const prefix = '/ldirectord/test';
/** What they serve, where a test has nothing else. */
const usual =
  'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n\treal=10.0.0.3:80 gate\n\tchecktype=on\n';
/** In all its services. */
export const all = (server: string) => ({ server, virtual: null });

export interface DirectorSetting {
  readonly name: string;
  /** Null is without a store. */
  readonly endpoint: string | null;
  /** Its configuration. */
  readonly text?: string;
  /** Lines of the settings before all sections. */
  readonly before?: string;
  /** Further lines of `[store]`. */
  readonly more?: string;
  /** Where its state is from one run to the next. */
  readonly state?: string;
}

/** One that is called so among directors. */
export async function director(
  t: TestContext,
  { name, endpoint, text = usual, before = '', more = '', state }: DirectorSetting,
) {
  const backend = new MemoryBackend();
  const at = state ?? (await temporaryDirectory(t));
  const store = endpoint === null ? '' : `[store]\nendpoints = ${endpoint}\nname = ${name}\nprefix = ${prefix}\n`;
  const settings = `${before}${store}${more}`;
  const path = join(await temporaryDirectory(t), 'sock');
  const { daemon, events } = await startDaemon(t, text, {
    backend,
    settings,
    byHandFile: byHandFile(join(at, 'orders')),
    replicaFile: replicaFile(join(at, 'shared')),
    control: { path, reload: () => daemon.reload(), setLogLevel: () => {} },
  });
  const weightOf = async (server: string): Promise<number | undefined> =>
    [...(await backend.read()).values()][0]?.destinations.get(`${server}:80`)?.weight;
  return {
    daemon,
    events,
    weightOf,
    path,
    has: (server: string, weight: number) =>
      until(`${name} has ${server} with weight ${weight}`, async () => (await weightOf(server)) === weight),
    told: <T extends Event['type']>(type: T) =>
      events.filter((event): event is Extract<Event, { type: T }> => event.type === type),
    others: async () => {
      const found: DirectorStatus[] = [];
      for await (const one of ask(path, 'directors'))
        if ('isSelf' in (one as object)) found.push(one as DirectorStatus);
      return found.filter(({ isSelf }) => !isSelf);
    },
  };
}

export async function explained(path: string, server: string): Promise<Explanation> {
  for await (const one of ask(path, 'explain', { server, virtual: null })) return one as Explanation;
  throw new Error(`nobody knows ${server}`);
}

/** Writes the keys of a director that there is not: one that is well, but for what is said otherwise. */
export async function pretend(
  etcd: Etcd,
  name: string,
  like: object,
  more: object,
  observation: object = {},
): Promise<void> {
  await etcd.ctl('put', `${prefix}/observations/${name}`, JSON.stringify(observation));
  await etcd.ctl('put', `${prefix}/directors/${name}`, JSON.stringify({ ...like, ...more }));
}
