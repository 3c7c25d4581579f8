/** Runs nft(8), Debian's nftables: one table of the family inet, read and written as a whole. */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { readTable, type StandingTable } from './reading.js';
import type { PacketRules } from './rules.js';
import { type Counts, scriptOf } from './script.js';

/** Milliseconds; a table of thousands of rules takes a second on a slow machine. */
const usualDeadline = 15_000;
/** Bytes of output; ten thousand servers take less than one of these. */
const outputBound = 64 * 1024 * 1024;
/** Lines of what it says that people get to see. */
const longestReason = 2;

export type NftFaultCode =
  | 'nft-missing'
  | 'not-permitted'
  | 'kernel-lacks-it'
  | 'timed-out'
  | 'not-understood'
  | 'refused'
  /** By the journal. */
  | 'not-noted';

/** Why the table could not be read or written. */
export interface NftFault {
  readonly code: NftFaultCode;
  /** One line, with what to do about it. */
  readonly message: string;
}

export type NftAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: NftFault };

/** What the keeper needs of it. */
export interface Nft {
  /** Null where there is no such table. Never rejects. */
  read(table: string): Promise<NftAnswer<StandingTable | null>>;
  /** Puts these into the place of the table, all of it or nothing; no rules is no table. Never rejects. */
  write(table: string, rules: PacketRules, counts: Counts): Promise<NftAnswer<null>>;
}

/** Whoever is not root often lacks the folders of the system's programs. */
const folders = (): string => `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** Whether the program is installed. */
export async function nftIsThere(path = folders()): Promise<boolean> {
  for (const folder of path.split(delimiter)) {
    const isHere = await access(join(folder, 'nft'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isHere) return true;
  }
  return false;
}

export function systemNft(program = 'nft', deadline = usualDeadline): Nft {
  const run = (args: readonly string[], input: string): Promise<Ended> => runProgram(program, args, input, deadline);
  return {
    async read(table) {
      const { fault, stdout, stderr } = await run(['-j', 'list', 'table', 'inet', table], '');
      if (fault === null) return understood(stdout);
      if (fault.code !== 'nft-missing' && /^Error: No such file or directory/m.test(stderr)) {
        return { ok: true, value: null };
      }
      return { ok: false, fault };
    },
    async write(table, rules, counts) {
      const { fault } = await run(['-f', '-'], scriptOf(table, rules, counts));
      return fault === null ? { ok: true, value: null } : { ok: false, fault };
    },
  };
}

function understood(text: string): NftAnswer<StandingTable> {
  try {
    return { ok: true, value: readTable(text) };
  } catch (error) {
    const message = `nft lists the table as nobody understands: ${(error as Error).message}`;
    return { ok: false, fault: { code: 'not-understood', message } };
  }
}

interface Ended {
  readonly fault: NftFault | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runProgram(program: string, args: readonly string[], input: string, deadline: number): Promise<Ended> {
  // What it says is read: in English.
  const env = { PATH: folders(), LC_ALL: 'C' };
  // Loaded where there are rules: who reads a file asks this module only whether the program is there.
  const { execFile } = process.getBuiltinModule('node:child_process');
  const limits = { timeout: deadline, killSignal: 'SIGKILL', maxBuffer: outputBound } as const;
  return new Promise<Ended>((resolve) => {
    const child = execFile(program, args, { env, cwd: '/', ...limits }, (error, stdout, stderr) => {
      resolve({ fault: error && faultOf(error, stderr), stdout, stderr });
    });
    // It may end before it has read everything.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    // Of what keeps a process from being started Node throws some at once, and tells some later.
  }).catch((error: Error) => ({ fault: faultOf(error, ''), stdout: '', stderr: '' }));
}

/** What each of these looks like in the words of nft, and what to do. */
const known: readonly (readonly [NftFaultCode, RegExp, string])[] = [
  ['not-permitted', /Operation not permitted|Permission denied/, 'run as root, or with CAP_NET_ADMIN'],
  [
    'kernel-lacks-it',
    /Operation not supported|Protocol not supported|Unable to initialize Netlink socket|Could not process rule: No such file or directory/,
    'the kernel needs nf_tables with the family inet, nft_ct, nft_masq and nft_objref: `modprobe nf_tables nft_masq`, or another kernel',
  ],
];

export function faultOf(
  error: Error & {
    readonly code?: string | number | null | undefined;
    readonly killed?: boolean | undefined;
    readonly signal?: string | null | undefined;
  },
  stderr: string,
): NftFault {
  if (error.code === 'ENOENT') {
    return { code: 'nft-missing', message: 'nft is not installed: `apt install nftables`' };
  }
  if (error.killed) return { code: 'timed-out', message: 'nft did not end in time, and was killed' };
  const said = reasonIn(stderr) || (error.signal ? `it was killed by ${error.signal}` : error.message);
  for (const [code, pattern, remedy] of known) {
    if (pattern.test(stderr)) return { code, message: `nft: ${said}: ${remedy}` };
  }
  return { code: 'refused', message: `nft: ${said}` };
}

/** `Error: …` without the place in a script that nobody has, and without the line that shows it. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /(?:Error: *)(.*)$/.exec(line)?.[1] ?? []);
  return [...new Set(lines)].slice(0, longestReason).join('; ');
}
