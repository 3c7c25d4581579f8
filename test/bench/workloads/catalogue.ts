/** Every work, in its size for a full and for a quick run. */

import { balancerWorks } from './balancer.js';
import { deathsWork } from './deaths.js';
import { editsWork } from './edits.js';
import { largeWork } from './large.js';
import { massFailureWork } from './mass-failure.js';
import { memoryWork } from './memory.js';
import { planningWork } from './planning.js';
import { reloadWork } from './reload.js';
import { roleWork } from './role.js';
import { serialWork } from './serial.js';
import { soakWork } from './soak.js';
import { type Steady, steady } from './steady.js';
import { stormWork } from './storm.js';
import { verbsWork } from './verbs.js';
import { grouped, type Workload } from './workload.js';

export function catalogue(quick: boolean): readonly Workload[] {
  return [
    ...steadyWorks(quick).map(steady),
    memoryWork(quick ? { few: 10, many: 510, interval: 1 } : { few: 10, many: 10_010, interval: 10 }),
    deathsWork(
      quick
        ? { servers: 500, blackHoles: 50, deaths: 10, warmUp: 3, span: 3 }
        : { servers: 10_000, blackHoles: 1_000, deaths: 100, warmUp: 12, span: 30 },
    ),
    massFailureWork(quick ? { servers: 500, warmUp: 3 } : { servers: 10_200, warmUp: 12 }),
    reloadWork(quick ? { services: 100, interval: 2, reloads: 3 } : { services: 2_277, interval: 30, reloads: 5 }),
    largeWork(quick ? { servers: 2_000, each: 16, interval: 2 } : { servers: 100_000, each: 16, interval: 10 }),
    stormWork(
      quick
        ? { servers: 400, interval: 1, seconds: 20, settle: 3 }
        : { servers: 10_000, interval: 5, seconds: 180, settle: 75 },
    ),
    serialWork(quick ? { servers: 50, dead: 1, timeout: 2 } : { servers: 500, dead: 5, timeout: 10 }),
    planningWork,
    verbsWork(quick ? 5 : 20),
    editsWork(quick ? 3 : 20),
    ...balancerWorks(quick ? { seconds: 2, held: 500, checked: 20 } : { seconds: 8, held: 10_000, checked: 500 }),
    soakWork(quick ? { seconds: 60, servers: 100, each: 20 } : { seconds: 1_800, servers: 2_000, each: 20 }),
    roleWork(quick ? { services: 10, serversEach: 50, changes: 2 } : { services: 100, serversEach: 100, changes: 6 }),
  ];
}

/**
 * Those that are called so, or otherwise those with such a word in their names; all but the long ones where none is
 * asked for.
 */
export function chosen(works: readonly Workload[], names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return works.filter(({ isLong }) => !isLong);
  const found = names.map((wanted) => {
    const called = works.filter(({ name }) => name === wanted);
    return called.length > 0 ? called : works.filter(({ name }) => name.includes(wanted));
  });
  const unknown = names.filter((_, index) => found[index]?.length === 0);
  if (unknown.length > 0) {
    throw new Error(`no work is called ${unknown.join(', ')}; there are ${works.map(({ name }) => name).join(', ')}`);
  }
  return works.filter((work) => found.some((some) => some.includes(work)));
}

type Size = Pick<Steady, 'servers' | 'warmUp' | 'window'>;

function steadyWorks(quick: boolean): Steady[] {
  const interval = 1;
  const size = (servers: number, window: number): Size =>
    quick ? { servers: servers / 20, warmUp: 2, window: 3 } : { servers, warmUp: 10, window };
  const title = (what: string, { servers }: Size): string => `${what}, ${grouped(servers)} servers, interval 1 s`;
  const punctual = {
    'late p99': [{ kind: 'at-most', value: 100 }],
    skipped: [{ kind: 'at-most', value: 0 }],
  } as const;
  const cost = (value: number) => [{ kind: 'ratio-at-most', value, peer: 'keepalived' }] as const;
  const http = size(5_000, 60);
  const connect = size(10_000, 60);
  const some = size(5_000, 20);
  const tls = size(1_000, 20);
  return [
    {
      ...http,
      name: 'http',
      title: title('HTTP, a connection for each check', http),
      kinds: { ours: 'http', keepalived: 'http' },
      interval,
      goals: { ...punctual, 'processor time': cost(0.8) },
    },
    {
      ...connect,
      name: 'connect',
      title: title('TCP connect', connect),
      kinds: { ours: 'connect', keepalived: 'connect' },
      interval,
      goals: { ...punctual, 'processor time': cost(0.4) },
    },
    {
      ...some,
      name: 'kept',
      title: title('HTTP over kept connections (keepalived: not kept)', some),
      kinds: { ours: 'kept', keepalived: 'http' },
      interval,
      goals: { 'processor time': cost(0.35) },
    },
    {
      ...tls,
      name: 'https',
      title: title('HTTPS', tls),
      kinds: { ours: 'https', keepalived: 'https' },
      interval,
      goals: {},
    },
    {
      ...tls,
      name: 'full',
      title: title('HTTPS, servers that resume no session', tls),
      kinds: { ours: 'full', keepalived: 'full' },
      interval,
      goals: { 'processor time': cost(1) },
    },
    {
      ...some,
      name: 'ping',
      title: title('ping', some),
      kinds: { ours: 'ping', keepalived: 'ping' },
      interval,
      goals: { 'processor time': [{ kind: 'at-most', value: 20 }, ...cost(0.5)] },
    },
  ];
}
