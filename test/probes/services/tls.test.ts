import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { makeCertificate, pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { opensslMissing, startOpenssl } from '../../helpers/servers/openssl.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertStops } from '../../helpers/verdict.js';

const tls = (changes: Partial<Check> = {}) => checkOf({ service: 'tls', tls: tlsOf(), ...changes });

describe('tls, openssl', { skip: opensslMissing }, () => {
  let server: ServerProgram;
  let older: ServerProgram;
  let expired: ServerProgram;
  before(async () => {
    const names = { names: ['tls.example.com'] };
    server = await startOpenssl(testAuthority().issue(names));
    older = await startOpenssl(makeCertificate(), '-tls1_2');
    expired = await startOpenssl(testAuthority().issue({ ...names, days: -3 }));
  });
  after(async () => {
    for (const one of [server, older, expired]) await one.close();
  });

  const ca = () => pemOf(testAuthority().cert);
  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => ({}), true, /^tls: TLSv1\.3$/],
    ['an older version', () => ({ port: older.port }), true, /^tls: TLSv1\.2$/],
    [
      'verified',
      () => ({ tls: tlsOf({ verify: true, ca: ca(), servername: 'tls.example.com', minDays: 29 }) }),
      true,
      /^tls: TLSv1\.3$/,
    ],
    [
      'wrong name',
      () => ({ tls: tlsOf({ verify: true, ca: ca(), servername: 'other.example' }) }),
      false,
      /^tls: the certificate is for tls.example.com, not for other\.example/,
    ],
    [
      'self-signed',
      () => ({ port: older.port, tls: tlsOf({ verify: true }) }),
      false,
      /^tls: the certificate is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    ],
    ['expired, but nobody asks', () => ({ port: expired.port }), true, /^tls: TLSv1\.3$/],
    [
      'expired',
      () => ({ port: expired.port, tls: tlsOf({ minDays: 1 }) }),
      false,
      /^tls: the certificate expired on \d{4}-\d\d-\d\d, 1 days are asked for$/,
    ],
    [
      'too few days',
      () => ({ tls: tlsOf({ minDays: 31 }) }),
      false,
      /^tls: the certificate is valid for 30 more days, until .*; 31 days are asked for$/,
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(tls({ port: server.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, tls({ port: server.port }), 'tls: not done within 0.4 s'));
});

badServerCases('tls', tls(), {
  first: '',
  greeting: 'tls',
  next: 'tls',
  without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
});
