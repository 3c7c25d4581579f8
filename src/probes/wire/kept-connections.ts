/**
 * Connections that outlive the check that opened them, each until it is idle for too long. They hold up no exit
 * of the process. One check runs at a time, so that one connection for each is enough.
 */

import { atRelease } from '../release.js';
import type { Target } from './dial.js';
import { ProbeFailure } from './failure.js';
import type { HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Idle ones of this thread; each is a descriptor. The connection of a check beyond is not kept. */
const bound = 16_384;
/** Beyond, a timer would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** What to ask, and how. The same object for the same check, as far as can be. */
export interface Keeping {
  readonly target: Target;
  readonly version: '1.1' | '2';
  readonly request: HttpRequest;
  /** Milliseconds that it may be idle. */
  readonly keepFor: number;
}

/** Rejects with a ProbeFailure. */
export type Open = (keeping: Keeping, signal: AbortSignal) => Promise<Lasting>;

interface Kept {
  readonly lasting: Lasting;
  /** Runs while it is in use too, and then ends nothing. */
  readonly timer: NodeJS.Timeout;
}

/** Those that are idle. */
const idle = new Map<string, Kept>();
const keys = new WeakMap<Keeping, string>();

/**
 * Asks over a kept connection where there is one, and over a fresh one where there is none or the server has
 * closed it meanwhile. Rejects with a ProbeFailure.
 */
export async function askKept(keeping: Keeping, open: Open, signal: AbortSignal): Promise<HttpResponse> {
  const key = keyOf(keeping);
  const kept = idle.get(key);
  if (kept !== undefined) {
    idle.delete(key);
    try {
      return await asked(kept, key, keeping, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProbeFailure) || error.phase === 'response body') throw error;
    }
  }
  return asked(keepable(await open(keeping, signal), key, keeping), key, keeping, signal);
}

/** Ends every connection that is kept. */
async function closeAll(): Promise<void> {
  const all = [...idle.values()];
  idle.clear();
  await Promise.all(all.map(end));
}

atRelease(closeAll);

async function asked(kept: Kept, key: string, { request }: Keeping, signal: AbortSignal): Promise<HttpResponse> {
  const { lasting, timer } = kept;
  try {
    const response = await lasting.ask(request, signal);
    const settled = lasting.settled();
    if (settled !== null) await settled;
    if (lasting.ready && !signal.aborted && idle.size < bound && !idle.has(key)) {
      idle.set(key, kept);
      timer.refresh();
      lasting.rest();
    }
    return response;
  } finally {
    if (idle.get(key) !== kept) await end(kept);
  }
}

function keepable(lasting: Lasting, key: string, { keepFor }: Keeping): Kept {
  const forget = () => {
    if (idle.get(key) !== kept) return;
    idle.delete(key);
    void end(kept);
  };
  const kept = { lasting, timer: setTimeout(forget, Math.min(keepFor, longestTimer)).unref() };
  lasting.onGone = forget;
  return kept;
}

function end({ lasting, timer }: Kept): Promise<void> {
  clearTimeout(timer);
  return lasting.close();
}

/** What two requests must have in common to share a connection. Of certificates their digests. */
function keyOf(keeping: Keeping): string {
  const known = keys.get(keeping);
  if (known !== undefined) return known;
  const { address, port, route, tls } = keeping.target;
  const { host, path } = keeping.request;
  const { ca, client, ...options } = tls ?? { ca: null, client: null };
  const pems = [ca?.digest, client?.cert.digest, client?.key.digest];
  const key = JSON.stringify([address, port, route, keeping.version, tls === null ? null : options, pems, host, path]);
  keys.set(keeping, key);
  return key;
}
