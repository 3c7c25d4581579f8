/** Several directors at once behind a router, as in `examples/cluster`: bird, frr and exabgp. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cli, Program } from '../../helpers/process.js';
import { repository } from '../../helpers/repository.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ip, run, runIn } from './command.js';
import { startDirectReals } from './direct-reals.js';
import { eventually } from './eventually.js';
import { buildMachines, type Machine } from './machines.js';
import { Meter } from './meter.js';
import { Director } from './pair.js';

export const service = '198.51.100.80';
export type Engine = 'bird' | 'frr' | 'exabgp';

const gateway = '10.1.0.1';
const machine = (name: string, address: string): Machine => ({ name, links: [['front', `${address}/24`]], gateway });
export const lb1 = machine('lb1', '10.1.0.11');
export const lb2 = machine('lb2', '10.1.0.12');
const reals = [machine('rs1', '10.1.0.21'), machine('rs2', '10.1.0.22')];
const router: Machine = {
  name: 'router',
  links: [
    ['outside', '203.0.113.1/24'],
    ['front', '10.1.0.1/24'],
  ],
  isRouter: true,
};
const client: Machine = { name: 'client', links: [['outside', '203.0.113.10/24']], gateway: '203.0.113.1' };

/** The client's meter, a router, two directors without programs yet, and two real servers for direct routing. */
export async function buildEcmp(t: TestContext, engine: Engine, connections = 100): Promise<Meter> {
  await run('modprobe', '-a', 'dummy', 'ip_vs_mh');
  await buildMachines(t, [client, router, lb1, lb2, ...reals]);
  await runIn('router', 'sysctl', '-qw', 'net.ipv4.fib_multipath_hash_policy=1');
  for (const { name } of [lb1, lb2]) {
    await ip('link add announce0 type dummy\nlink set announce0 up\n', name);
    // As announce0.network has it.
    if (engine === 'frr') await ip(`route add local ${service}/32 dev announce0\n`, name);
    await runIn(name, 'sysctl', '-qw', 'net.ipv4.vs.sloppy_tcp=1');
  }
  await startDirectReals(t, reals, service);
  return Meter.start(t, { namespace: 'client', host: service, port: 80, connections });
}

/** By which directors the router reaches the service. */
export async function waysOf(): Promise<string> {
  const route = await run('ip', '-n', 'router', 'route', 'show', service);
  const found = [...route.matchAll(/via 10\.1\.0\.1(\d)/g)].map(([, number]) => `lb${number}`);
  return found.toSorted().join(' ');
}

export async function waysAre(ways: string): Promise<void> {
  let found = '';
  await eventually(`the router has ways by '${ways}'`, async () => {
    found = await waysOf();
    return found === ways;
  }).catch(({ message }: Error) => {
    throw new Error(`${message}, and not '${found}'`);
  });
}

/** A file of the example, with the paths of this test, in its folder. */
async function fileOf(engine: Engine, name: string, folder: string): Promise<string> {
  const text = await readFile(`${repository}examples/cluster/${engine}/${name}`, 'utf8');
  const path = join(folder, name);
  await writeFile(path, adapted(engine, text, folder));
  return path;
}

function adapted(engine: Engine, text: string, folder: string): string {
  const script = `${repository}examples/cluster/${engine}/ldirectord.py`;
  return (
    text
      .replaceAll('/etc/exabgp/ldirectord.py', script)
      .replaceAll('/run/ldirectord-exabgp', `${folder}/pipe`)
      .replaceAll('log syslog all;', '')
      // Who waits for a test has no ten seconds.
      .replace(/^by = /m, 'hold = 1\nby = ')
  );
}

/** What speaks BGP on a machine. */
export class Speaker {
  readonly #t: TestContext;
  readonly #machine: string;
  readonly #engine: Engine;
  readonly #folder: string;
  #programs: Program[] = [];

  constructor(t: TestContext, name: string, engine: Engine, folder: string) {
    this.#t = t;
    this.#machine = name;
    // A router hears ExaBGP by BIRD.
    this.#engine = engine;
    this.#folder = folder;
  }

