/**
 * Who was up, from one run to the next, by name. A table that goes with the process that serves it says nothing to the
 * next one, which would send everybody to the fallbacks until its first checks have answered.
 */

import { rename, unlink, writeFile } from 'node:fs/promises';
import { readBounded } from '../config/bounded-file.js';

/** Bytes. */
const largestFile = 16 * 1024 * 1024;
/** Milliseconds for one daemon to end and the next to begin. What is older may have died long since. */
const freshFor = 60_000;
const version = 1;

/** `now` in milliseconds since 1970. Rejects where the file cannot be written. */
export async function handOver(path: string, up: readonly string[], now: number): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, `${JSON.stringify({ v: version, at: now, up })}\n`, { mode: 0o600 });
  await rename(fresh, path);
}

/** Counts once, and nobody where it is old, or is none. Never rejects: checks will tell in any case. */
export async function takenOver(path: string, now: number): Promise<ReadonlySet<string>> {
  try {
    const text = (await readBounded(path, largestFile)).toString('utf8');
    await unlink(path);
    return new Set(readUp(text, now));
  } catch {
    return new Set();
  }
}

function readUp(text: string, now: number): readonly string[] {
  const { v, at, up } = JSON.parse(text) as { v?: unknown; at?: unknown; up?: unknown };
  const isFresh = typeof at === 'number' && at <= now && now - at < freshFor;
  if (v !== version || !isFresh || !Array.isArray(up)) return [];
  return up.filter((name) => typeof name === 'string');
}
