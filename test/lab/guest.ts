/** A User-Mode Linux guest: a kernel with real IPVS that runs one command on a throw-away copy of this file system. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repository } from '../helpers/repository.js';
import { neededLibraries, preloading } from './processor.js';

export interface GuestOptions {
  /** Run as root in this process' working directory; each argument arrives as it is. */
  readonly command: readonly string[];
  /** Set for the command, beside a small environment of the guest's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds from the start to the end, booting included. */
  readonly deadline: number;
  /** Whether systemd is the first process, so that units can be started; booting takes some seconds more. */
  readonly systemd?: boolean;
  /** Megabytes; taken from the host only as they are used. */
  readonly memory?: number;
  /** Gets what the command prints as it comes, standard output and standard error together. */
  readonly onOutput?: (text: string) => void;
}

export interface GuestResult {
  /** The command's exit status; null where it did not come to its end. */
  readonly status: number | null;
  /** Why it did not. */
  readonly failure?: string;
  /** What the guest's kernel said. */
  readonly console: string;
}

const defaultMemory = 1024;
/** What the supervisor exits with where the guest went down before the command ended. */
const neverEnded = 125;
/** Characters kept of the kernel's words: a kernel that panics in a loop must not fill this process. */
const consoleBound = 64 * 1024;

/**
 * Boots, runs the command, halts. When it settles, and also when this process dies meanwhile, no process and no
 * file of the guest is left. It takes about 3 s more than the command.
 */
export async function runInGuest(options: GuestOptions): Promise<GuestResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ldirectord-guest-'));
  const scripts = join(repository, 'test/lab');
  await copyFile(join(scripts, 'init.sh'), join(folder, 'init.sh'));
  await writeFile(join(folder, 'settings'), settings(folder, options));
  const preload = await preloading(neededLibraries(), folder);
  const child = spawn('sh', [join(scripts, 'supervise.sh'), folder, ...preload, ...kernel(folder, options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Out of reach of a terminal's interrupt: it is to clean up after that.
    detached: true,
  });
  child.stdin.on('error', () => {}); // It ended first.
  child.stdout.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
  let console = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    console = (console + text).slice(-consoleBound);
  });

  const late = new AbortController();
  const expired = sleep(options.deadline, true, { signal: late.signal }).catch(() => false);
  void expired.then((isLate) => isLate && child.stdin.end());
  const [code] = (await once(child, 'close')) as [number | null];
  late.abort();
  child.stdin.destroy();
  if (await expired) return { status: null, failure: `still running after ${options.deadline / 1000} s`, console };
  if (code === null || code === neverEnded) return { status: null, failure: 'the guest went down', console };
  return { status: code, console };
}

/** The kernel's command line: the host's root read-only, its words to standard error, one serial line for output. */
function kernel(folder: string, { memory = defaultMemory }: GuestOptions): string[] {
  const root = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `init=${folder}/init.sh`];
  const lines = ['con=null', 'con0=null,fd:2', 'ssl=null', 'ssl0=null,fd:1', 'quiet'];
  return ['linux.uml', `mem=${memory}M`, ...root, ...lines, `uml_dir=${folder}/`];
}

function settings(folder: string, { command, env = {}, systemd = false }: GuestOptions): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const line = command.map(quoted).join(' ');
  const init = systemd ? 'LAB_SYSTEMD=yes\n' : 'LAB_SYSTEMD=\n';
  return `${init}LAB_FOLDER=${quoted(folder)}\nLAB_DIR=${quoted(process.cwd())}\nLAB_COMMAND=${quoted(line)}\n${exports.join('')}`;
}

/** One word to a shell, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
