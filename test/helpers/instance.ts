/** An instance of the program in the background: a configuration in a folder of its own, and the verbs for it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { until } from './deadline.js';
import { cli } from './process.js';

const patience = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for instances that know each other. What runs in it is killed when the test ends. */
export class Instances {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #all: Instance[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.environment = { ...process.env, LDIRECTORD_RUN_DIR: folder };
  }

  static async open(t: TestContext): Promise<Instances> {
    const self = new Instances(await mkdtemp(join(tmpdir(), 'ldirectord-test-')));
    t.after(() => self.#close());
    return self;
  }

  /** Writes the file, its log in the same folder. */
  async create(name: string, text: string): Promise<Instance> {
    const instance = new Instance(this, name);
    this.#all.push(instance);
    await instance.write(text);
    return instance;
  }

  /** The folder goes last: the pid files are in it. */
  async #close(): Promise<void> {
    for (const instance of this.#all) {
      const pid = await instance.pid();
      if (pid !== null) process.kill(pid, 'SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class Instance {
  readonly file: string;
  readonly pidFile: string;
  readonly #log: string;
  readonly #instances: Instances;

  constructor(instances: Instances, name: string) {
    this.#instances = instances;
    this.file = join(instances.folder, name);
    this.pidFile = join(instances.folder, `ldirectord.${name}.pid`);
    this.#log = join(instances.folder, `${name}.log`);
  }

  write(text: string): Promise<void> {
    return writeFile(this.file, `logfile="${this.#log}"\n${text}`);
  }

  /** Runs the verb to its end, with further options before it. */
  run(verb: string, ...options: string[]): Promise<Ended> {
    return this.#run([...options, this.file, verb]);
  }

  /** Runs the verb to its end, with what follows it. */
  ask(verb: string, ...words: string[]): Promise<Ended> {
    return this.#run([this.file, verb, ...words]);
  }

  get environment(): NodeJS.ProcessEnv {
    return this.#instances.environment;
  }

  async #run(args: readonly string[]): Promise<Ended> {
    const child = spawn(process.execPath, [cli, '--backend', 'userspace', ...args], {
      env: this.#instances.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    });
    const words = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    const [code] = (await once(child, 'exit')) as [number | null];
    const [stdout, stderr] = await words;
    return { code, stdout, stderr };
  }

  /** Null where none runs. */
  async pid(): Promise<number | null> {
    const pid = Number(await readFile(this.pidFile, 'utf8').catch(() => ''));
    return pid > 0 && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(this.file) ? pid : null;
  }

  log(): Promise<string> {
    return readFile(this.#log, 'utf8').catch(() => '');
  }

  async logged(pattern: RegExp): Promise<void> {
    let log = '';
    const holds = async (): Promise<boolean> => {
      log = await this.log();
      return pattern.test(log);
    };
    await until(() => `${pattern} stands in\n${log}`, holds);
  }
}
