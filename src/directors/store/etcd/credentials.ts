/** The files that [store] names: authorities, the client's certificate and key, the password. */

import { readBounded, unreadableBecause } from '../../../system/bounded-file.js';
import { firstLine, readSecretFile } from '../../../system/secret-file.js';
import type { Outcome } from '../store.js';
import { faultOf } from './faults.js';

/** Where they are; of [store]. A user has a password, and a certificate a key. */
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

/** What is wrong with a key of [store], and which one. */
export interface Unusable {
  readonly key: 'passwordfile' | 'cafile' | 'certfile' | 'keyfile';
  /** One line. */
  readonly reason: string;
}

/** What of the files cannot be used; empty where all can. */
export async function unusable(files: CredentialFiles): Promise<readonly Unusable[]> {
  const read = await readAll(files);
  return read.flatMap((one) => (one.ok ? [] : [one.fault]));
}

/** Read each time that a connection is made: certificates are renewed, and passwords changed. */
export async function readCredentials(endpoint: string, files: CredentialFiles): Promise<Outcome<Credentials>> {
  const read = await readAll(files);
  const bad = read.find((one) => !one.ok);
  if (bad && !bad.ok) return { ok: false, fault: faultOf(endpoint, 'refused', 'credentials', bad.fault.reason) };
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

type Text = { readonly ok: true; readonly value: string | null } | { readonly ok: false; readonly fault: Unusable };

function readAll({ passwordFile, caFile, certFile, keyFile }: CredentialFiles): Promise<readonly Text[]> {
  return Promise.all([
    readPublic('cafile', caFile),
    readPublic('certfile', certFile),
    readSecret('keyfile', keyFile, wholeText),
    readSecret('passwordfile', passwordFile, firstLine),
  ]);
}

const nothing: Text = { ok: true, value: null };

function wholeText(secret: Buffer): string {
  return secret.toString('latin1');
}

async function readPublic(key: Unusable['key'], file: string | null): Promise<Text> {
  if (file === null) return nothing;
  try {
    return { ok: true, value: (await readBounded(file, largestBundle)).toString('latin1') };
  } catch (error) {
    const reason = `${key}: cannot read ${file}: ${unreadableBecause(error, largestBundle)}`;
    return { ok: false, fault: { key, reason } };
  }
}

async function readSecret(
  key: Unusable['key'],
  file: string | null,
  textOf: (secret: Buffer) => string,
): Promise<Text> {
  if (file === null) return nothing;
  const read = await readSecretFile(file);
  if (!read.ok) {
    const remedy = read.remedy === null ? '' : `; ${read.remedy}`;
    return { ok: false, fault: { key, reason: `${key}: ${read.reason}${remedy}` } };
  }
  const value = textOf(read.value);
  const reason = `${key}: the first line of ${file} is empty; write it there, with nothing before it`;
  return value === '' ? { ok: false, fault: { key, reason } } : { ok: true, value };
}
