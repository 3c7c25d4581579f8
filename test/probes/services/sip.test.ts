import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';
import type { Check } from '../../../src/probes/probe.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { startDatagramPeer } from '../../helpers/datagram-peer.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { kamailioMissing, startKamailio } from '../../helpers/servers/kamailio.js';
import { scripted } from '../../helpers/servers/scripted.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { verdict } from '../../helpers/verdict.js';

const sip = (changes: Partial<Check> = {}) => checkOf({ service: 'sip', protocol: 'udp', ...changes });
const right = { login: 'monitor@example.com', passwd: 'hunter2' };
const transports = ['udp', 'tcp', 'fwm'] as const;
const up = [true, 'response: status 200'] as const;

describe('sip, kamailio', { skip: kamailioMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startKamailio();
  });
  after(() => server.close());

  for (const protocol of transports) {
    it(`up, ${protocol}`, async () => {
      assert.deepEqual(await verdict(sip({ port: server.port, protocol })), up, server.log());
    });
  }

  it('receive says nothing, and a password that nobody asks for neither', async () => {
    assert.deepEqual(await verdict(sip({ port: server.port, ...right, receive: receive('x^') })), up);
  });

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    server.freeze();
    for (const protocol of transports) {
      const late = await verdict(sip({ port: server.port, protocol, negotiateTimeout: brief }));
      assert.deepEqual(late, [false, 'query: not done within 0.4 s']);
    }
    server.thaw();
    assert.deepEqual(await verdict(sip({ port: server.port })), up);
  });
});

describe('sip, kamailio with users', { skip: kamailioMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startKamailio({ user: { name: 'monitor', password: right.passwd } });
  });
  after(() => server.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['a login', right, ...up],
    ['a wrong password', { ...right, passwd: 'wrong' }, false, 'login: status 401 Unauthorized'],
    ['another user', { ...right, login: 'other@example.com' }, false, 'login: status 401 Unauthorized'],
    ['no password', { login: right.login }, false, 'response: status 401 Unauthorized'],
  ];
  for (const protocol of ['udp', 'tcp'] as const) {
    for (const [name, changes, ok, reason] of table) {
      it(`${name}, ${protocol}`, async () => {
        assert.deepEqual(await verdict(sip({ port: server.port, protocol, ...changes })), [ok, reason], server.log());
      });
    }
  }
});

describe('sip, kamailio that turns away', { skip: kamailioMissing }, () => {
  it('is down', async () => {
    const server = await startKamailio({ answer: [503, 'Maintenance'] });
    try {
      for (const protocol of transports) {
        const found = await verdict(sip({ port: server.port, protocol }));
        assert.deepEqual(found, [false, 'response: status 503 Maintenance'], server.log());
      }
    } finally {
      await server.close();
    }
  });
});

/** What belongs to one request comes back in its answer. */
function answerTo(request: string, status = '200 OK', change = (answer: string): string => answer): string {
  const lines = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  return change([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '\r\n'].join('\r\n'));
}