  async start(): Promise<void> {
    const isRouter = this.#machine === 'router';
    const folder = this.#folder;
    switch (isRouter && this.#engine === 'exabgp' ? 'bird' : this.#engine) {
      case 'bird': {
        const file = await fileOf(this.#engine, isRouter ? 'router.conf' : 'bird.conf', folder);
        this.#run('bird', '-f', '-c', file, '-s', join(folder, 'bird.ctl'), '-P', join(folder, 'bird.pid'));
        break;
      }
      case 'frr':
        await this.#startFrr(await fileOf('frr', `${this.#machine}.conf`, folder));
        break;
      case 'exabgp':
        this.#run('exabgp', await fileOf('exabgp', `${this.#machine}.conf`, folder));
        break;
    }
  }

  /** As somebody kills it. */
  async kill(): Promise<void> {
    for (const { child } of this.#programs) child.kill('SIGKILL');
    await Promise.all(this.#programs.map(({ exit }) => exit));
    this.#programs = [];
  }

  get said(): string {
    return this.#programs.map(({ text }) => text).join('\n');
  }

  async #startFrr(file: string): Promise<void> {
    // Its programs are another user's, and have to find their way there.
    const folder = `/tmp/frr-${this.#machine}`;
    await run('install', '-d', '-o', 'frr', '-g', 'frr', folder);
    const at = (name: string): string => join(folder, name);
    for (const name of ['zebra', 'bgpd', 'bfdd']) {
      const more = name === 'bfdd' ? ['--bfdctl', at('bfdd.sock')] : [];
      const common = ['-z', at('zserv.api'), '--vty_socket', folder, '-P', '0'];
      this.#run(`/usr/lib/frr/${name}`, '-f', '/dev/null', '-i', at(`${name}.pid`), ...common, ...more);
      await eventually(`${name} can be told`, () =>
        run('test', '-S', at(`${name}.vty`)).then(
          () => true,
          () => false,
        ),
      );
    }
    await runIn(this.#machine, 'vtysh', '--vty_socket', folder, '-f', file);
  }

  #run(program: string, ...args: readonly string[]): void {
    const env = {
      ...process.env,
      exabgp_daemon_daemonize: 'false',
      exabgp_daemon_drop: 'false',
      exabgp_daemon_user: 'root',
      exabgp_api_ack: 'false',
      exabgp_log_destination: 'stdout',
    };
    this.#programs.push(new Program(this.#t, 'ip', ['netns', 'exec', this.#machine, program, ...args], env));
  }
}

/** A director with our program and what speaks BGP, by the files of the example. */
export class Announcer {
  readonly director: Director;
  readonly speaker: Speaker;
  readonly #name: string;

  private constructor(name: string, director: Director, speaker: Speaker) {
    this.#name = name;
    this.director = director;
    this.speaker = speaker;
  }

  static async of(t: TestContext, at: Machine, engine: Engine): Promise<Announcer> {
    let folder = '';
    const files = ['ldirectord.cf', 'ldirectord.ini'];
    const director = await Director.of(t, at, engine, files);
    folder = director.folder;
    for (const file of files) {
      const path = join(folder, file);
      await writeFile(path, adapted(engine, await readFile(path, 'utf8'), folder));
    }
    if (engine === 'exabgp') await run('mkfifo', join(folder, 'pipe'));
    return new Announcer(at.name, director, new Speaker(t, at.name, engine, folder));
  }

  /** A verb of ours, there; gives what it prints. */
  verb(...words: readonly string[]): Promise<string> {
    const { folder } = this.director;
    const place = `LDIRECTORD_RUN_DIR=${folder}`;
    return runIn(this.#name, 'env', place, process.execPath, cli, join(folder, 'ldirectord.cf'), ...words);
  }

  get said(): string {
    return `${this.director.said}\n${this.speaker.said}`;
  }
}

export interface Ecmp {
  readonly meter: Meter;
  readonly first: Announcer;
  readonly second: Announcer;
}

/** Everything runs, and the router shares connections out among both directors. */
export async function startEcmp(t: TestContext, engine: Engine): Promise<Ecmp> {
  const meter = await buildEcmp(t, engine);
  const speaker = new Speaker(t, 'router', engine, await temporaryDirectory(t));
  await speaker.start();
  const [first, second] = [await Announcer.of(t, lb1, engine), await Announcer.of(t, lb2, engine)];
  // One after another: the guest has one processor.
  for (const { director } of [first, second]) await director.start();
  for (const one of [first, second]) await one.speaker.start();
  await waysAre('lb1 lb2').catch(({ message }: Error) => {
    throw new Error(`${message}\n${first.said}\n${second.said}\n${speaker.said}`);
  });
  return { meter, first, second };
}
