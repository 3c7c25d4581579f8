/** What TLS connections share: authorities and client certificates, prepared once for equal options. */

import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsOptions } from '../probe.js';

/** More than a director has authorities and client certificates; one holds some hundred kilobytes. */
const contextBound = 64;
/** By use, the latest last. */
const contexts = new Map<string, SecureContext>();

/** Preparing a context costs more than a handshake. Rejects when the signal aborts while a file is read. */
export async function contextOf(options: TlsOptions, signal: AbortSignal): Promise<SecureContext> {
  const system = options.verify && options.ca === null ? await systemAuthorities(signal) : null;
  const { ca, client } = options;
  const trusted = options.verify ? (ca?.digest ?? `system ${system?.read ?? ''}`) : 'anyone';
  const key = [trusted, client?.cert.digest ?? '', client?.key.digest ?? ''].join(' ');
  const known = contexts.get(key);
  const context = known ?? createSecureContext({ ...authorities(options, system), ...pair(client) });
  contexts.delete(key);
  contexts.set(key, context);
  const [oldest] = contexts.keys();
  if (contexts.size > contextBound && oldest !== undefined) contexts.delete(oldest);
  return context;
}

/** Without any where nothing is verified, since loading the default ones takes time. */
function authorities({ verify, ca }: TlsOptions, system: Authorities | null): { ca?: string | string[] } {
  if (!verify) return { ca: [] };
  if (ca !== null) return { ca: ca.text };
  return system === null ? {} : { ca: system.text };
}

function pair(client: TlsOptions['client']): { cert?: string; key?: string } {
  return client === null ? {} : { cert: client.cert.text, key: client.key.text };
}

interface Authorities {
  readonly text: string;
  /** Milliseconds of Date.now(). */
  readonly read: number;
}

/** Node has its own list; administrators add to the system's: Debian's file, and that of Red Hat and its kin. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'] as const;
/** Milliseconds after which the file is read again, since it changes with the system's updates. */
const lifetime = 3_600_000;
let read: { readonly at: number; readonly text: Promise<Authorities | null> } | null = null;

/** Null where the system has no such file: then Node's own list counts. */
function systemAuthorities(signal: AbortSignal): Promise<Authorities | null> {
  const now = Date.now();
  if (read === null || now - read.at > lifetime) read = { at: now, text: readBundle(now) };
  const reading = read;
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    const settled = () => signal.removeEventListener('abort', aborted);
    const failed = (error: unknown) => {
      // It may be there the next time.
      if (read === reading) read = null;
      reject(error);
    };
    void reading.text.finally(settled).then(resolve, failed);
  });
}

/** Rejects where a file is there and cannot be read: without it servers would be distrusted that are trusted. */
async function readBundle(now: number): Promise<Authorities | null> {
  for (const path of bundles) {
    try {
      return { text: await readFile(path, 'latin1'), read: now };
    } catch (error) {
      // Perhaps in the next one.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return null;
}
