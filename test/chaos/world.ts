/** A daemon among things that break: what it is given, what it says, and what must always hold. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from '../../src/control/client.js';
import { until } from '../helpers/deadline.js';
import { freePort } from '../helpers/free-port.js';
import { cli } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import {
  type Mortal,
  type NameServer,
  type Relay,
  startMailbox,
  startMortal,
  startNameServer,
  startRelay,
  startSecureWeb,
  startSlowWeb,
  startWeb,
} from './outside.js';

/** Milliseconds that anything may take on the slowest machine. */
const patience = 90_000;

export interface WorldOptions {
  readonly backend: 'userspace' | 'kernel';
  /** Where the virtual services are. */
  readonly address: string;
}

export class World {
  readonly folder: string;
  readonly file: string;
  readonly settings: string;
  readonly log: string;
  readonly monitor: string;
  readonly maintenance: string;
  readonly orders: string;
  readonly program: string;
  readonly httpPort: number;
  readonly relay: Relay;
  readonly names: NameServer;
  readonly #mortal: Mortal;
  readonly #text: string;
  readonly #settingsText: string;
  readonly #healthy: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #backend: string;
  #lastOrder = 0;
  #logRead = 0;
  /** Milliseconds that it took to notice each death. */
  readonly noticed: number[] = [];
  pid = 0;

