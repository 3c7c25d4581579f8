/** A plan is what the reload does: compared over random edits, with holds, weights and health that change, too. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Daemon } from '../src/daemon.js';
import { EventBus } from '../src/events.js';
import type { Operation } from '../src/ipvs/backend.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import type { ObservedTable } from '../src/ipvs/table.js';
import { plan as difference } from '../src/reconcile/plan.js';
import { readConfiguration } from '../src/reload/read.js';
import type { PlannedChange } from '../src/status/outlook.js';
import { until } from './helpers/deadline.js';
import { seeded } from './helpers/random.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { forced } from './helpers/wish.js';

/** Servers that answer when they are let, so that no result comes between a reload and the look at its table. */
class Servers {
  readonly ports: number[] = [];
  readonly sick = new Set<number>();
  #shut = false;
  readonly #waiting: (() => void)[] = [];

  static async open(t: TestContext, count: number): Promise<Servers> {
    const self = new Servers();
    for (let index = 0; index < count; index += 1) {
      const server = createServer((_, response) => self.#answer(response));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      self.ports.push((server.address() as AddressInfo).port);
    }
    return self;
  }

  shut(): void {
    this.#shut = true;
  }

  let(): void {
    this.#shut = false;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  #answer(response: ServerResponse): void {
    const answer = (): void => {
      response.statusCode = this.sick.has(response.socket?.localPort ?? 0) ? 503 : 200;
      response.end();
    };
    if (this.#shut) this.#waiting.push(answer);
    else answer();
  }
}

interface Edited {
  readonly weight: number;
  readonly quiescent: boolean;
  readonly checktype: string;
  readonly checkport: number | null;
  readonly fallback: boolean;
  readonly scheduler: string;
  readonly servers: readonly number[];
}

/** With every server a service of its own about the rest that a file can say. */
function textOf(virtuals: ReadonlyMap<number, Edited>, directory: string): string {
  const sections = [...virtuals].map(
    ([last, { weight, quiescent, checktype, checkport, fallback, scheduler, servers }]) =>
      [
        `virtual=192.0.2.${last}:80`,
        ...servers.map((port, index) => `\treal=127.0.0.1:${port} masq ${weight + index}`),
        ...(fallback ? ['\tfallback=127.0.0.1:9 masq'] : []),
        `\tquiescent=${quiescent ? 'yes' : 'no'}`,
        `\tscheduler=${scheduler}`,
        `\tchecktype=${checktype}`,
        '\tservice=http',
        ...(checkport === null ? [] : [`\tcheckport=${checkport}`]),
      ].join('\n'),
  );
  const globals = `checkinterval=1\nnegotiatetimeout=60\nmaintenancedir=${directory}\n`;
  return `${globals}${sections.join('\n')}\n`;
}

async function after(table: ObservedTable, changes: readonly Operation[]): Promise<string> {
  const copy = new MemoryBackend();
  await copy.apply(difference(table, new Map(), new Set()));
  assert.deepEqual(
    (await copy.apply(changes)).filter((failure) => failure !== null),
    [],
  );
  return shown(await copy.read());
}

function shown(table: ObservedTable): string {
  return [...table]
    .map(([key, { service, destinations }]) => {
      const weights = [...destinations].map(([to, { weight }]) => `${to} ${weight}`).sort();
      return `${key} ${service.scheduler}: ${weights.join(', ')}`;
    })
    .sort()
    .join('\n');
}

for (const seed of [1, 2, 3]) {
  test(`what is planned is what a reload does, seed ${seed}`, async (t) => {
    const roll = seeded(seed);
    const pick = <T>(items: readonly T[]): T => items[roll(items.length)] as T;
    const servers = await Servers.open(t, 5);
    const folder = await temporaryDirectory(t);
    const directories = ['one', 'two'].map((name) => join(folder, name));
    for (const directory of directories) await mkdir(directory);
    const settings = join(folder, 'ldirectord.ini');
    const file = join(folder, 'test.cf');

    const edited = (): Edited => ({
      weight: 1 + roll(3),
      quiescent: roll(2) === 0,
      checktype: pick(['negotiate', 'negotiate', 'negotiate', 'on', 'off']),
      checkport: roll(4) === 0 ? pick(servers.ports) : null,
      fallback: roll(3) > 0,
      scheduler: pick(['rr', 'wrr']),
      servers: servers.ports.filter(() => roll(2) === 0),
    });
    let virtuals = new Map([1, 2].map((last) => [last, edited()]));
    let ruling = virtuals;
    let rulingDirectory = '';
    const files = new Set<string>();
    let directory = directories[0] ?? '';
    rulingDirectory = directory;
    await writeFile(file, textOf(virtuals, directory));
    const backend = new MemoryBackend();
    const loaded = await readConfiguration(file, { strict: false });
    assert.ok(loaded.config, JSON.stringify(loaded.diagnostics));
    const options = { file, strict: false, backend, bus: new EventBus(), version: '0' };
    const daemon = await Daemon.start(options, { ...loaded, config: loaded.config });
    t.after(() => daemon.stop('end of the test'));
    t.after(() => servers.let());

    const changes: (() => unknown)[] = [
      () => {
        virtuals = new Map(virtuals).set(1 + roll(4), edited());
      },
      () => {
        const [last, virtual] = pick([...virtuals]);
        virtuals = new Map(virtuals).set(last, { ...virtual, servers: servers.ports.filter(() => roll(3) > 0) });
      },
      () => {
        const [gone] = pick([...virtuals]);
        if (virtuals.size > 1) virtuals = new Map([...virtuals].filter(([last]) => last !== gone));
      },
      () => {
        directory = pick(directories);
      },
      async () => {
        // Of one that rules, so that it can be seen when the file has been noticed.
        const known = [...ruling.values()].flatMap((virtual) => virtual.servers);
        if (known.length === 0) return;
        const path = join(pick(directories), `127.0.0.1:${pick(known)}`);
        if (!files.delete(path)) files.add(path);
        if (files.has(path)) await writeFile(path, '');
        else await rm(path);
      },
      () => {
        const window = `[maintenance rack]\nserver = 127.0.0.1:${pick(servers.ports)}\ndrainat = 2020-01-01 00:00\n`;
        return writeFile(settings, roll(2) === 0 ? '' : window);
      },
      () =>
        daemon.steering
          .setWeight({ server: `127.0.0.1:${pick(servers.ports)}`, virtual: null }, roll(9), null, forced)
          .catch(() => {}),
    ];

    /** Everybody is known to be as he is, and the table is as that asks for. */
    const settled = async (): Promise<void> => {
      await Promise.all(
        servers.ports.map((port) => daemon.checkNow({ server: `127.0.0.1:${port}`, virtual: null }).catch(() => {})),
      );
      await until('the servers are known', async () =>
        (await daemon.describe()).virtuals.every(({ name, servers: found }) => {
          const virtual = [...ruling].find(([last]) => name.includes(`192.0.2.${last}:`))?.[1];
          return found.every(({ name, decided, up, weight, wanted, held }) => {
            const port = virtual?.checkport ?? Number(name.split(':')[1]);
            const isKnown = virtual?.checktype !== 'negotiate' || (decided && up !== servers.sick.has(port));
            const isFound = files.has(join(rulingDirectory, name)) === (held?.includes('file ') ?? false);
            return isKnown && isFound && weight === wanted;
          });
        }),
      );
    };

    for (let step = 0; step < 12; step += 1) {
      servers.let();
      // One a step: a result that is on its way must not be taken for one of later.
      const port = pick(servers.ports);
      if (roll(2) === 0 && !servers.sick.delete(port)) servers.sick.add(port);
      for (const change of Array.from({ length: 1 + roll(3) }, () => pick(changes))) await change();
      const text = textOf(virtuals, directory);
      await settled();
      servers.shut();
      let standing = await backend.read();
      let planned = await daemon.plan({ text, name: 'test.cf', strict: false });
      // Results and files that were there before may have been put into the table meanwhile.
      await until('nothing else changes the table', async () => {
        const before = standing;
        standing = await backend.read();
        if (shown(standing) === shown(before)) return true;
        planned = await daemon.plan({ text, name: 'test.cf', strict: false });
        return false;
      });
      assert.ok(planned.ok);
      const all = planned.services.flatMap((service) => service.changes);
      const operations = (which: readonly PlannedChange['when'][]): Operation[] =>
        all.filter(({ when }) => which.includes(when)).map(({ operation }) => operation);
      await writeFile(file, text);
      assert.equal((await daemon.reload()).ok, true);
      ruling = virtuals;
      rulingDirectory = directory;
      const note = `step ${step} of\n${text}\n${all.map((change) => JSON.stringify(change)).join('\n')}`;
      assert.equal(shown(await backend.read()), await after(standing, operations([null, 'meanwhile'])), note);
      const wanted = await after(standing, operations([null, 'passed']));
      // Where a check that is awaited fails, things end otherwise than under the condition that it passes.
      const fails = [...virtuals].some(([last, virtual]) =>
        virtual.servers.some((port) => {
          const isWanted = new RegExp(`192\\.0\\.2\\.${last}:80 .*:${port} `).test(wanted);
          return isWanted && virtual.checktype === 'negotiate' && servers.sick.has(virtual.checkport ?? port);
        }),
      );
      if (fails) continue;
      servers.let();
      await settled();
      assert.equal(shown(await backend.read()), wanted, note);
    }
  });
}
