import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { decode, encode, type Packet, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { ample, brief, checkOf, receive } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { closedPort, listen } from '../../helpers/listener.js';
import { namedMissing, startNamed } from '../../helpers/servers/named.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const dns = (changes: Partial<Check>) =>
  checkOf({ service: 'dns', protocol: 'udp', request: '/www.example.com', ...changes });

describe('dns, bind', { skip: namedMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startNamed();
  });
  after(() => server?.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string | RegExp])[] = [
    ['A', {}, true, /^response: 192\.0\.2\.1[01], 192\.0\.2\.1[01]$/],
    ['A, a match', { receive: receive('^192\\.0\\.2\\.11$') }, true, /^response: 192/],
    ['A, no match', { receive: receive('^10\\.') }, false, /^response: no match for "\^10\\\." in 192\.0\.2\.1/],
    ['A, over TCP', { protocol: 'tcp', receive: receive('2.11') }, true, /^response: 192/],
    ['A, of a firewall mark', { protocol: 'fwm' }, true, /^response: 192/],
    ['A, with a dot at its end', { request: '/www.example.com.' }, true, /^response: 192/],
    [
      'A, of an alias',
      { request: '/alias.example.com', receive: receive('^192\\.0\\.2\\.10$') },
      true,
      /^response: 192/,
    ],
    // As in the reference, which looks at addresses alone.
    [
      'A, the alias',
      { request: '/alias.example.com', receive: receive('www') },
      false,
      /^response: no match for "www"/,
    ],
    ['A, of an alias of an alias', { request: '/Aliases.example.com' }, true, /^response: 192/],
    [
      'A, of an alias alone',
      { request: '/elsewhere.example.com' },
      false,
      'response: no A of elsewhere.example.com, but CNAME www.example.net',
    ],
    [
      'A, of an alias alone, a match',
      { request: '/elsewhere.example.com', receive: receive('www') },
      false,
      'response: no A of elsewhere.example.com, but CNAME www.example.net',
    ],
    ['the alias alone', { request: '/elsewhere.example.com', dnsType: 'CNAME' }, true, 'response: www.example.net'],
    ['AAAA', { request: '/six.example.com', dnsType: 'AAAA' }, true, 'response: 2001:db8::1'],
    ['AAAA, none', { dnsType: 'AAAA' }, false, 'response: no AAAA of www.example.com'],
    ['PTR by address', { request: '/192.0.2.10', receive: receive('^www\\.example\\.com$') }, true, /www/],
    ['PTR by IPv6 address', { request: '/2001:db8::100:0:0:1' }, false, /^response: NXDOMAIN for PTR of 1\.0\.0/],
    ['PTR by IPv6 address, up', { request: '/2001:db8::1' }, true, 'response: six.example.com'],
    ['PTR by name', { request: '/10.2.0.192.in-addr.arpa', dnsType: 'PTR' }, true, 'response: www.example.com'],
    ['CAA', { request: '/example.com', dnsType: 'CAA' }, true, 'response: 0 issue "ca.example.net"'],
    ['CNAME', { request: '/alias.example.com', dnsType: 'CNAME' }, true, 'response: www.example.com'],
    ['MX', { request: '/example.com', dnsType: 'MX' }, true, 'response: 10 mail.example.com'],
    ['NAPTR', { request: '/example.com', dnsType: 'NAPTR' }, true, /^response: 100 10 "U" "E2U\+sip" "!\^/],
    ['NS', { request: '/example.com', dnsType: 'NS' }, true, 'response: ns.example.com'],
    [
      'SOA',
      { request: '/example.com', dnsType: 'SOA' },
      true,
      'response: ns.example.com root.example.com 7 3600 600 86400 60',
    ],
    ['SRV', { request: '/_sip._udp.example.com', dnsType: 'SRV' }, true, 'response: 1 2 5060 sip.example.com'],
    ['TXT', { request: '/example.com', dnsType: 'TXT', receive: receive('^v=spf1 ') }, true, 'response: v=spf1 -all'],
    [
      'more than fits',
      { request: '/many.example.com', receive: receive('^192\\.0\\.2\\.199$') },
      true,
      /^response: 192/,
    ],
    ['no such name', { request: '/nobody.example.com' }, false, 'response: NXDOMAIN for A of nobody.example.com'],
    ['another zone', { request: '/example.net' }, false, 'response: REFUSED for A of example.net'],
    ['no request', { request: '/' }, false, 'response: REFUSED for A of .'],
    ['no name', { request: '/a..b' }, false, 'request: "a..b" is no domain name'],
    ['a long label', { request: `/${'x'.repeat(64)}.com` }, false, /^request: "x+\.com" is no domain name$/],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await withoutLeaks(() => runProbe(dns({ port: server.port, ...changes }), 'negotiate'));
      if (typeof reason === 'string') assert.equal(result.reason, reason);
      else assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', async () => {
    server.freeze();
    for (const [protocol, reason] of [
      ['udp', 'query: not done within 0.4 s'],
      ['tcp', 'query: not done within 0.4 s'],
    ] as const) {
      const check = dns({ port: server.port, protocol, negotiateTimeout: brief });
      const late = await withoutLeaks(() => runProbe(check, 'negotiate'));
      assert.deepEqual([late.ok, late.reason], [false, reason]);
    }
    server.thaw();
    assert.equal((await runProbe(dns({ port: server.port }), 'negotiate')).ok, true);
  });
});

