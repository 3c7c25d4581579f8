import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { translatePattern } from '../../../src/config/pattern/pattern.js';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { makeCertificate } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { startDatagramPeer } from '../../helpers/datagram-peer.js';
import { until } from '../../helpers/deadline.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { memcachedMissing, startMemcached } from '../../helpers/servers/memcached.js';
import { scripted } from '../../helpers/servers/scripted.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertStops, assertVerdict } from '../../helpers/verdict.js';

const simpletcp = (changes: Partial<Check> = {}) => checkOf({ service: 'simpletcp', ...changes });

/** As a file has it. */
function patternOf(source: string): Check['receive'] {
  const translated = translatePattern(source);
  assert.ok(translated.ok);
  return { source, regex: translated.regex };
}

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
    ['no line end, no answer', () => ({ ...version, request: '/version' }), false, /^response: closed by the server$/],
    [
      'no line end, no answer under TLS',
      () => ({ ...version, request: '/version', port: secure.port, tls: tlsOf(), negotiateTimeout: brief }),
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

describe('simpletcp, line by line', () => {
  const said = 'Welcome\nSTATUS ok\nUptime 3 days\n';
  const table: readonly (readonly [string, boolean])[] = [
    ['^STATUS ok', true],
    ['ok$', true],
    ['^STATUS ok\\n$', true],
    ['^Uptime', true],
    ['^Welcome$', true],
    ['Welcome\\nSTATUS', true],
    ['^ok', false],
    ['^STATUS$', false],
    ['^$', false],
  ];
  for (const [pattern, ok] of table) {
    const check = simpletcp({ receive: patternOf(pattern) });
    const reason = ok ? /^response: a match in \d+ bytes$/ : /^response: no match for .* in "Welcome STATUS ok/;

    it(`${pattern}, in one piece and in many`, async () => {
      for (const pieces of [[said], said.split(/(?<=\n)/), [...said.slice(0, 12)]]) {
        const rest = said.slice(pieces.join('').length);
        const server = await listen((socket) => {
          void (async () => {
            for (const piece of [...pieces, rest]) await new Promise((sent) => socket.write(piece, sent));
            socket.end();
          })();
          socket.allowHalfOpen = true;
        });
        try {
          await assertVerdict({ ...check, port: server.port }, ok, reason);
        } finally {
          await server.close();
        }
      }
    });
  }

  it('the last line too, without its end', async () => {
    const server = await scripted('Welcome\nlogin: ', []);
    await server.check(simpletcp({ receive: patternOf('^login: $') }), true, 'response: a match in 15 bytes');
  });

  it('thousands of lines, and a pattern that goes back for ever on each', async () => {
    const server = await scripted('a\n'.repeat(30_000), []);
    const check = simpletcp({ receive: patternOf('^(?:a|a|\\s)*?(?:a+)+b') });
    await server.check(check, false, /^(response: (no match|closed)|receive: the search for .* takes more than)/);
  });
});

describe('simpletcp, a server that answers at the end of what it is told', () => {
  it('is up, and its connection ends', async () => {
    let told = '';
    const server = await listen((socket) => {
      socket.allowHalfOpen = true;
      socket.on('data', (data) => {
        told += data;
      });
      socket.on('end', () => socket.end(`${told.length} characters\n`));
    });
    try {
      const check = simpletcp({ port: server.port, request: '/status', receive: receive('^6 characters') });
      await assertVerdict(check, true, 'response: a match in 13 bytes');
      await until('no connection is left', () => server.connections() === 0);
    } finally {
      await server.close();
    }
  });

  it('leaves nothing behind where the server stays', async () => {
    const server = await listen((socket) => {
      socket.allowHalfOpen = true;
      socket.on('end', () => socket.write('hello\n'));
    });
    try {
      const { reason } = await runProbe(simpletcp({ port: server.port, receive: receive('^hello') }), 'negotiate');
      assert.equal(reason, 'response: a match in 6 bytes');
      assert.equal(server.connections(), 1);
      // Of connections that are ended by a close the kernel would keep an end for a minute.
      const port = server.port.toString(16).toUpperCase().padStart(4, '0');
      const ends = readFileSync('/proc/net/tcp', 'latin1').split('\n');
      assert.deepEqual(
        ends.filter((line) => line.trim().split(/\s+/)[2]?.endsWith(`:${port}`)),
        [],
      );
    } finally {
      await server.close();
    }
  });
});

describe('simpletcp over UDP', () => {
  const udp = (changes: Partial<Check>) => simpletcp({ protocol: 'udp', request: '/status\\n', ...changes });
  const table: readonly (readonly [string, (request: string) => string, Partial<Check>, boolean, RegExp])[] = [
    ['an answer', (request) => `${request}ok`, {}, true, /^response: 9 bytes$/],
    [
      'a match in a line',
      (request) => `${request}ok\n`,
      { receive: patternOf('^ok$') },
      true,
      /^response: a match in 10 bytes$/,
    ],
    [
      'another answer',
      () => 'no',
      { receive: receive('^ok'), negotiateTimeout: brief },
      false,
      /^response: not done within 0\.4 s, after no match for "\^ok" in "no"$/,
    ],
    ['an empty answer', () => '', { negotiateTimeout: brief }, false, /^response: not done within 0\.4 s$/],
  ];
  for (const [name, answer, changes, ok, reason] of table) {
    it(name, async () => {
      const peer = await startDatagramPeer((request) => [Buffer.from(answer(request.toString()))]);
      try {
        await assertVerdict(udp({ port: peer.port, ...changes }), ok, reason);
      } finally {
        await peer.close();
      }
    });
  }
});

badDatagramCases(
  'simpletcp over UDP',
  simpletcp({ protocol: 'udp', request: '/hi', receive: receive('^ho$') }),
  'response',
);

// A server of Node ends its side, too, when it is told that there is nothing more to come.
const silent = /^response: closed by the server$/;

badServerCases('simpletcp', simpletcp({ request: '/hi', receive: receive('^hi$') }), {
  first: '',
  greeting: 'response',
  next: 'response',
  reasons: { silent, 'silent halfway': silent },
});
