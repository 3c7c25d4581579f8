/**
 * Connections that outlive the check that opened them, each until it is idle for too long. They hold up no exit
 * of the process. One check runs at a time, so that one connection for each is enough.
 */

import { performance } from 'node:perf_hooks';
import { atRelease } from '../release.js';
import type { Target } from './dial.js';
import { ProbeFailure } from './failure.js';
import type { HttpRequest, HttpResponse, Lasting } from './http-message.js';

/** Those of this thread; each is a descriptor. The connection of a check beyond is not kept. */
const bound = 16_384;
/** Milliseconds between two looks for those that are idle for too long. */
const sweepEvery = 250;
/** What a server says that has waited for a request for too long (RFC 9110, section 15.5.9). */
const requestTimeout = 408;

export interface Keep {
  /** Milliseconds that the connection may be idle. */
  readonly idle: number;
  /** Who has the same can use it: from `keyOf`. */
  readonly key: string;
}

interface Kept {
  readonly lasting: Lasting;
  readonly keep: Keep;
  /** Since when, as performance.now(); null while it is in use. */
  idleSince: number | null;
}

const all = new Map<string, Kept>();
let sweep: NodeJS.Timeout | null = null;

/**
 * Asks over a kept connection where there is one, and over a fresh one where there is none or the server has
 * closed it meanwhile. Rejects with a ProbeFailure, as `open` must.
 */
export async function askKept(
  request: HttpRequest,
  keep: Keep,
  open: () => Promise<Lasting>,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const kept = all.get(keep.key);
  if (kept !== undefined && kept.idleSince !== null) {
    try {
      const response = await asked(kept, request, signal);
      if (response.status !== requestTimeout) return response;
    } catch (error) {
      if (signal.aborted || !(error instanceof ProbeFailure) || error.phase === 'response body') throw error;
    }
  }
  return asked({ lasting: await open(), keep, idleSince: null }, request, signal);
}

/** What two requests must have in common to share a connection. Of certificates their digests. */
export function keyOf({ address, port, route, tls }: Target, version: '1.1' | '2', request: HttpRequest): string {
  const { host, path } = request;
  const { ca, client, ...options } = tls ?? { ca: null, client: null };
  const pems = [ca?.digest, client?.cert.digest, client?.key.digest];
  return JSON.stringify([address, port, route, version, tls === null ? null : options, pems, host, path]);
}

async function asked(kept: Kept, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { lasting } = kept;
  kept.idleSince = null;
  try {
    const response = await lasting.ask(request, signal);
    const settled = lasting.settled();
    if (settled !== null) await settled;
    if (lasting.ready && !signal.aborted && takesPlace(kept)) {
      kept.idleSince = performance.now();
      lasting.rest();
    }
    return response;
  } finally {
    if (kept.idleSince === null) await end(kept);
  }
}

/** Keeps it from now on, where nothing else is in its place; whether it is kept. */
function takesPlace(kept: Kept): boolean {
  const standing = all.get(kept.keep.key);
  if (standing !== undefined || all.size >= bound) return standing === kept;
  all.set(kept.keep.key, kept);
  kept.lasting.onGone = () => {
    if (kept.idleSince !== null) void end(kept);
  };
  sweep ??= setInterval(endOld, sweepEvery).unref();
  return true;
}

function endOld(): void {
  const now = performance.now();
  for (const kept of all.values()) {
    if (kept.idleSince !== null && now - kept.idleSince >= kept.keep.idle) void end(kept);
  }
}

async function end(kept: Kept): Promise<void> {
  if (all.get(kept.keep.key) === kept) all.delete(kept.keep.key);
  if (all.size === 0 && sweep !== null) {
    clearInterval(sweep);
    sweep = null;
  }
  await kept.lasting.close();
}

/** Ends every connection that is idle; those in use end with their checks. */
async function closeAll(): Promise<void> {
  const idle = [...all.values()].filter(({ idleSince }) => idleSince !== null);
  await Promise.all(idle.map(end));
}

atRelease(closeAll);