  private constructor(
    folder: string,
    options: WorldOptions,
    parts: { ports: Ports; relay: Relay; names: NameServer; mortal: Mortal; httpPort: number },
  ) {
    this.folder = folder;
    this.file = join(folder, 'chaos.cf');
    this.settings = join(folder, 'ldirectord.ini');
    this.log = join(folder, 'log', 'chaos.log');
    this.monitor = join(folder, 'log', 'monitor');
    this.maintenance = join(folder, 'maintenance');
    this.orders = join(folder, 'run', 'ldirectord.chaos.cf.orders');
    this.program = join(folder, 'told');
    this.httpPort = parts.httpPort;
    this.relay = parts.relay;
    this.names = parts.names;
    this.#mortal = parts.mortal;
    this.#backend = options.backend;
    const { text, healthy } = this.#configuration(options.address, parts.ports);
    this.#text = text;
    this.#healthy = healthy;
    this.#settingsText = `http = 127.0.0.1:${parts.httpPort}\nsmtpport = ${parts.relay.port}\nmaillimit = 100000\n`;
    // Names are asked of the test's own server: the daemon and what it starts see another /etc/resolv.conf.
    this.#environment = {
      ...process.env,
      LDIRECTORD_RUN_DIR: join(folder, 'run'),
      CHAOS_FOLDER: folder,
    };
  }

  static async open(t: TestContext, options: WorldOptions): Promise<World> {
    const folder = await temporaryDirectory(t);
    for (const name of ['run', 'log', 'maintenance']) await mkdir(join(folder, name));
    await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:2\n');
    const ports = {
      web: await startWeb(t),
      slow: await startSlowWeb(t),
      secure: await startSecureWeb(t),
      mailbox: await startMailbox(t),
    };
    const world = new World(folder, options, {
      ports,
      relay: await startRelay(t),
      names: await startNameServer(t),
      mortal: await startMortal(t),
      httpPort: await freePort(),
    });
    await writeFile(world.program, '#!/bin/sh\nexit 0\n');
    await chmod(world.program, 0o755);
    await world.restoreFiles();
    t.after(() => world.#end());
    return world;
  }

  /** The files as they should be, whatever became of them. */
  async restoreFiles(): Promise<void> {
    for (const [path, text] of [
      [this.file, this.#text],
      [this.settings, this.#settingsText],
    ] as const) {
      await rm(path, { recursive: true, force: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    }
  }

  get text(): string {
    return this.#text;
  }

  get settingsText(): string {
    return this.#settingsText;
  }

  #configuration(address: string, { web, slow, secure, mailbox }: Ports): { text: string; healthy: string[] } {
    const virtual = (port: number, ...lines: string[]): string =>
      `virtual = ${address}:${port}\n${lines.map((line) => `\t${line}\n`).join('')}`;
    const healthy = [
      virtual(8001, `real = 127.0.0.1:${web} masq`, 'service = http', `monitorfile = ${this.monitor}`),
      virtual(8002, `real = web.chaos.test:${web} masq`, 'service = http', 'request = "named"'),
      virtual(8003, `real = 127.0.0.1:${secure} masq`, 'service = https'),
      virtual(8004, `real = 127.0.0.1:${mailbox} masq`, 'service = smtp'),
      virtual(8005, `real = 127.0.0.1:${web} masq`, 'checktype = connect'),
      virtual(8006, `real = 127.0.0.1:${web} masq`, 'checktype = external', 'checkcommand = /bin/true'),
      virtual(8007, `real = 127.0.0.1:${web} masq`, 'checktype = ping'),
      virtual(8009, `real = 127.0.0.1:${slow} masq`, 'service = http', 'request = "slow"'),
    ];
    const text = [
      'checkinterval = 1\nchecktimeout = 8\nnegotiatetimeout = 8\nautoreload = yes\nquiescent = no\n',
      `logfile = "${this.log}"\nmaintenancedir = ${this.maintenance}\n`,
      `emailalert = root@chaos.test\nemailalertfrom = director@chaos.test\nsmtp = 127.0.0.1\n`,
      `callback = "${this.program}"\nfallbackcommand = ${this.program}\nfallback = 127.0.0.1:${mailbox} masq\n\n`,
      ...healthy,
      virtual(8000, `real = 127.0.0.1:${this.#mortal.port} masq`, 'service = http', `request = "mortal"`),
    ].join('\n');
    return { text, healthy: [8001, 8002, 8003, 8004, 8005, 8006, 8007, 8009].map((port) => `${address}:${port}`) };
  }

  /** Starts it in the background, as an administrator does. */
  async start(): Promise<void> {
    const { code, stderr } = await this.run('start');
    assert.equal(code, 0, stderr);
    this.pid = await this.#pidNow();
    await this.inUse();
    await this.settled();
  }

  /** Runs a verb to its end. What it starts is watched from within. */
  async run(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const starts = words[0] === 'start' || words[0] === 'restart';
    const inside = fileURLToPath(new URL('./inside.js', import.meta.url));
    const options = starts ? ['--import', inside] : [];
    const bind = `mount --make-rprivate / && mount --bind "$0" /etc/resolv.conf && exec "$@"`;
    const command = [process.execPath, ...options, cli, '--backend', this.#backend, this.file, ...words];
    const child = spawn('unshare', ['--mount', 'sh', '-c', bind, join(this.folder, 'resolv.conf'), ...command], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    });
    const output = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    const [code] = (await once(child, 'exit')) as [number | null];
    const [stdout, stderr] = await output;
    return { code, stdout, stderr };
  }

  /** Has the daemon break something of its own. */
  async order(kind: string): Promise<void> {
    this.#lastOrder += 1;
    await writeFile(join(this.folder, 'order.new'), `${this.#lastOrder} ${kind}`);
    await rename(join(this.folder, 'order.new'), join(this.folder, 'order'));
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** A connection to the status page, whose errors are nobody's affair. */
  visitor(): ReturnType<typeof connect> {
    return connect({ host: '127.0.0.1', port: this.httpPort }).on('error', () => {});
  }

  /** A death among the servers is acted on, and a return: everything else must be as it was. */
  async settled(): Promise<void> {
    await this.#isServed(true);
    this.#mortal.die();
    const begin = performance.now();
    await this.#isServed(false);
    this.noticed.push(performance.now() - begin);
    this.#mortal.revive();
    await this.#isServed(true);
    await this.wellBeing();
  }

  /** Every healthy server is in use, and none was ever taken out. */
  async wellBeing(): Promise<void> {
    assert.equal(await this.#pidNow(), this.pid, `another daemon runs, or none: ${await this.#tail()}`);
    const log = await readFile(this.log, 'utf8').catch(() => '');
    const fresh = log.slice(this.#logRead);
    this.#logRead = log.length;
    const wrong = fresh
      .split('\n')
      .filter(
        (line) =>
          /(?:Deleted|Quiescent|Purged) real server/.test(line) &&
          line.includes(' 127.0.0.1:') &&
          !line.includes(':8000)'),
      );
    assert.deepEqual(wrong, [], await this.#tail());
    assert.deepEqual(await this.#idle(), [], await this.#tail());
  }

  /** Settles when every healthy server is in use. */
  async inUse(): Promise<void> {
    await until('every healthy server is in use', async () => (await this.#idle()).length === 0, patience);
  }

  async #idle(): Promise<string[]> {
    const virtuals = await this.#virtuals();
    return this.#healthy.filter((name) => !virtuals.some((one) => one.name === name && one.inUse && one.stands));
  }

  /** Asked without a program for each question, which would take most of the time. */
  async #virtuals(): Promise<Listed[]> {
    const found: Listed[] = [];
    const path = join(this.folder, 'run', 'ldirectord.chaos.cf.sock');
    for await (const data of ask(path, 'list')) found.push(data as Listed);
    return found.filter(({ name }) => name !== undefined);
  }

  /** Emitters that had no listener for their errors at some time: each kind once, with where it came from. */
  async unheard(): Promise<string[]> {
    const text = await readFile(join(this.folder, 'unheard'), 'utf8').catch(() => '');
    return [...new Set(text.split('\n\n'))].filter((entry) => entry !== '');
  }

  async #isServed(wanted: boolean): Promise<void> {
    let last = '';
    const holds = async (): Promise<boolean> => {
      if (!this.#isAlive()) throw new Error(`the daemon has ended: ${await this.#tail()}`);
      try {
        const found = (await this.#virtuals()).find(({ name }) => name.endsWith(':8000'));
        last = JSON.stringify(found);
        // The decision goes before the table: who looks at that next is to find it done.
        return found?.inUse === wanted && [...found.servers, ...found.fallbacks].every(isAsWanted);
      } catch (error) {
        last = (error as Error).message;
        return false;
      }
    };
    await until(() => `the mortal server is ${wanted ? 'in' : 'out of'} use: ${last}`, holds, patience);
  }

  #isAlive(): boolean {
    try {
      return process.kill(this.pid, 0);
    } catch {
      return false;
    }
  }

  async #pidNow(): Promise<number> {
    return Number(await readFile(join(this.folder, 'run', 'ldirectord.chaos.cf.pid'), 'utf8').catch(() => '0'));
  }

  async #tail(): Promise<string> {
    const log = await readFile(this.log, 'utf8').catch((error: Error) => error.message);
    const crash = await readFile(join(this.folder, 'crash'), 'utf8').catch(() => '');
    return `${log.split('\n').slice(-60).join('\n')}\n${crash}`;
  }

  /** The file is touched, so that `callback` runs. */
  async touch(): Promise<void> {
    await writeFile(this.file, `${this.#text}# touched\n`);
    await sleep(1_500);
    await this.restoreFiles();
  }

  async adopt(): Promise<void> {
    this.pid = await this.#pidNow();
  }

  /** By its number as it was last known: its folder may be gone by now. */
  #end(): void {
    if (this.pid === 0 || !this.#isAlive()) return;
    process.kill(this.pid, 'SIGKILL');
  }
}

/** Of a listing, as much as is looked at. */
interface Listed {
  readonly name: string;
  readonly inUse: boolean;
  readonly stands: boolean;
  readonly servers: readonly ListedServer[];
  readonly fallbacks: readonly ListedServer[];
}

/** With its weight in the table; null is outside of it. */
interface ListedServer {
  readonly wanted: number | null;
  readonly weight: number | null;
}

function isAsWanted({ wanted, weight }: ListedServer): boolean {
  return wanted === weight;
}

interface Ports {
  readonly web: number;
  readonly slow: number;
  readonly secure: number;
  readonly mailbox: number;
}