describe('dns, a name without a dot', { skip: namedMissing || ownFiles() }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startNamed();
  });
  after(() => server?.close());

  const table: readonly (readonly [name: string, resolver: string, request: string, expected: string])[] = [
    ['in the domains of this machine', 'search example.net example.com\n', '/www', 'true response: 192.0.2.1'],
    ['the last line counts', 'search example.net\ndomain example.com. x\n', '/www', 'true response: 192.0.2.1'],
    ['by itself, at last', 'search example.net\n', '/www', 'false response: REFUSED for A of www'],
    ['without any domain', 'nameserver 127.0.0.1\n', '/www', 'false response: REFUSED for A of www'],
    ['with a dot at its end', 'search example.com\n', '/www.', 'false response: REFUSED for A of www'],
    ['with a dot in it', 'search com\n', '/www.example', 'false response: REFUSED for A of www.example'],
  ];
  for (const [name, resolver, request, expected] of table) {
    it(name, async (context) => {
      const said = await probedWith(await temporaryDirectory(context), resolver, dns({ port: server.port, request }));
      assert.ok(said.startsWith(expected), said);
    });
  }
});

/** False where a process can see a file of this machine as another one; otherwise why not. */
function ownFiles(): string | false {
  const { status } = spawnSync('unshare', ['--mount', 'mount', '--make-rprivate', '/']);
  return status === 0 ? false : 'no permission for mounts of its own';
}

/** What a process says of a check that sees another /etc/resolv.conf. */
async function probedWith(folder: string, resolver: string, check: Check): Promise<string> {
  await writeFile(`${folder}/resolv.conf`, resolver);
  const run = new URL('../../../src/probes/run.js', import.meta.url).href;
  const program = `const { runProbe } = await import(${JSON.stringify(run)});
    const { ok, reason } = await runProbe(${JSON.stringify(check)}, 'negotiate');
    console.log(ok, reason);`;
  const bind = `mount --make-rprivate / && mount --bind "$0" /etc/resolv.conf && exec "$@"`;
  const node = [process.execPath, '--input-type=module', '-e', program];
  const args = ['--mount', 'sh', '-c', bind, `${folder}/resolv.conf`, ...node];
  return (await promisify(execFile)('unshare', args, { timeout: ample })).stdout;
}

