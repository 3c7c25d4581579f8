/** Drives oracle.pl: what the installed reference implementation understands of configuration texts. */

import { spawn, spawnSync } from 'node:child_process';
import { text as textOf } from 'node:stream/consumers';
import { repository } from './repository.js';

export interface OracleServer {
  readonly server: string;
  readonly port: string | number | null;
  readonly forward: string;
  readonly weight: string | number;
  readonly 'u-threshold'?: string | number;
  readonly 'l-threshold'?: string | number;
  readonly request?: string;
  readonly receive?: string | null;
}

export type OracleValue = string | number | null | undefined;

type InheritedKey =
  | 'checkcount'
  | 'checkinterval'
  | 'checktimeout'
  | 'cleanstop'
  | 'emailalert'
  | 'emailalertfreq'
  | 'emailalertstatus'
  | 'failurecount'
  | 'fallbackcommand'
  | 'negotiatetimeout'
  | 'quiescent'
  | 'smtp';

type VirtualKey =
  | InheritedKey
  | 'addressfamily'
  | 'checkcommand'
  | 'checkport'
  | 'checktype'
  | 'comment'
  | 'database'
  | 'fwm'
  | 'httpmethod'
  | 'login'
  | 'monitorfile'
  | 'netmask'
  | 'num_connects'
  | 'ops'
  | 'passwd'
  | 'persistent'
  | 'port'
  | 'protocol'
  | 'receive'
  | 'request'
  | 'schedflags'
  | 'scheduler'
  | 'secret'
  | 'server'
  | 'service'
  | 'servicename'
  | 'virtualhost';

type GlobalKey =
  | InheritedKey
  | 'autoreload'
  | 'callback'
  | 'emailalertfrom'
  | 'fork'
  | 'logfile'
  | 'maintenancedir'
  | 'readdquiescent'
  | 'supervised';

export type OracleVirtual = { readonly [K in VirtualKey]?: OracleValue } & {
  readonly fallback?: OracleServer;
  readonly real?: readonly OracleServer[];
};

export type OracleGlobal = { readonly [K in GlobalKey]?: OracleValue } & {
  readonly fallback: { readonly tcp: OracleServer } | null;
  readonly fallback6?: { readonly tcp: OracleServer } | null;
  readonly execute: readonly string[];
};

export interface Understood {
  readonly ok: true;
  readonly global: OracleGlobal;
  readonly virtual: readonly OracleVirtual[];
  /** The address that each name was given, by `NAME inet` or `NAME inet6`. */
  readonly hosts: Readonly<Record<string, string>>;
}

export interface Rejected {
  readonly ok: false;
  readonly line: number;
  readonly message: string;
}

export type Verdict = Understood | Rejected;

const script = `${repository}test/helpers/oracle.pl`;

/** Why the oracle cannot be asked here; false where it can. Fits the `skip` of a test. */
export const oracleMissing: string | false =
  spawnSync('perl', [script], { input: '', timeout: 20_000 }).status === 0
    ? false
    : 'the reference implementation is not installed';

/** Milliseconds in which at least one more text is answered, on a busy machine too. */
const patience = 60_000;

/** One process answers all the texts, in order. Rejects where it fails, or says nothing for too long. */
export async function askOracle(texts: readonly string[]): Promise<Verdict[]> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(new Error('the oracle stalls')), patience).unref();
  const oracle = spawn('perl', [script], { stdio: ['pipe', 'pipe', 'inherit'], signal: stalled.signal });
  oracle.stdout.on('data', () => timer.refresh());
  const exited = new Promise<number | null>((resolve, reject) => {
    oracle.once('error', (error) => reject(stalled.signal.aborted ? stalled.signal.reason : error));
    oracle.once('close', resolve);
  });
  exited.catch(() => {}); // Asked below.
  oracle.stdin.on('error', () => {}); // The exit status tells.
  for (const text of texts) oracle.stdin.write(`${Buffer.byteLength(text)}\n${text}`);
  oracle.stdin.end();
  // Not node:readline, which ends lines at U+2028 too, and a string in JSON can hold that.
  const lines = (await textOf(oracle.stdout)).split('\n');
  const verdicts: Verdict[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  const status = await exited;
  if (status !== 0 || verdicts.length !== texts.length) {
    throw new Error(`the oracle ended with status ${status} after ${verdicts.length} of ${texts.length} texts`);
  }
  return verdicts;
}
