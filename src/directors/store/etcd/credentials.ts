/** The files that [store] names: authorities, the client's certificate and key, the password. */

import { readBounded, unreadableBecause } from '../../../system/bounded-file.js';
import { firstLine, readSecretFile } from '../../../system/secret-file.js';
import type { Outcome } from '../store.js';
import { faultOf } from './faults.js';

/** Where they are; of [store]. */
export interface CredentialFiles {
  /** Null where nobody logs in. */
  readonly user: string | null;
  readonly passwordFile: string | null;
  /** Null is the authorities that Node knows. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

export interface Credentials {
  readonly login: { readonly name: string; readonly password: string } | null;
  /** In PEM. */
  readonly ca: string | null;
  readonly client: { readonly cert: string; readonly key: string } | null;
}

/** Bytes. */
const largestBundle = 4 * 1024 * 1024;

/** What cannot be used, a sentence for each file; empty where all can. */
export async function unusable(files: CredentialFiles): Promise<readonly string[]> {
  const read = await readAll(files);
  return read.flatMap((one) => (one.ok ? [] : [one.reason]));
}

/** Read each time that a connection is made: certificates are renewed, and passwords changed. */
export async function readCredentials(endpoint: string, files: CredentialFiles): Promise<Outcome<Credentials>> {
  const read = await readAll(files);
  const bad = read.find((one) => !one.ok);
  if (bad && !bad.ok) return { ok: false, fault: faultOf(endpoint, 'refused', 'credentials', bad.reason) };
  const [ca, cert, key, password] = read.map((one) => (one.ok ? one.value : null));
  return {
    ok: true,
    value: {
      login: files.user === null ? null : { name: files.user, password: password ?? '' },
      ca: ca ?? null,
      client: cert && key ? { cert, key } : null,
    },
  };
}

type Text = { readonly ok: true; readonly value: string | null } | { readonly ok: false; readonly reason: string };

function readAll({ user, passwordFile, caFile, certFile, keyFile }: CredentialFiles): Promise<readonly Text[]> {
  return Promise.all([
    readPublic('cafile', caFile),
    readPublic('certfile', certFile),
    readSecret('keyfile', keyFile, (secret) => secret.toString('latin1')),
    user === null ? nothing : readSecret('passwordfile', passwordFile, firstLine),
  ]);
}

const nothing: Text = { ok: true, value: null };

async function readPublic(what: string, file: string | null): Promise<Text> {
  if (file === null) return nothing;
  try {
    return { ok: true, value: (await readBounded(file, largestBundle)).toString('latin1') };
  } catch (error) {
    return { ok: false, reason: `${what}: cannot read ${file}: ${unreadableBecause(error, largestBundle)}` };
  }
}

async function readSecret(what: string, file: string | null, textOf: (secret: Buffer) => string): Promise<Text> {
  if (file === null) return nothing;
  const read = await readSecretFile(file);
  if (!read.ok) return { ok: false, reason: `${what}: ${[read.reason, read.remedy ?? []].flat().join('; ')}` };
  const value = textOf(read.value);
  return value === ''
    ? { ok: false, reason: `${what}: the first line of ${file} is empty; write it there, with nothing before it` }
    : { ok: true, value };
}
