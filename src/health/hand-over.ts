/**
 * Who was up, from one run to the next, by name. A table that goes with the process that serves it says nothing to the
 * next one, which would send everybody to the fallbacks until its first checks have answered; and no table says for
 * whom `fallbackcommand` was called.
 */

import { unlink } from 'node:fs/promises';
import { readBounded } from '../system/bounded-file.js';
import { replaceFile } from '../system/replace-file.js';

/** Bytes. */
const largestFile = 16 * 1024 * 1024;
/** Milliseconds for one daemon to end and the next to begin. What is older may have died long since. */
const freshFor = 60_000;
const version = 1;

export interface HandedOver {
  /** Real servers in their virtuals. */
  readonly up: ReadonlySet<string>;
  /** Virtuals of which it was told that no real server is in use. */
  readonly unused: ReadonlySet<string>;
}

/** `now` in milliseconds since 1970. Rejects where the file cannot be written. */
export function handOver(path: string, { up, unused }: HandedOver, now: number): Promise<void> {
  return replaceFile(path, `${JSON.stringify({ v: version, at: now, up: [...up], unused: [...unused] })}\n`, 0o600);
}

/** Counts once, and nobody where it is old, or is none. Never rejects: checks will tell in any case. */
export async function takeOver(path: string, now: number): Promise<HandedOver> {
  try {
    const text = (await readBounded(path, largestFile)).toString('utf8');
    await unlink(path);
    return read(text, now);
  } catch {
    return nobody;
  }
}

const nobody: HandedOver = { up: new Set(), unused: new Set() };

function read(text: string, now: number): HandedOver {
  const { v, at, up, unused } = JSON.parse(text) as Record<string, unknown>;
  const isFresh = typeof at === 'number' && at <= now && now - at < freshFor;
  if (v !== version || !isFresh) return nobody;
  return { up: namesIn(up), unused: namesIn(unused) };
}

function namesIn(value: unknown): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []);
}
