/** Certificates for tests, made when they are first wanted and never kept. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pem } from '../../src/probes/probe.js';

/** In PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  /** Names and addresses that it is for; the first is its common name too. */
  readonly names?: readonly string[];
  /** Days from now that it is valid; a number below 0 has expired. */
  readonly days?: number;
  /** Who signs; by default it signs itself. */
  readonly issuer?: Certificate;
  readonly authority?: boolean;
  /** Without a common name. */
  readonly nameless?: boolean;
}

let made: Certificate | undefined;

/** Self-signed, for `test.invalid`. */
export function testCertificate(): Certificate {
  made ??= makeCertificate();
  return made;
}

export interface Authority extends Certificate {
  issue(options?: Omit<CertificateOptions, 'issuer'>): Certificate;
}

let authority: Authority | undefined;

/** An authority that no system knows. */
export function testAuthority(): Authority {
  if (authority === undefined) {
    const own = makeCertificate({ names: ['Test Authority'], authority: true });
    authority = { ...own, issue: (options = {}) => makeCertificate({ ...options, issuer: own }) };
  }
  return authority;
}

export function makeCertificate(options: CertificateOptions = {}): Certificate {
  const { names = ['test.invalid'], days = 30, issuer, authority: signs = false, nameless = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ldirectord-certificate-'));
  try {
    const path = (name: string) => join(folder, name);
    const openssl = (...args: string[]) =>
      execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const key = openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:prime256v1');
    writeFileSync(path('key.pem'), key);
    writeFileSync(path('issuer.pem'), issuer ? `${issuer.cert}${issuer.key}` : '');
    const subject = nameless ? '/O=Test' : `/CN=${names[0] ?? ''}`;
    const usage = signs
      ? 'basicConstraints=critical,CA:TRUE'
      : `subjectAltName=${names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',')}`;
    const extensions = `[v3]\n${usage}\n`;
    writeFileSync(path('openssl.cnf'), `${settings(folder)}${extensions}`);
    writeFileSync(path('index.txt'), '');
    writeFileSync(path('serial'), '01\n');
    const config = path('openssl.cnf');
    openssl('req', '-new', '-config', config, '-key', path('key.pem'), '-subj', subject, '-out', path('request.pem'));
    const signer = issuer
      ? ['-cert', path('issuer.pem'), '-keyfile', path('issuer.pem')]
      : ['-selfsign', '-keyfile', path('key.pem')];
    // Only this command takes both dates, so that one can be in the past.
    openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      config,
      ...signer,
      ...dates(days),
      '-in',
      path('request.pem'),
      '-out',
      path('cert.pem'),
    );
    return { key, cert: openssl('x509', '-in', path('cert.pem')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function dates(days: number): string[] {
  // An hour more, so that a test never sees the day before.
  const end = Date.now() + days * 86_400_000 + 3_600_000;
  const begin = Math.min(Date.now(), end) - 30 * 86_400_000;
  const text = (at: number) => new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return ['-startdate', text(begin), '-enddate', text(end)];
}

function settings(folder: string): string {
  return `[req]
distinguished_name=name
[name]
[ca]
default_ca=one
[one]
new_certs_dir=${folder}
database=${folder}/index.txt
serial=${folder}/serial
unique_subject=no
default_md=sha256
policy=any
x509_extensions=v3
[any]
commonName=optional
organizationName=optional
`;
}

/** As a check carries it. */
export function pemOf(text: string): Pem {
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}
