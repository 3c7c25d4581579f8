/** `ldirectord ipvs` beside the real ipvsadm: what both print, say and leave behind. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFile, symlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { until } from '../helpers/deadline.js';
import { cli } from '../helpers/process.js';
import { greet, startTcpServer } from '../helpers/tcp-server.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { destinationAt, markService } from '../ipvs/conformance/fixture.js';
import { ip, run } from './inside/command.js';
import { commandLines, restores } from './inside/command-lines.js';
import { assertSameListing, type Ipvsadm, ours, reset, theirs } from './inside/ipvsadm.js';

const longName = 'a-name-that-is-longer-than-any-column-of-the-table.example.org';

/** One of everything, in an order that no listing has. */
const everything = `
-A -t 192.0.2.1:443 -s wrr -p 100 -M 255.255.255.0
-a -t 192.0.2.1:443 -r 10.9.0.2 -g -w 3 -x 1000 -y 800
-a -t 192.0.2.1:443 -r 200.9.0.2 -g -w 0
-a -t 192.0.2.1:443 -r 128.9.0.2 -i --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 192.0.2.1:443 -r 1.9.0.2 -i --tun-type gue --tun-port 6081 --tun-csum
-a -t 192.0.2.1:443 -r 10.9.0.3 -i --tun-type gue --tun-port 6082
-a -t 192.0.2.1:443 -r 10.9.0.4 -i --tun-type gre --tun-csum
-a -t 192.0.2.1:443 -r 10.9.0.5 -i --tun-type gre
-a -t 192.0.2.1:443 -r 10.9.0.6 -i
-a -t 192.0.2.1:443 -r [fc00:9::2]:443 -i
-a -t 192.0.2.1:443 -r [1::2]:443 -i
-A -t 1.2.3.4:80
-a -t 1.2.3.4:80 -r 10.9.0.2:8080 -m
-a -t 1.2.3.4:80 -r 10.9.0.2:80 -m -w 2147483647
-a -t 1.2.3.4:80 -r 10.9.0.2:0 -m
-A -t 223.0.0.1:80 -s sh -b sh-port,sh-fallback
-A -t 10.0.0.1:0 -p -s mh -b mh-port,flag-3 -M 255.0.255.0
-A -t 10.0.0.2:80 -s mh -b flag-3
-A -t 10.0.0.3:80 -s rr -b flag-1,flag-3 -p 70 -M 0.0.0.0
-A -t 10.0.0.4:80 -s none
-A -u 10.0.0.1:53 -o
-a -u 10.0.0.1:53 -r 10.9.0.7:domain -m
-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip -o -b flag-2
-A -u 10.0.0.2:5060 --pe sip
-A --sctp-service 10.0.0.1:5060
-a --sctp-service 10.0.0.1:5060 -r 10.9.0.8 -w 7
-A -t [2001:db8::1]:80 -s lc
-a -t [2001:db8::1]:80 -r [fc00:9::3]:8080 -m -x 5
-a -t [2001:db8::1]:80 -r [fc00:9::2]:80 -g
-a -t [2001:db8::1]:80 -r 10.9.0.2:80 -i
-A -t [fc00:8::1]:80 -p 90 -M 64
-A -u [2001:db8:8000::1]:53 -s dh
-A -t [2001:db8:1234:5678:9abc:def0:1234:5678]:54321
-A -f 7 -s wlc
-a -f 7 -r 10.9.0.2:80 -g
-a -f 7 -r 10.9.0.2 -m
-A -f 7 -6 -p 50 -M 48 -s nq
-a -f 7 -6 -r [fc00:9::2]:0
-A -f 4294967295 -s sed
-A -f 2147483647 -s lblcr
`;

/** Of the table. */
const views = [[], ['--stats'], ['--rate'], ['--thresholds'], ['--persistent-conn'], ['--tun-info']];

async function build(): Promise<void> {
  await reset();
  const { status, complaints } = await theirs(['-R'], everything);
  assert.deepEqual({ status, complaints }, { status: 0, complaints: '' });
}

test('every command line prints, says and leaves the same, wrong ones too', async () => {
  const outcomes = async (program: Ipvsadm) => {
    await reset();
    const all = [];
    for (const words of commandLines) all.push({ words, ...(await program(words)) });
    return all;
  };
  const [expected, actual] = [await outcomes(theirs), await outcomes(ours)];
  for (const [index, outcome] of actual.entries()) assert.deepEqual(outcome, expected[index]);
  assert.ok(expected.filter(({ status }) => status === 0).length > 90);
});

test('lines to restore are carried out, refused and given up alike', async () => {
  const outcomes = async (program: Ipvsadm) => {
    const all = [];
    for (const input of restores) {
      await run('ipvsadm', '-C');
      all.push({ input, ...(await program(['-R'], input)), table: (await theirs(['-Sn'])).output });
    }
    return all;
  };
  const [expected, actual] = [await outcomes(theirs), await outcomes(ours)];
  for (const [index, outcome] of actual.entries()) assert.deepEqual(outcome, expected[index]);
});

