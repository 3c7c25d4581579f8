/** A configuration file, read, parsed and resolved. */

import { type FileHandle, open } from 'node:fs/promises';
import type { Diagnostic } from './diagnostics.js';
import type { Config } from './model.js';
import { parse } from './parse.js';
import { type Lookup, resolve, systemLookup } from './resolve.js';
import { loadServices } from './services.js';

export interface Loaded {
  readonly text: string;
  /** Null exactly when there is an error among the diagnostics. */
  readonly config: Config | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadOptions {
  readonly strict: boolean;
  readonly lookup?: Lookup;
}

/** Bytes. Ten times what the largest installations have. */
const largestFile = 64 * 1024 * 1024;
/** Milliseconds for all names together; what has no address by then is tried again later. */
const resolveDeadline = 2_000;
/** Milliseconds for reading, which a file system of another machine may hold up. */
const readDeadline = 10_000;

/** As `readText` and `interpret`. */
export async function load(path: string, options: LoadOptions): Promise<Loaded> {
  return interpret(await readText(path), options);
}

/** What a file's text says, with the names in it resolved. Never rejects. */
export async function interpret(text: string, options: LoadOptions): Promise<Loaded> {
  const services = await loadServices();
  const { config, diagnostics } = parse(text, { strict: options.strict, services });
  if (config === null) {
    return { text, config, diagnostics };
  }
  const resolved = await resolve(config, options.lookup ?? systemLookup, resolveDeadline);
  return { text, config: resolved.config, diagnostics: [...diagnostics, ...resolved.diagnostics] };
}

/** Rejects where the file cannot be read, with an Error that has a `code`, names the path and says what to do. */
export async function readText(path: string): Promise<string> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path);
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'EINVAL' });
    }
    if (stats.size > largestFile) {
      throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    }
    return decode(await handle.readFile({ signal: AbortSignal.timeout(readDeadline) }));
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  } finally {
    await handle?.close();
  }
}

/** Latin-1 where it is no UTF-8, as old files with umlauts in their comments are. A byte order mark stays. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

const advice: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path, or write it',
  EACCES: 'permission denied; run as root, or make it readable for this user',
  EISDIR: 'it is a directory; name the file in it',
  EINVAL: 'it is no ordinary file; name one',
  EFBIG: `it is larger than ${largestFile / 1024 / 1024} MiB; is it the right file?`,
  ABORT_ERR: `it was not read within ${readDeadline / 1000} s; is its file system there?`,
};

function unreadable(path: string, cause: NodeJS.ErrnoException): Error {
  const code = cause.name === 'TimeoutError' ? 'ABORT_ERR' : (cause.code ?? 'EIO');
  const message = `cannot read the configuration file ${path}: ${advice[code] ?? cause.message} (${code})`;
  return Object.assign(new Error(message, { cause }), { code });
}
