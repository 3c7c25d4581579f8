/** A self-signed certificate for tests, made when it is first wanted and never kept. */

import { execFileSync } from 'node:child_process';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let made: Certificate | undefined;

export function testCertificate(): Certificate {
  made ??= make();
  return made;
}

function make(): Certificate {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const pem = execFileSync(
    'openssl',
    [...request, '-subj', '/CN=test.invalid', '-days', '2', '-keyout', '-', '-out', '-'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  // OpenSSL picks out of the text what it needs.
  return { key: pem, cert: pem };
}
