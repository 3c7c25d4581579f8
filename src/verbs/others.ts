/** The other instances that a configuration's `execute` names, and that start, reload and stop along with it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findConfiguration } from '../config/find.js';
import type { Publish } from '../events.js';
import { withoutDebugger } from '../process/debugger-signal.js';
import { isGoneWithin, signal } from '../process/ending.js';
import { pidFilePath, readPidFile } from '../process/pid-file.js';
import { namesakeOf } from './namesake.js';

/** Names, separated by slashes, of the instances that started this one: it leaves them alone, or it would go round. */
const chain = 'LDIRECTORD_ALONG_WITH';
/** Milliseconds that another instance has to start or to end. */
const patience = 60_000;
/** Characters kept of what a start complains of. */
const longestComplaint = 2_000;

export interface OthersOptions {
  /** The instance that speaks. */
  readonly name: string;
  /** Options of this instance that hold for the others, too. */
  readonly options: readonly string[];
  readonly publish: Publish;
}

export class Others {
  readonly #options: OthersOptions;
  readonly #before: readonly string[];

  constructor(options: OthersOptions) {
    this.#options = options;
    this.#before = [...(process.env[chain]?.split('/') ?? []), options.name];
  }

  /** Those that run go on as they are. */
  async start(configurations: readonly string[]): Promise<void> {
    await this.#each(configurations, async (configuration, pid) => {
      if (pid === null) await this.#start(configuration);
    });
  }

  async reload(configurations: readonly string[]): Promise<void> {
    await this.#each(configurations, async (_, pid) => {
      if (pid !== null) signal(pid, 'SIGHUP');
    });
  }

  /** Settles when they are gone. */
  async end(configurations: readonly string[], by: NodeJS.Signals): Promise<void> {
    await this.#each(configurations, async (_, pid) => {
      if (pid === null || !signal(pid, by)) return;
      if (!(await isGoneWithin(pid, patience))) throw new Error(`still runs after ${patience / 1_000} s`);
    });
  }

  async #each(
    configurations: readonly string[],
    act: (configuration: string, pid: number | null) => Promise<void>,
  ): Promise<void> {
    await Promise.all([...new Set(configurations)].map((configuration) => this.#one(configuration, act)));
  }

  async #one(configuration: string, act: (configuration: string, pid: number | null) => Promise<void>): Promise<void> {
    const { file, name } = await findConfiguration(configuration);
    if (this.#before.includes(name)) return;
    try {
      const standing = await readPidFile(pidFilePath(name, process.env));
      const pid = standing.state === 'running' ? standing.pid : null;
      const other = pid === null ? null : await namesakeOf(pid, file);
      if (other !== null) throw new Error(`${other} runs by the same name; rename one of the two files`);
      await act(configuration, pid);
    } catch (error) {
      this.#options.publish({ type: 'other-failed', instance: name, reason: (error as Error).message });
    }
  }

  async #start(configuration: string): Promise<void> {
    const [, program = ''] = process.argv;
    const child = spawn(
      process.execPath,
      [...withoutDebugger(), program, ...this.#options.options, configuration, 'start'],
      {
        env: { ...process.env, [chain]: this.#before.join('/') },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: patience,
      },
    );
    // Whoever waits for its end gets an error as well; one may come when nobody does.
    child.on('error', () => {});
    let complaint = '';
    // Where this process is out of descriptors, there is no stream.
    child.stderr?.on('error', () => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, longestComplaint);
    });
    // `exit` and not `close`: what stays in the background may keep the pipe.
    const [code] = (await once(child, 'exit')) as [number | null];
    child.stderr?.destroy();
    if (code !== 0) throw new Error(`does not start: ${complaint.trim() || `exit status ${code}`}`);
  }
}
