/** Two directors and what is around them, as in `examples/cluster`: each is a namespace with programs of its own. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cli, Program } from '../../helpers/process.js';
import { repository } from '../../helpers/repository.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { run, runIn } from './command.js';
import { startDirectReals } from './direct-reals.js';
import { eventually } from './eventually.js';
import { buildMachines, type Machine } from './machines.js';
import { Meter, type MeterOptions } from './meter.js';

export const service = '198.51.100.80';
/** The same in IPv6. */
export const service6 = '2001:db8:51::80';

export const lb1: Machine = {
  name: 'lb1',
  links: [
    ['front', '198.51.100.11/24', '2001:db8:51::11/64'],
    ['pair', '192.168.51.1/30'],
  ],
};
export const lb2: Machine = {
  name: 'lb2',
  links: [
    ['front', '198.51.100.12/24', '2001:db8:51::12/64'],
    ['pair', '192.168.51.2/30'],
  ],
};

const reals = [
  { name: 'rs1', links: [['front', '198.51.100.21/24', '2001:db8:51::21/64']] },
  { name: 'rs2', links: [['front', '198.51.100.22/24', '2001:db8:51::22/64']] },
] as const satisfies readonly Machine[];

/** The client's meter, in a network with both directors and two real servers that are set up for direct routing. */
export async function buildPair(t: TestContext, how: Pick<MeterOptions, 'pace' | 'rest'> = {}): Promise<Meter> {
  const client: Machine = { name: 'client', links: [['front', '198.51.100.10/24', '2001:db8:51::10/64']] };
  await buildMachines(t, [client, lb1, lb2, ...reals]);
  await startDirectReals(t, reals, service, service6);
  return Meter.start(t, { namespace: 'client', host: service, port: 80, ...how });
}

/** A director's files of an example, and our program on it. */
export class Director {
  readonly machine: Machine;
  /** Where its files stand. */
  readonly folder: string;
  readonly #t: TestContext;
  #ours: Program | null = null;

  private constructor(t: TestContext, machine: Machine, folder: string) {
    this.#t = t;
    this.machine = machine;
    this.folder = folder;
  }

  /** `change` is for what namespaces of one machine have in common, and for tests that cannot wait. */
  static async of(
    t: TestContext,
    machine: Machine,
    example: string,
    files: readonly string[],
    change: (text: string) => string = (text) => text,
  ): Promise<Director> {
    const folder = join(await temporaryDirectory(t), machine.name);
    await mkdir(folder);
    for (const file of files) {
      const text = await readFile(`${repository}examples/cluster/${example}/${file}`, 'utf8');
      const own = text.replaceAll('/run/ldirectord.fitness', `${folder}/fitness`);
      await writeFile(join(folder, file), change(own));
    }
    return new Director(t, machine, folder);
  }

  /** Starts our program, in the foreground. */
  async start(): Promise<Program> {
    const file = join(this.folder, 'ldirectord.cf');
    const env = { ...process.env, LDIRECTORD_RUN_DIR: this.folder };
    const ours = new Program(
      this.#t,
      ...this.inside(process.execPath, cli, '-d', '--backend', 'kernel', file, 'start'),
      env,
    );
    this.#ours = ours;
    await ours.line(/Starting Linux Director/);
    return ours;
  }

  /** To our program. */
  signal(name: NodeJS.Signals): void {
    this.#ours?.child.kill(name);
  }

  /** What a verb prints; rejects where it fails. */
  ask(...words: readonly string[]): Promise<string> {
    const env = [`LDIRECTORD_RUN_DIR=${this.folder}`, process.execPath, cli];
    return runIn(this.machine.name, 'env', ...env, join(this.folder, 'ldirectord.cf'), ...words);
  }

  /** As somebody kills it. */
  async kill(): Promise<void> {
    this.#ours?.child.kill('SIGKILL');
    await this.#ours?.exit;
  }

  /** Both real servers stand in its table. */
  async serves(): Promise<void> {
    await eventually(`${this.machine.name} has its table`, async () => {
      const table = await runIn(this.machine.name, 'ipvsadm', '-Sn');
      return reals.every(({ links: [[, address]] }) => table.includes(` -r ${address.split('/')[0]}:80 -g -w 1`));
    });
  }

  /** Which synchronization daemons run: `master`, `backup`, or both. */
  async syncs(): Promise<string> {
    const told = await runIn(this.machine.name, 'ipvsadm', '-L', '--daemon');
    return [...told.matchAll(/(master|backup) sync daemon/g)].map(([, state]) => state).join(' ');
  }

  async holds(): Promise<boolean> {
    return (await run('ip', '-n', this.machine.name, '-o', '-4', 'addr', 'show')).includes(` ${service}/32 `);
  }

  /** Connections of clients in its table. */
  async connections(): Promise<number> {
    const table = await runIn(this.machine.name, 'ipvsadm', '-Lcn');
    return table.split('\n').filter((line) => / ESTABLISHED /.test(line)).length;
  }

  inside(program: string, ...args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.machine.name, program, ...args]];
  }

  /** What our program has said. */
  get said(): string {
    return this.#ours?.text ?? '';
  }
}
