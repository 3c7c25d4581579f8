/** The certificates and keys that a configuration names: read with it, so that no check touches a file. */

import type { Config, NamedFile, TlsSettings, Virtual } from '../model/config.js';
import { spanIn } from '../model/section-span.js';
import { readBounded, unreadableBecause } from '../system/bounded-file.js';
import type { ErrorCode } from './diagnostics/codes.js';
import type { Diagnostic } from './diagnostics/diagnostics.js';

/** Bytes. The system's bundles of authorities have a quarter of it. */
const largestFile = 1024 * 1024;

export interface WithFiles {
  /** The same object where it names no file. */
  readonly config: Config;
  /** An error for each file that cannot be read or does not hold what it should. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An error at a file that a virtual service names. */
type Refuse = (code: ErrorCode, file: NamedFile, message: string) => Diagnostic[];
type Contents = { readonly text: string; readonly digest: string } | { readonly why: string };

/** Reads each file once. Never rejects. */
export async function readNamedFiles(config: Config): Promise<WithFiles> {
  const paths = new Set(config.virtuals.flatMap(filesOf).map(({ path }) => path));
  if (paths.size === 0) return { config, diagnostics: [] };
  const contents = new Map<string, Contents>();
  for (const path of paths) contents.set(path, await read(path));
  const diagnostics: Diagnostic[] = [];
  const virtuals = config.virtuals.map((virtual) => {
    const filled = fill(virtual, contents);
    diagnostics.push(...judge(filled, contents, config));
    return filled;
  });
  return { config: { ...config, virtuals }, diagnostics };
}

function filesOf({ tlscafile, tlscertfile, tlskeyfile }: TlsSettings): NamedFile[] {
  return [tlscafile, tlscertfile, tlskeyfile].filter((file) => file !== null);
}

async function read(path: string): Promise<Contents> {
  // Loaded where a file is named: most configurations name none.
  const { createHash } = process.getBuiltinModule('node:crypto');
  try {
    const bytes = await readBounded(path, largestFile);
    return { text: bytes.toString('latin1'), digest: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    return { why: `cannot read ${path}: ${unreadableBecause(error, largestFile)}` };
  }
}

function fill(virtual: Virtual, contents: ReadonlyMap<string, Contents>): Virtual {
  const filled = (file: NamedFile | null): NamedFile | null => {
    const found = file === null ? undefined : contents.get(file.path);
    return file === null || found === undefined || 'why' in found ? file : { ...file, ...found };
  };
  return {
    ...virtual,
    tlscafile: filled(virtual.tlscafile),
    tlscertfile: filled(virtual.tlscertfile),
    tlskeyfile: filled(virtual.tlskeyfile),
  };
}

function judge(virtual: Virtual, contents: ReadonlyMap<string, Contents>, config: Config): Diagnostic[] {
  const refuse: Refuse = (code, { span }, message) => [
    { severity: 'error', code, message, span: spanIn(config, virtual, span) },
  ];
  const unread = filesOf(virtual).flatMap((file) => {
    const found = contents.get(file.path);
    return found !== undefined && 'why' in found ? refuse('unreadable-file', file, found.why) : [];
  });
  if (unread.length > 0) return unread;
  const { tlscafile, tlscertfile, tlskeyfile } = virtual;
  return [
    ...(tlscafile === null ? [] : judgeCertificates(tlscafile, refuse)),
    ...(tlscertfile === null ? [] : judgePair(tlscertfile, tlskeyfile ?? tlscertfile, refuse)),
  ];
}

const certificates = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;

function judgeCertificates(file: NamedFile, refuse: Refuse): Diagnostic[] {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const found = file.text.match(certificates) ?? [];
  return found.length > 0 && found.every((pem) => succeeds(() => new X509Certificate(pem)))
    ? []
    : refuse('bad-certificate', file, `${file.path} does not hold certificates in PEM`);
}

function judgePair(cert: NamedFile, key: NamedFile, refuse: Refuse): Diagnostic[] {
  const wrong = judgeCertificates(cert, refuse);
  if (wrong.length > 0) return wrong;
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key.text)) {
    return refuse('bad-key', key, `the key in ${key.path} is encrypted; take its passphrase off`);
  }
  const { createPrivateKey } = process.getBuiltinModule('node:crypto');
  if (!succeeds(() => createPrivateKey(key.text))) {
    return refuse('bad-key', key, `${key.path} does not hold a private key in PEM`);
  }
  const { createSecureContext } = process.getBuiltinModule('node:tls');
  return succeeds(() => createSecureContext({ cert: cert.text, key: key.text, ca: [] }))
    ? []
    : refuse('bad-key', key, `the key in ${key.path} does not belong to the certificate in ${cert.path}`);
}

/** What OpenSSL says of a wrong file is of no help, and could repeat what is in it. */
function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