test('a table with one of everything is listed alike, by numbers and by names', async () => {
  await build();
  await appendFile('/etc/hosts', `10.9.0.2 ${longName} short\n10.9.0.3 three.example\n200.9.0.2 ${'x'.repeat(63)}\n`);
  await appendFile('/etc/hosts', `fc00:9::2 ${longName}\n192.0.2.1 front.example\n192.0.2.1 second.example\n`);
  for (const view of views) {
    for (const others of [['-n'], ['--sort'], ['-n', '--exact', '--nosort']]) {
      const { output } = await assertSameListing('-L', ...view, ...others);
      assert.ok(output.split('\n').length > 40);
    }
  }
  for (const service of [
    ['-t', '192.0.2.1:443'],
    ['-f', '7', '-6'],
    ['-t', 'front.example:https'],
  ]) {
    await assertSameListing('-L', ...service);
    await assertSameListing('-Ln', ...service, '--stats');
  }
  await assertSameListing('-S');
  await assertSameListing('-Sn');
  await assertSameListing('-Ln', '--timeout');
});

test('what one saves, the other restores', async () => {
  for (const [saver, restorer] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    await build();
    const before = await theirs(['-Sn']);
    const saved = await saver(['-Sn']);
    // A mark above 2^31 is saved as a negative number, and scheduler flags without a name as none: nothing restores
    // them.
    const rules = saved.output.split('\n').filter((rule) => !/ -f -\d| -b $/.test(rule));
    assert.equal(saved.output.split('\n').length - rules.length, 2);
    await reset();
    const { status, complaints } = await restorer(['-R'], rules.join('\n'));
    assert.deepEqual({ status, complaints }, { status: 0, complaints: '' });
    const after = await theirs(['-Sn']);
    const kept = before.output.split('\n').filter((rule) => rules.includes(rule));
    assert.deepEqual(after.output.split('\n').toSorted(), kept.toSorted());
  }
});

test('a method of forwarding that only other programs ask for', async (t) => {
  await reset();
  const client = new KernelClient();
  t.after(() => client.close());
  const service = markService(5);
  const destination = destinationAt({ address: '10.9.0.1', port: 80 }, { forward: 'local' });
  assert.deepEqual(
    await client.apply([
      { type: 'add-service', service },
      { type: 'add-destination', service, destination },
    ]),
    [null, null],
  );
  for (const words of [['-Ln'], ['-Ln', '--tun-info'], ['-Sn']]) await assertSameListing(...words);
});

test('connections of several kinds and states, with what a persistence engine found', async (t) => {
  await reset();
  await ip('link add away type dummy\naddr add 10.66.0.1/24 dev away\nlink set away up\n');
  await ip('addr add 10.55.0.1/32 dev lo\naddr add 10.55.0.2/32 dev lo\naddr add fc00:55::1/128 dev lo nodad\n');
  t.after(() => ip('link delete away\naddr del 10.55.0.1/32 dev lo\naddr del 10.55.0.2/32 dev lo\n'));
  const server = await startTcpServer(greet('a'));
  const server6 = await startTcpServer(greet('a'), '::1');
  t.after(() => Promise.all([server.close(), server6.close()]));
  const { complaints } = await theirs(
    ['-R'],
    `-A -t 10.55.0.1:80
-a -t 10.55.0.1:80 -r 127.0.0.1:${server.port} -m
-A -t 10.55.0.1:443
-a -t 10.55.0.1:443 -r 10.66.0.77:443 -m
-A -t [fc00:55::1]:80 -p 500000
-a -t [fc00:55::1]:80 -r [::1]:${server6.port} -m
-A -u 10.55.0.1:53 -p 100
-a -u 10.55.0.1:53 -r 127.0.0.1:5353 -m
-A -u 10.55.0.1:5060 -p 100 --pe sip -o
-a -u 10.55.0.1:5060 -r 127.0.0.1:5060 -m
-A -f 7 -p 300
-a -f 7 -r 127.0.0.1 -m`,
  );
  assert.equal(complaints, '');
  for (const [port, address, ends] of [
    [80, '10.55.0.1', false],
    [80, '10.55.0.1', true],
    [80, 'fc00:55::1', false],
    [443, '10.55.0.1', false],
  ] as const) {
    const socket = connect(port, address);
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    if (port === 443) continue;
    await once(socket, 'data');
    if (ends) socket.end();
  }
  const datagrams = createSocket('udp4');
  t.after(() => datagrams.close());
  datagrams.send('question', 53, '10.55.0.1');
  datagrams.send('INVITE sip:a@b SIP/2.0\r\nCall-ID: a-call@host\r\n\r\n', 5060, '10.55.0.1');
  await connectMarked(t, server.port);

  const listed = async () => (await theirs(['-Lnc', '--persistent-conn'])).output;
  const wanted = [
    /ESTABLISHED/,
    /(FIN|TIME)_WAIT/,
    /SYN_RECV/,
    /^UDP.*UDP/m,
    /\[fc00:55::1\]/,
    / sip +a-call@host/,
    /^IP /m,
  ];
  await until('all kinds are there', async () => {
    const text = await listed();
    return wanted.every((kind) => kind.test(text));
  });
  await assertSameListing('-Lnc');
  await assertSameListing('-Lc');
  await assertSameListing('-Lc', '--persistent-conn');
  await assertSameListing('-Lnc', '--persistent-conn');
  for (const view of views) await assertSameListing('-Ln', ...view);
  assert.match((await assertSameListing('-Ln', '--stats', '--exact')).output, /^ {2}-> 127\.0\.0\.1:\d+ +2 /m);
});