describe('dns, by script', () => {
  const good = (query: Packet): Packet => ({
    ...query,
    type: 'response',
    flags: RECURSION_DESIRED,
    answers: [{ type: 'A', name: 'www.example.com', data: '192.0.2.10' }],
  });
  const table: readonly (readonly [string, (query: Packet) => readonly Buffer[], boolean, string | RegExp])[] = [
    ['another case of the name', (query) => [encode(upperCase(good(query)))], true, 'response: 192.0.2.10'],
    [
      'what is no answer to the question is passed over',
      (query) => [
        Buffer.from('garbage'),
        Buffer.alloc(0),
        encode({ ...good(query), id: (query.id ?? 0) ^ 1 }),
        encode({ ...good(query), questions: [{ name: 'www.example.net', type: 'A' }] }),
        encode({ ...good(query), questions: [{ name: 'www.example.com', type: 'MX' }] }),
        encode({ ...good(query), questions: [] }),
        encode(query),
        encode(good(query)),
      ],
      true,
      'response: 192.0.2.10',
    ],
    [
      'a record of another name',
      (query) => [encode({ ...good(query), answers: [{ type: 'A', name: 'www.example.net', data: '192.0.2.10' }] })],
      false,
      'response: no A of www.example.com, but A of www.example.net',
    ],
    [
      'aliases in a ring',
      (query) => [
        encode({
          ...good(query),
          answers: [
            { type: 'CNAME', name: 'www.example.com', data: 'b.example.com' },
            { type: 'CNAME', name: 'b.example.com', data: 'WWW.example.com' },
          ],
        }),
      ],
      false,
      'response: no A of www.example.com, but CNAME b.example.com, CNAME WWW.example.com',
    ],
    [
      'nothing but a lying id',
      (query) => [encode({ ...good(query), id: (query.id ?? 0) ^ 1 })],
      false,
      'query: not done within 0.4 s',
    ],
    [
      'a refusal without the question',
      (query) => [refusal(query)],
      false,
      'response: FORMERR for A of www.example.com',
    ],
    [
      'cut in the middle',
      (query) => [encode(good(query)).subarray(0, -3)],
      false,
      'response: the answer cannot be read',
    ],
    [
      'truncated, and nobody there on TCP',
      (query) => [encode({ ...good(query), flags: TRUNCATED_RESPONSE }).subarray(0, -3)],
      false,
      'connect: refused (ECONNREFUSED)',
    ],
    [
      'a flood',
      () => Array.from({ length: 200 }, () => Buffer.from('no')),
      false,
      'query: 101 datagrams that are no answer',
    ],
  ];
  for (const [name, replies, ok, reason] of table) {
    it(name, async () => {
      const socket = createSocket('udp4');
      socket.on('message', (message, from) => {
        for (const reply of replies(decode(message))) socket.send(reply, from.port, from.address);
      });
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      try {
        const late = name.includes('lying') ? { negotiateTimeout: brief } : {};
        const check = dns({ port: socket.address().port, ...late });
        const result = await withoutLeaks(() => runProbe(check, 'negotiate'));
        if (typeof reason === 'string') assert.equal(result.reason, reason);
        else assert.match(result.reason, reason);
        assert.equal(result.ok, ok);
      } finally {
        socket.close();
        await once(socket, 'close');
      }
    });
  }

  it('another answer over TCP', async () => {
    const server = await listen((socket) => socket.write('\0\x0cnot this one'));
    try {
      const result = await withoutLeaks(() => runProbe(dns({ port: server.port, protocol: 'tcp' }), 'negotiate'));
      assert.equal(result.reason, 'query: the server sends what is no answer to this question');
    } finally {
      await server.close();
    }
  });

  it('nobody there', async () => {
    const result = await withoutLeaks(async () => runProbe(dns({ port: await closedPort() }), 'negotiate'));
    assert.deepEqual([result.ok, result.reason], [false, 'query: refused (ECONNREFUSED)']);
  });
});

function upperCase(packet: Packet): Packet {
  return { ...packet, questions: [{ name: 'WWW.Example.COM', type: 'A' }] };
}

/** With code 1, format error, and nothing but a header. */
function refusal({ id = 0 }: Packet): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id);
  header.writeUInt16BE(0x8001, 2);
  return header;
}

badServerCases('dns over TCP', dns({ protocol: 'tcp' }), {
  first: '\0\x20\0',
  greeting: 'query',
  next: 'query',
  without: ['silent instead of TLS', 'garbage instead of TLS', 'closes instead of TLS'],
});
