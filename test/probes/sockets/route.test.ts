import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Check } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { checkOf, receive } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { type Listener, listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { startUdpPeer, type UdpPeer } from '../../helpers/udp-server.js';

const source = '127.0.0.5';
const others = '192.0.2.77';

describe('a source address', () => {
  let tcp: Listener;
  let udp: UdpPeer;
  const seen: (string | undefined)[] = [];
  before(async () => {
    tcp = await listen((socket) => {
      seen.push(socket.remoteAddress);
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
    });
    udp = await startUdpPeer('127.0.0.1', (_text, from) => {
      seen.push(from.address);
      return '\0\x03\0\x01hi';
    });
  });
  after(async () => {
    await tcp.close();
    await udp.close();
  });

  const cases: readonly (readonly [name: string, port: () => number, changes: Partial<Check>])[] = [
    ['connect', () => tcp.port, { type: 'connect' }],
    ['http', () => tcp.port, {}],
    ['http, kept', () => tcp.port, { http: { ...checkOf({}).http, keepAlive: true } }],
    ['a dialled protocol', () => tcp.port, { service: 'simpletcp', request: '/x', receive: receive('hi') }],
    ['udp', () => udp.port, { service: 'udp', protocol: 'udp', request: '/x', receive: receive('hi') }],
    ['tftp', () => udp.port, { service: 'tftp', protocol: 'udp', request: '/x', receive: receive('hi') }],
  ];
  for (const [name, port, changes] of cases) {
    it(`is what the server sees: ${name}`, async () => {
      const run = (from: string) =>
        withoutLeaks(async () => {
          const check = checkOf({ ...changes, port: port(), route: { mark: null, source: from, towards: null } });
          const result = await runProbe(check, 'negotiate');
          await releaseKept();
          return result;
        });
      seen.length = 0;
      const { ok, reason } = await run(source);
      assert.equal(ok, true, reason);
      assert.ok(seen.length > 0);
      assert.deepEqual([...new Set(seen)], [source]);
      const wrong = await run(others);
      assert.equal(wrong.ok, null);
      if (name !== 'tftp') {
        assert.equal(wrong.reason, `connect: checksource ${others}: is no address of this machine (EADDRNOTAVAIL)`);
      } else {
        assert.match(wrong.reason, /EADDRNOTAVAIL/);
      }
    });
  }
});

describe('a source on the way to another address', () => {
  it('is what the server sees, over TCP and UDP', async () => {
    const seen: (string | undefined)[] = [];
    // Who is reset at once has no peer any more when somebody looks.
    const tcp = await listen((socket) => {
      seen.push(socket.remoteAddress);
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    }, '127.0.0.2');
    const udp = await startUdpPeer('127.0.0.2', (_text, from) => {
      seen.push(from.address);
      return 'hi';
    });
    const route = { mark: null, source: null, towards: '127.0.0.7' };
    const address = '127.0.0.2';
    const answer = { request: '/x', receive: receive('hi') };
    const results = [
      await runProbe(checkOf({ address, port: tcp.port, route }), 'negotiate'),
      await runProbe(
        checkOf({ service: 'udp', protocol: 'udp', address, port: udp.port, route, ...answer }),
        'negotiate',
      ),
    ];
    await udp.close();
    await tcp.close();
    assert.deepEqual(
      results.map(({ ok }) => ok),
      [true, true],
      JSON.stringify(results),
    );
    assert.deepEqual([...new Set(seen)], ['127.0.0.1']);
  });

  it('is none where that is the address that is asked, which the server has too', async () => {
    const route = { mark: null, source: null, towards: '127.0.0.7' };
    const { ok, reason } = await runProbe(checkOf({ type: 'connect', port: 9, route }), 'connect');
    assert.equal(ok, null);
    assert.match(reason, /^connect: packets to 127\.0\.0\.7 come from 127\.0\.0\.1 itself: set checksource /);
  });
});

describe('a mark', () => {
  const program = fileURLToPath(new URL('../../helpers/marked-checks.js', import.meta.url));
  const run = async (command: string, args: readonly string[], uid?: number): Promise<Record<string, string[]>> => {
    const options = { timeout: 60_000, ...(uid !== undefined && { uid, gid: uid }) };
    const { stdout } = await promisify(execFile)(command, args, options);
    return JSON.parse(stdout);
  };
  const isRoot = process.getuid?.() === 0;
  const rules = spawnSync('unshare', ['-n', 'ip', 'rule', 'add', 'pref', '1', 'fwmark', '7', 'prohibit']).status === 0;
  const skip = lacks('unshare') || lacks('ip') || (rules ? false : 'this user or kernel has no routing rules');

  it('takes packets the way that a rule has for it', { skip }, async () => {
    const reasons = await run('unshare', ['-n', process.execPath, program, 'route']);
    for (const [name, [without, other, marked]] of Object.entries(reasons)) {
      assert.doesNotMatch(without ?? '', /EACCES/, name);
      assert.equal(other, without, name);
      assert.match(marked ?? '', /^(connect|query|response): .*\(EACCES\)$/, name);
    }
    assert.equal(Object.keys(reasons).length, 4);
  });

  it('needs a capability, and the reason says which', async () => {
    const nobody = 65_534;
    const reasons = await run(process.execPath, [program], isRoot ? nobody : undefined);
    for (const [name, [without, ...marked]] of Object.entries(reasons)) {
      const reason = 'connect: checkmark needs the capability CAP_NET_ADMIN (EPERM)';
      assert.deepEqual(marked, [reason, reason], name);
      assert.doesNotMatch(without ?? '', /EPERM/, name);
    }
  });
});
