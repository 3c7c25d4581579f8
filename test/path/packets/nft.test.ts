/** Debian's nft and this machine's kernel, in a network of the test's own. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Virtual } from '../../../src/model/config.js';
import { faultOf, systemNft } from '../../../src/path/packets/nft.js';
import { isSame, noRules, type PacketRules, packetRules, rulesOf } from '../../../src/path/packets/rules.js';
import type { Counts } from '../../../src/path/packets/script.js';
import { literal, realServer, virtual } from '../../helpers/configuration.js';
import { ownNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';
import { seeded } from '../../helpers/random.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { carrying } from './values.js';

const nft = systemNft();
const skip = lacks('nft', `${process.env['PATH'] ?? ''}:/usr/sbin`) || ownNetwork() || kernelLacks();

/** False where this kernel has what it takes. */
function kernelLacks(): string | false {
  try {
    run('add table inet trial; add chain inet trial c { type nat hook postrouting priority 100; }');
    run('delete table inet trial');
    return false;
  } catch {
    return 'this kernel has no nf_tables';
  }
}

function run(command: string): string {
  return execFileSync('/usr/sbin/nft', [command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

async function write(rules: PacketRules, counts: Counts = new Map()): Promise<void> {
  assert.deepEqual(await nft.write('ours', rules, counts), { ok: true, value: null });
}

async function read() {
  const answer = await nft.read('ours');
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value;
}

const masq = (address: string) => realServer(literal(address), { forward: 'masq' });
const snat = (...addresses: string[]) => ({ snat: true, realServers: addresses.map(masq) });
const six = literal('2001:db8::1');

/** One of each kind. */
const all: readonly Virtual[] = [
  carrying(
    {
      mark: 0x8123_4567,
      transports: ['tcp', 'udp'],
      ports: [
        [80, 80],
        [443, 443],
        [8000, 8100],
      ],
    },
    snat('10.0.0.1', '10.0.0.2'),
  ),
  carrying({ mark: 5, host: six, ports: [[1, 65535]] }, { family: 'inet6', ...snat('2001:db8:1::1') }),
  virtual(snat('10.0.0.1')),
  virtual({ endpoint: { protocol: 'udp', host: literal('192.0.2.3'), port: 0 }, ...snat('10.0.0.3', '10.0.0.4') }),
  virtual({
    family: 'inet6',
    endpoint: { protocol: 'udp', host: six, port: 53 },
    ...snat('2001:db8:1::1', '2001:db8:1::2'),
  }),
  virtual({ endpoint: { protocol: 'fwm', mark: 9 }, ...snat('10.0.0.1') }),
  virtual({ family: 'inet6', endpoint: { protocol: 'fwm', mark: 9 }, ...snat('2001:db8:1::1') }),
];

test('what was written is read again, counters too; then nothing is left', { skip }, async () => {
  const rules = packetRules({ virtuals: all });
  assert.equal(await read(), null);
  await write(rules, new Map([['mark_inet_2166572391', { packets: 12, bytes: 3456 }]]));
  const standing = await read();
  assert.ok(standing?.rules && isSame(standing.rules, rules), run('list table inet ours'));
  assert.deepEqual(standing.counts.get('mark_inet_2166572391'), { packets: 12, bytes: 3456 });
  await write(rules, standing.counts);
  assert.deepEqual(await read(), standing);
  await write(noRules);
  assert.equal(await read(), null);
  assert.equal(run('list ruleset'), '');
});

test('translation that goes on without a rule is read as it was written', { skip }, async () => {
  for (const marks of [[], [...packetRules({ virtuals: all }).marks.values()]]) {
    const rules = rulesOf(marks, [], true);
    await write(rules);
    assert.ok(isSame((await read())?.rules ?? noRules, rules));
  }
  await write(noRules);
});

test('each part by itself, and random ones, are read as they were written', { skip }, async () => {
  const random = seeded(17);
  const some = (): Virtual[] => all.filter(() => random(2) === 0);
  const choices = [...all.map((one) => [one]), ...Array.from({ length: 20 }, some)];
  for (const virtuals of choices) {
    const rules = packetRules({ virtuals });
    await write(rules);
    const standing = await read();
    assert.ok(isSame(standing?.rules ?? noRules, rules), `${JSON.stringify([...rules.marks, ...rules.snats])}`);
  }
  await write(noRules);
});

const strangers: readonly string[] = [
  'add rule inet ours postrouting accept',
  'insert rule inet ours prerouting drop',
  'add rule inet ours to_192.0.2.1 tcp dport 22 meta mark set 7',
  'add rule inet ours to_192.0.2.1 tcp dport 80 meta mark != 7 counter name mark_inet_2166572391 meta mark set 7',
  'add chain inet ours stranger',
  'add chain inet ours stranger { type filter hook input priority 0; policy drop; }',
  'chain inet ours prerouting { policy drop; }',
  'add set inet ours stranger { type ipv4_addr; }',
  'add counter inet ours stranger',
  'flush chain inet ours output',
  'flush table inet ours',
  'add rule inet ours postrouting ip daddr 10.0.0.1 masquerade',
  'add rule inet ours postrouting meta mark 9 ip daddr 10.0.0.1 ip saddr 10.0.0.2 masquerade',
  'add rule inet ours postrouting meta mark 9 ip daddr 10.0.0.1 masquerade random',
];

test('whatever somebody puts into the table or takes out of it is seen', { skip }, async () => {
  const rules = packetRules({ virtuals: all });
  for (const command of strangers) {
    await write(rules);
    run(command);
    const standing = await read();
    assert.ok(standing !== null && (standing.rules === null || !isSame(standing.rules, rules)), command);
    await write(rules);
    assert.ok(isSame((await read())?.rules ?? noRules, rules), command);
  }
  await write(noRules);
});

test('other tables stay, and those with similar names', { skip }, async () => {
  execFileSync('/usr/sbin/nft', ['-f', '-'], {
    input: 'table ip ours { chain c { ip daddr 192.0.2.1 accept; }; }\ntable inet ours2 { counter ours { }; }\n',
  });
  const before = execFileSync('/usr/sbin/nft', ['-a', 'list', 'ruleset'], { encoding: 'utf8' });
  await write(packetRules({ virtuals: all }));
  await write(noRules);
  assert.equal(execFileSync('/usr/sbin/nft', ['-a', 'list', 'ruleset'], { encoding: 'utf8' }), before);
  run('flush ruleset');
});

test('what the kernel refuses changes nothing', { skip }, async () => {
  await write(packetRules({ virtuals: all }));
  const before = await read();
  const [first] = all;
  assert.ok(first);
  const { marks } = packetRules({ virtuals: [first] });
  const broken = new Map([...marks].map(([key, rule]) => [key, { ...rule, mark: 2 ** 32 }]));
  assert.ok(!(await nft.write('ours', { ...noRules, marks: broken }, new Map())).ok);
  assert.deepEqual(await read(), before);
  await write(noRules);
});

test('thousands of servers and ports', { skip }, async () => {
  const ports = Array.from({ length: 1_000 }, (_, index): [number, number] => [index * 40 + 1, index * 40 + 20]);
  const addresses = Array.from({ length: 10_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  const rules = packetRules({ virtuals: [carrying({ mark: 5, ports }, snat(...addresses))] });
  await write(rules);
  assert.ok(isSame((await read())?.rules ?? noRules, rules));
  await write(noRules);
});

test('without nft it says what to install', async (t) => {
  const missing = systemNft(join(await temporaryDirectory(t), 'nft'));
  for (const answer of [await missing.read('ours'), await missing.write('ours', noRules, new Map())]) {
    assert.deepEqual(answer, {
      ok: false,
      fault: { code: 'nft-missing', message: 'nft is not installed: `apt install nftables`' },
    });
  }
});

test('one that hangs, dies or says nonsense is told as such, and nobody waits for it longer', async (t) => {
  const program = join(await temporaryDirectory(t), 'nft');
  const codes = async (script: string): Promise<readonly (string | null)[]> => {
    await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const its = systemNft(program, 500);
    const answers = [await its.read('ours'), await its.write('ours', noRules, new Map())];
    return answers.map((answer) => (answer.ok ? null : answer.fault.code));
  };
  assert.deepEqual(await codes('exec sleep 300'), ['timed-out', 'timed-out']);
  // What it has started keeps its output open: it has ended well all the same.
  assert.deepEqual(await codes('sleep 3 & exit 0'), ['not-understood', null]);
  assert.deepEqual(await codes('kill -9 $$'), ['refused', 'refused']);
  assert.deepEqual(await codes('echo nonsense'), ['not-understood', null]);
  const killed = Object.assign(new Error('Command failed: nft'), { code: null, killed: false, signal: 'SIGKILL' });
  assert.equal(faultOf(killed, '').message, 'nft: it was killed by SIGKILL');
});

test('what nft says becomes a code and a remedy', () => {
  const failed = Object.assign(new Error('Command failed: nft -f -'), { code: 1, killed: false });
  const codeOf = (stderr: string) => faultOf(failed, stderr).code;
  const place = '/dev/stdin:1:1-26: ';
  assert.equal(
    codeOf(`${place}Error: Could not process rule: Operation not supported\nadd table\n^^^\n`),
    'kernel-lacks-it',
  );
  assert.equal(codeOf('Unable to initialize Netlink socket: Protocol not supported\n'), 'kernel-lacks-it');
  assert.equal(codeOf(`${place}Error: Could not process rule: Operation not permitted\nadd table\n`), 'not-permitted');
  assert.equal(codeOf('netlink: Error: cache initialization failed: Operation not permitted\n'), 'not-permitted');
  assert.equal(codeOf(`${place}Error: syntax error, unexpected newline\n`), 'refused');
  assert.equal(faultOf({ ...failed, killed: true }, '').code, 'timed-out');
  assert.match(faultOf(failed, `${place}Error: Could not process rule: Operation not supported\n`).message, /modprobe/);
});
