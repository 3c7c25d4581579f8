/** Real server software on loopback for tests: started in the foreground, waited for, stopped by process id. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';

/** What a configuration can be made of. */
export interface Place {
  readonly address: string;
  readonly port: number;
  /** A directory of the server's own, which goes with it. */
  readonly directory: string;
}

export interface ServerSpec {
  readonly program: string;
  readonly args: (place: Place) => readonly string[];
  /** Contents by path below the directory. */
  readonly files?: (place: Place) => Readonly<Record<string, string>>;
  /** Runs before the program starts, to make a database for instance. */
  readonly prepare?: (place: Place) => Promise<void>;
  /** Whether the server is there; by default, whether its port accepts a connection. */
  readonly ready?: (place: Place) => Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
  /** For programs that must not run as root. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface ServerProgram extends Place {
  /** Null where it does not run. */
  readonly pid: number | null;
  /** What it and its children have written: for messages of failed tests. */
  log(): string;
  /** Stops it in the middle of whatever it does (SIGSTOP), with its children. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  /** Ends it with its children, at once. */
  end(): Promise<void>;
  /** Starts it again where it was, once it has ended. Rejects as its first start. */
  again(): Promise<void>;
  /** Ends it and removes its directory. */
  close(): Promise<void>;
}

/** Milliseconds for a server to come up on a busy machine. */
const patience = 30_000;
const logBound = 64 * 1024;

/** Starts a server on a free port. Rejects with its log where it ends or does not accept in time. */
export async function startServer(spec: ServerSpec): Promise<ServerProgram> {
  const address = '127.0.0.1';
  const port = await freePort(address);
  const directory = await mkdtemp(join(tmpdir(), 'ldirectord-server-'));
  const place: Place = { address, port, directory };
  for (const [name, text] of Object.entries(spec.files?.(place) ?? {})) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  let running: Running | null = null;
  const end = async (): Promise<void> => running?.end();
  const again = async (): Promise<void> => {
    running = new Running(spec, place);
    await running.accepting(spec.ready ?? acceptsConnection, place);
  };
  const close = async (): Promise<void> => {
    await end();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await spec.prepare?.(place);
    await again();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...place,
    get pid() {
      return running?.pid ?? null;
    },
    log: () => running?.log ?? '',
    freeze: () => running?.freeze(),
    thaw: () => running?.signal('SIGCONT'),
    end,
    again,
    close,
  };
}

class Running {
  readonly #name: string;
  /** Leads a process group of its own, so that its children go with it. */
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  #ended: string | null = null;
  #log = '';

  constructor({ program, args, env, uid, gid }: ServerSpec, place: Place) {
    this.#name = program;
    const owner = { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
    const child = spawn(program, args(place), {
      cwd: place.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      // What it says is compared, in whatever language the tests run.
      env: { ...process.env, LC_ALL: 'C', ...env },
      ...owner,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-logBound);
      });
    }
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
    });
    void this.#exited.then((how) => {
      this.#ended = how;
    });
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get log(): string {
    return this.#log;
  }

  async accepting(ready: (place: Place) => Promise<boolean>, place: Place): Promise<void> {
    const deadline = performance.now() + patience;
    while (!(await ready(place))) {
      const late = performance.now() > deadline ? `not there after ${patience} ms` : null;
      const why = this.#ended ?? late;
      if (why !== null) throw new Error(`${this.#name}: ${why}\n${this.#log}`);
      await sleep(20);
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nothing of it is left.
    }
  }

  /** A thread that runs stops a moment after the signal: it may have answered meanwhile. */
  freeze(): void {
    this.signal('SIGSTOP');
    const deadline = performance.now() + patience;
    while (performance.now() < deadline && !isStopped(this.#child.pid ?? 0));
  }

  async end(): Promise<void> {
    this.signal('SIGKILL');
    await this.#exited;
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

/** Whether all threads of all processes of a group are; also where none is left (proc_pid_stat(5)). */
function isStopped(group: number): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, state, , of] = statOf(`/proc/${pid}/stat`);
      if (Number(of) !== group || state === 'Z') continue;
      const threads = readdirSync(`/proc/${pid}/task`);
      if (threads.some((thread) => !/^[TtZX]$/.test(statOf(`/proc/${pid}/task/${thread}/stat`)[1] ?? ''))) return false;
    } catch {
      // It has ended meanwhile.
    }
  }
  return true;
}

/** The name of the program, which may have blanks and parentheses, is the first word. */
function statOf(file: string): string[] {
  const text = readFileSync(file, 'latin1');
  const end = text.lastIndexOf(')') + 1;
  return [text.slice(0, end), ...text.slice(end).trim().split(' ')];
}

/** Whether a connection to the server's port is accepted. */
export function acceptsConnection({ address, port }: Pick<Place, 'address' | 'port'>): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
