/** An instance of the program in the background: a configuration in a folder of its own, and the verbs for it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { until } from './deadline.js';
import { cli } from './process.js';
import { temporaryDirectory } from './temporary-directory.js';

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
  readonly #t: TestContext;

  private constructor(t: TestContext, folder: string) {
    this.#t = t;
    this.folder = folder;
    this.environment = { ...process.env, LDIRECTORD_RUN_DIR: folder };
  }

  static async open(t: TestContext): Promise<Instances> {
    return new Instances(t, await temporaryDirectory(t));
  }

  /** Writes the file, its log in the same folder. */
  async create(name: string, text: string): Promise<Instance> {
    const instance = new Instance(this, name);
    await instance.write(text);
    // Before the folder goes, which was there first.
    this.#t.after(async () => {
      const pid = await instance.pid();
      if (pid !== null) process.kill(pid, 'SIGKILL');
    });
    return instance;
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
  async run(verb: string, ...options: string[]): Promise<Ended> {
    const args = [cli, '--backend', 'userspace', ...options, this.file, verb];
    const child = spawn(process.execPath, args, {
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