describe('sip, by script over UDP', () => {
  const late = 'query: not done within 0.4 s';
  const table: readonly (readonly [string, (request: string) => readonly string[], boolean, string])[] = [
    [
      'names in short',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace('Via:', 'v:').replace('Call-ID:', 'i :'))],
      ...up,
    ],
    [
      'a folded line',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace('Call-ID: ', 'Call-ID:\r\n  '))],
      ...up,
    ],
    ['empty lines before the answer', (asked) => ['\r\n\r\n', `\r\n${answerTo(asked)}`], ...up],
    ['first a provisional answer', (asked) => [answerTo(asked, '100 Trying'), answerTo(asked)], ...up],
    ['no more than a provisional answer', (asked) => [answerTo(asked, '100 Trying')], false, late],
    ['another success', (asked) => [answerTo(asked, '202 Accepted')], false, 'response: status 202 Accepted'],
    ['not found', (asked) => [answerTo(asked, '404 Not Found')], false, 'response: status 404 Not Found'],
    [
      'another call',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace(/Call-ID: ../, 'Call-ID: '))],
      false,
      late,
    ],
    [
      'another branch',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace('z9hG4bK', 'z9hG4bKx'))],
      false,
      late,
    ],
    [
      'another sequence',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace('CSeq: 1', 'CSeq: 2'))],
      false,
      late,
    ],
    [
      'another method',
      (asked) => [answerTo(asked, '200 OK', (said) => said.replace('1 OPTIONS', '1 INVITE'))],
      false,
      late,
    ],
    [
      'a login that is not by digest',
      (asked) => [
        answerTo(asked, '401 No', (said) => said.replace('\r\n', '\r\nWWW-Authenticate: Basic realm="x"\r\n')),
      ],
      false,
      'login: the server wants a login that is not by digest',
    ],
  ];
  for (const [name, answers, ok, reason] of table) {
    it(name, async () => {
      const peer = await startDatagramPeer((request) => answers(request.toString()).map((text) => Buffer.from(text)));
      const patient = reason === late ? { negotiateTimeout: brief } : {};
      const found = await verdict(sip({ port: peer.port, ...right, ...patient }));
      await peer.close();
      assert.deepEqual(found, [ok, reason]);
    });
  }

  it('asks as the reference does, for the address of the login', async () => {
    let asked = '';
    const peer = await startDatagramPeer((request, from) => {
      asked = request.toString().replace(`127.0.0.1:${from.port}`, 'HERE');
      return [Buffer.from(answerTo(request.toString()))];
    });
    await verdict(sip({ port: peer.port, ...right }));
    await peer.close();
    const word = '[0-9a-f]{16}';
    const lines = [
      'OPTIONS sip:monitor@example\\.com SIP/2\\.0',
      `Via: SIP/2\\.0/UDP HERE;branch=z9hG4bK${word};rport`,
      'Max-Forwards: 70',
      'To: <sip:monitor@example\\.com>',
      `From: <sip:monitor@example\\.com>;tag=${word}`,
      `Call-ID: ${word}`,
      'CSeq: 1 OPTIONS',
      'Contact: <sip:monitor@example\\.com>',
      'Accept: application/sdp',
      'Content-Length: 0',
      '\r\n',
    ];
    assert.match(asked, new RegExp(`^${lines.join('\r\n')}$`));
  });

  it('answers the challenge of a proxy', async () => {
    const asked: string[] = [];
    const peer = await startDatagramPeer((request) => {
      asked.push(request.toString());
      const challenge =
        'Proxy-Authenticate: Digest realm="r", nonce="n", opaque="o", qop="auth,auth-int", algorithm=SHA-256';
      const status = asked.length === 1 ? `407 Who\r\n${challenge}` : '200 OK';
      return [Buffer.from(answerTo(request.toString(), status))];
    });
    assert.deepEqual(await verdict(sip({ port: peer.port, ...right })), up);
    await peer.close();
    assert.match(
      asked[1] ?? '',
      /\r\nProxy-Authorization: Digest username="monitor", realm="r", nonce="n", uri="sip:monitor@example.com", response="[0-9a-f]{64}", algorithm=SHA-256, opaque="o", qop=auth, nc=00000001, cnonce="[0-9a-f]{16}"\r\n/,
    );
    assert.doesNotMatch(asked.join(), /hunter2/);
  });

  it('a login that is no address', async () => {
    const found = await verdict(sip({ login: 'a\r\nb' }));
    assert.deepEqual(found, [false, 'request: login is no address of SIP: name@domain']);
  });
});

describe('sip, by script over TCP', () => {
  for (const before of ['\r\n', '\r\n\r\n', '\r\n'.repeat(101)]) {
    it(`${before.length / 2} empty lines before the answer`, async (t) => {
      const server = await listen((socket) => {
        socket.on('data', (asked) => {
          socket.write(before);
          setImmediate(() => socket.write(`${before}${answerTo(asked.toString(), '100 Trying')}${before}`));
          setImmediate(() => socket.write(answerTo(asked.toString())));
        });
      });
      t.after(() => server.close());
      assert.deepEqual(await verdict(sip({ protocol: 'tcp', port: server.port })), up);
    });
  }

  it('nothing but empty lines', async () => {
    const server = await scripted('\r\n'.repeat(51), []);
    await server.check(sip({ protocol: 'tcp', negotiateTimeout: brief }), false, 'query: not done within 0.4 s');
  });

  it('another protocol', async () => {
    const server = await scripted('220 hi\r\n\r\n', []);
    await server.check(sip({ protocol: 'tcp' }), false, 'query: no answer of SIP: "220 hi"');
  });

  it('an answer to nobody, with a body, and no more', async () => {
    const server = await scripted('SIP/2.0 200 OK\r\nl: 5\r\n\r\nhello', []);
    await server.check(sip({ protocol: 'tcp', negotiateTimeout: brief }), false, 'query: not done within 0.4 s');
  });

  it('a length that is none', async () => {
    const server = await scripted('SIP/2.0 200 OK\r\nContent-Length: 0x10\r\n\r\n', []);
    await server.check(sip({ protocol: 'tcp' }), false, 'query: a Content-Length that is no number');
  });

  it('answers without end', async () => {
    const server = await scripted('SIP/2.0 100 Trying\r\n\r\n'.repeat(50), []);
    await server.check(sip({ protocol: 'tcp' }), false, 'query: 20 messages that are no final answer');
  });
});

describe('sip, over TLS', { skip: lacks('openssl') }, () => {
  it('is verified', async () => {
    const { cert, key } = testAuthority().issue({ names: ['sip.example.com'] });
    const server = tls.createServer({ cert, key }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (asked) => socket.write(answerTo(asked.toString())));
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const options = tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'sip.example.com' });
    const ask = (servername: string) => verdict(sip({ port, protocol: 'tcp', tls: { ...options, servername } }));
    const [right, wrong] = [await ask('sip.example.com'), await ask('other.example')];
    await new Promise((closed) => server.close(closed));
    assert.deepEqual(right, up);
    assert.match(wrong[1], /^tls: the certificate is for sip.example.com, not for other.example/);
    assert.equal(wrong[0], false);
  });
});

badDatagramCases('sip', sip(), 'query');
badServerCases('sip', sip({ protocol: 'tcp' }), { first: 'SIP/2.0 100 Trying\r\n', greeting: 'query', next: 'query' });