/** A connection whose packets have the mark 7. */
async function connectMarked(t: TestContext, port: number): Promise<void> {
  const script = `use Socket; $| = 1; socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, 36, pack('I', 7));
    connect(S, pack_sockaddr_in(${port}, inet_aton('10.55.0.2'))) or die $!; print "up"; <STDIN>`;
  const child = spawn('perl', ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
}

test('synchronization daemons', async () => {
  await reset();
  await assertSameListing('-L', '--daemon');
  await run('ipvsadm', '--start-daemon', 'master', '--mcast-interface', 'lo');
  await assertSameListing('-L', '--daemon');
  const attributes = ['--mcast-group', '224.0.0.90', '--mcast-port', '9000', '--mcast-ttl', '3', '--syncid', '5'];
  await run('ipvsadm', '--start-daemon', 'backup', '--mcast-interface', 'lo', '--sync-maxlen', '1400', ...attributes);
  assert.match((await assertSameListing('-Ln', '--daemon')).output, /^master .*\nbackup .*ttl=3\)\n$/);
  await reset();
});

test('as programs of their own: by the verb, and by the names of the scripts', async (t) => {
  await build();
  const folder = await temporaryDirectory(t);
  for (const name of ['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore']) await symlink(cli, join(folder, name));
  const called = async (program: string, words: readonly string[], input = '') => {
    const child = spawn(process.execPath, [program, ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(input);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const [status] = (await once(child, 'close')) as [number];
    return { output, status };
  };
  const { output: listing } = await theirs(['-Ln']);
  assert.deepEqual(await called(cli, ['ipvs', '-Ln']), { output: listing, status: 0 });
  assert.deepEqual(await called(join(folder, 'ipvsadm'), ['-Ln']), { output: listing, status: 0 });
  const saved = await run('ipvsadm-save', '-n');
  assert.deepEqual(await called(join(folder, 'ipvsadm-save'), ['-n']), { output: saved, status: 0 });
  assert.equal((await called(join(folder, 'ipvsadm-save'), ['-x'])).status, 1);
  // What stands goes.
  const input = '-A -t 10.0.0.99:80\n-a -t 10.0.0.99:80 -r 10.9.0.1\n';
  assert.deepEqual(await called(join(folder, 'ipvsadm-restore'), [], input), { output: '', status: 0 });
  assert.equal(
    await run('ipvsadm-save', '-n'),
    `-A -t 10.0.0.99:80 -s wlc\n-a -t 10.0.0.99:80 -r 10.9.0.1:80 -g -w 1\n`,
  );
});

test('11,000 rules are restored in less time than ipvsadm takes', async (t) => {
  const rules: string[] = [];
  for (let service = 0; service < 1_000; service += 1) {
    const name = `-t 10.${service >> 8}.${service & 255}.1:80`;
    rules.push(`-A ${name} -s wrr\n`);
    for (let server = 1; server <= 10; server += 1)
      rules.push(`-a ${name} -r 10.200.${service & 255}.${server} -g -w 1\n`);
  }
  const timed = async (program: Ipvsadm) => {
    await reset();
    const start = performance.now();
    assert.equal((await program(['-R'], rules.join(''))).status, 0);
    return performance.now() - start;
  };
  const [first, second, third] = [await timed(ours), await timed(theirs), await timed(ours)];
  const listing = performance.now();
  await ours(['-Ln']);
  const listed = performance.now() - listing;
  const [rest] = [(await theirs(['-Sn'])).output];
  assert.equal(rest.trim().split('\n').length, rules.length);
  t.diagnostic(
    `ours ${Math.round(first)} and ${Math.round(third)} ms, ipvsadm -R ${Math.round(second)} ms; -Ln ${Math.round(listed)} ms`,
  );
  assert.ok(Math.min(first, third) < second);
  await reset();
});
