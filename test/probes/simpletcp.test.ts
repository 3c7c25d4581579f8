import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { badServerCases } from '../helpers/bad-server-cases.js';
import { makeCertificate } from '../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../helpers/check.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { lacks } from '../helpers/programs.js';
import { memcachedMissing, startMemcached } from '../helpers/servers/memcached.js';
import { scripted } from '../helpers/servers/scripted.js';
import type { ServerProgram } from '../helpers/servers/server-program.js';
import { assertStops } from '../helpers/verdict.js';

const simpletcp = (changes: Partial<Check> = {}) => checkOf({ service: 'simpletcp', ...changes });
const version = { request: '/version\\n', receive: receive('^VERSION \\d') };

describe('simpletcp, memcached', { skip: memcachedMissing || lacks('openssl') }, () => {
  let server: ServerProgram;
  let secure: ServerProgram;
  before(async () => {
    server = await startMemcached();
    secure = await startMemcached({ certificate: makeCertificate() });
  });
  after(async () => {
    await server.close();
    await secure.close();
  });

  const table: readonly (readonly [string, () => Partial<Check>, boolean, RegExp])[] = [
    ['up', () => version, true, /^response: a match in \d+ bytes$/],
    ['any answer', () => ({ ...version, receive: null }), true, /^response: \d+ bytes$/],
    ['under TLS', () => ({ ...version, port: secure.port, tls: tlsOf() }), true, /^response: a match in/],
    [
      'wrong certificate',
      () => ({ ...version, port: secure.port, tls: tlsOf({ verify: true }) }),
      false,
      /^tls: the certificate is self-signed /,
    ],
    [
      'wrong answer',
      () => ({ request: '/nonsense\\n', receive: receive('VERSION'), negotiateTimeout: brief }),
      false,
      /^response: no match for "VERSION" in "ERROR"$/,
    ],
    [
      'no line end, no answer',
      () => ({ ...version, request: '/version', negotiateTimeout: brief }),
      false,
      /^response: not done within 0\.4 s$/,
    ],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(simpletcp({ port: server.port, ...changes() }), 'negotiate'));
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, simpletcp({ port: server.port, ...version }), 'response: not done within 0.4 s'));
});

describe('simpletcp, by script', () => {
  const any = receive('.');

  it('sends the request without the slash of the configuration, and \\n as a line end', async () => {
    const table: readonly (readonly [string, RegExp])[] = [
      ['/PING\\r\\nx', /^PING\\r\nx$/],
      ['//a b/', /^\/a b\/$/],
      ['/é', /^é$/],
    ];
    for (const [request, sent] of table) {
      const server = await scripted('', [[sent, 'x']]);
      await server.check(simpletcp({ request, receive: any }), true, 'response: a match in 1 bytes');
    }
  });

  it('sends nothing by default, and takes a greeting', async () => {
    const server = await scripted('hello', [[/^never/, '']]);
    await server.check(simpletcp(), true, 'response: 5 bytes');
  });

  it('takes a match in pieces, cut in a letter too', async () => {
    const [first, second] = [Buffer.from('aé').subarray(0, 2), Buffer.from('aé€').subarray(2)];
    const server = await scripted([first, second], []);
    await server.check(simpletcp({ receive: receive('^aé€') }), true, 'response: a match in 6 bytes');
  });

  it('matches bytes that are no UTF-8', async () => {
    for (const said of ['caf\xe9', '\xe9 caf\xe9']) {
      const server = await scripted([Buffer.from(said, 'latin1')], []);
      await server.check(
        simpletcp({ receive: receive('caf\\xe9$') }),
        true,
        `response: a match in ${said.length} bytes`,
      );
    }
  });
});

badServerCases('simpletcp', simpletcp({ request: '/hi', receive: receive('^hi$') }), {
  first: '',
  greeting: 'response',
  next: 'response',
});
