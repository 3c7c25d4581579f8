/**
 * Connections that outlive the check that opened them, each until it is idle for too long. They hold up no exit
 * of the process. One check runs at a time, so that one connection for each is enough.
 */

import type { Target } from './dial.js';
import { ProbeFailure } from './failure.js';
import type { HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Idle ones of this thread; each is a descriptor. The connection of a check beyond is not kept. */
const bound = 16_384;

/** What to ask, and how. The same object for the same check, as far as can be. */
export interface Keeping {
  readonly target: Target;
  readonly request: HttpRequest;
  /** Milliseconds that it may be idle. */
  readonly keepFor: number;
}

/** Rejects with a ProbeFailure. */
export type Open = (signal: AbortSignal) => Promise<Lasting>;

interface Idle {
  readonly lasting: Lasting;
  readonly timer: NodeJS.Timeout;
}

const idle = new Map<string, Idle>();
const keys = new WeakMap<Keeping, string>();

/**
 * Asks over a kept connection where there is one, and over a fresh one where there is none or the server has
 * closed it meanwhile. Rejects with a ProbeFailure.
 */
export async function askKept(keeping: Keeping, open: Open, signal: AbortSignal): Promise<HttpResponse> {
  const key = keyOf(keeping);
  const kept = take(key);
  if (kept !== null) {
    try {
      return await asked(kept, key, keeping, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof ProbeFailure) || error.phase === 'response body') throw error;
    }
  }
  return asked(await open(signal), key, keeping, signal);
}

/** Ends every connection that is kept. */
export async function closeKeptConnections(): Promise<void> {
  await Promise.all([...idle.keys()].map((key) => take(key)?.close()));
}

async function asked(
  lasting: Lasting,
  key: string,
  { request, keepFor }: Keeping,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let kept = false;
  try {
    const response = await lasting.ask(request, signal);
    await lasting.settled();
    kept = lasting.ready && !signal.aborted && idle.size < bound && !idle.has(key);
    if (kept) keep(key, lasting, keepFor);
    return response;
  } finally {
    if (!kept) await lasting.close();
  }
}

function keep(key: string, lasting: Lasting, keepFor: number): void {
  const timer = setTimeout(() => void take(key)?.close(), keepFor).unref();
  idle.set(key, { lasting, timer });
  lasting.onGone = () => void take(key)?.close();
  lasting.rest();
}

/** From then on it is the caller's. */
function take(key: string): Lasting | null {
  const found = idle.get(key);
  if (found === undefined) return null;
  idle.delete(key);
  clearTimeout(found.timer);
  found.lasting.onGone = () => {};
  return found.lasting;
}

/** What two requests must have in common to share a connection. Of certificates their digests. */
function keyOf(keeping: Keeping): string {
  const known = keys.get(keeping);
  if (known !== undefined) return known;
  const { address, port, tls, alpn } = keeping.target;
  const { host, path } = keeping.request;
  const { ca, client, ...options } = tls ?? { ca: null, client: null };
  const pems = [ca?.digest, client?.cert.digest, client?.key.digest];
  const key = JSON.stringify([address, port, alpn, tls === null ? null : options, pems, host, path]);
  keys.set(keeping, key);
  return key;
}
