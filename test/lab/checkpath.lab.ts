/** Checks that go as IPVS forwards: what they find where a check of the real server's own address passes. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli, type Program } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { byHand } from './inside/by-hand.js';
import { ip, run, runIn } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { addBridge, addNamespace, buildNetwork, plug, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { hexadecimal, savedRules, weights } from './inside/table.js';

type Tunnelled = 'dr' | 'tun';

const forwarding = { dr: 'gate', tun: 'ipip' } as const;
const device = { dr: 'lo', tun: 'tunl0' } as const;
const { rs1, rs2 } = realAddresses;

/** The rules of services of marks. */
async function paths(): Promise<string[]> {
  return (await savedRules()).filter((line) => / -f \d+ /.test(line));
}

/** Whether a server stands in the service of this port. */
function stands(server: string, port: number): boolean {
  const servers = weights().get(`TCP ${hexadecimal(`${virtualAddress}:${port}`)}`);
  return servers?.has(hexadecimal(`${server}:${port}`)) === true;
}

/** Both services have both servers; the one of port 81 asks them directly, at the port where they listen. */
function text(method: Tunnelled, servers: readonly string[] = [rs1, rs2]): string {
  const section = (port: number, ...lines: string[]): string =>
    [
      `virtual=${virtualAddress}:${port}`,
      ...servers.map((server) => `real=${server}:${port} ${forwarding[method]}`),
      ...['service=http', 'checkport=80', ...lines],
    ].join('\n\t');
  // The paths go all the same.
  // A guest on a busy machine takes seconds for what is well.
  const globals = 'checkinterval=1\nchecktimeout=6\nnegotiatetimeout=6\ncleanstop=no\n';
  return `${globals}${section(80, 'checkpath=forwarded')}\n${section(81)}\n`;
}

async function setUp(t: TestContext, method: Tunnelled) {
  await buildNetwork(t, method);
  const listeners = {
    rs1: await Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    rs2: await Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  };
  const file = join(await temporaryDirectory(t), 'web.cf');
  await writeFile(file, text(method));
  t.after(() => run('ipvsadm', '-C'));
  return { file, listeners };
}

async function untilAllStand(): Promise<void> {
  await eventually('all stand', () => [rs1, rs2].every((server) => stands(server, 80) && stands(server, 81)));
}

function settings(namespace: string, ...values: string[]): Promise<string> {
  return runIn(namespace, 'sysctl', '-qw', ...values);
}

interface Fault {
  readonly what: string;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/** What is wrong with rs1 as a server of this network, and with nothing that a direct check sees. */
function faultsOf(method: Tunnelled): Fault[] {
  const name = device[method];
  const address = `${virtualAddress}/32 dev ${name}\n`;
  const withoutAddress: Fault = {
    what: `${name} does not have the address`,
    begin: () => ip(`addr delete ${address}`, 'rs1'),
    end: () => ip(`addr add ${address}`, 'rs1'),
  };
  if (method === 'dr') return [withoutAddress];
  return [
    withoutAddress,
    {
      what: 'tunl0 is down',
      begin: () => ip('link set tunl0 down\n', 'rs1'),
      end: () => ip('link set tunl0 up\n', 'rs1'),
    },
    {
      what: 'rp_filter drops what comes out of the tunnel',
      begin: () => settings('rs1', 'net.ipv4.conf.tunl0.rp_filter=1'),
      end: () => settings('rs1', 'net.ipv4.conf.tunl0.rp_filter=0'),
    },
  ];
}

/** From the first check on that has begun by then. */
async function severalChecks(ours: Program): Promise<void> {
  const sums = (): number => ours.lines.filter(({ text }) => text.includes('] Checks: ')).length;
  const before = sums();
  await eventually('checks have been made', () => sums() >= before + 5);
}

for (const method of ['dr', 'tun'] as const) {
  test(`${method}: what keeps clients from a server is found, where a direct check passes`, {
    skip: method === 'tun' && byHand,
  }, async (t) => {
    const { file, listeners } = await setUp(t, method);
    const ours = await startOurs(t, file);
    await untilAllStand();
    for (const { what, begin, end } of faultsOf(method)) {
      await begin();
      await eventually(what, () => !stands(rs1, 80));
      await eventually(`${what}: the direct check passes`, () => stands(rs1, 81));
      await eventually(`${what}: the other server is well`, () => stands(rs2, 80));
      assert.ok(!stands(rs1, 80), what);
      await end();
      await eventually(`no longer: ${what}`, () => stands(rs1, 80));
    }
    assert.match(ours.text, new RegExp(`Check failed: ${rs1}:80 \\(tcp:${virtualAddress}:80\\): `));
    assert.doesNotMatch(ours.text, new RegExp(`Check failed: ${rs1}:81 `));

    await listeners.rs1.kill();
    await eventually('rs1 is dead for both', () => !stands(rs1, 80) && !stands(rs1, 81));
    const ownAddress = await Peer.start(t, 'rs1', 'web-server', 'rs1', rs1);
    await eventually('a listener at its own address is enough for the direct check', () => stands(rs1, 81));
    await severalChecks(ours);
    assert.equal(stands(rs1, 80), false);
    assert.match(ours.text, new RegExp(`${rs1}:80 .*connect: refused \\(ECONNREFUSED\\)`));
    await ownAddress.kill();
    await Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0');
    await untilAllStand();

    // Who answers ARP for the address in the director's place takes its clients away; what the director sends is
    // delivered to it all the same. Only another machine's question would find that.
    await settings('rs1', 'net.ipv4.conf.all.arp_ignore=0', 'net.ipv4.conf.lo.arp_ignore=0');
    await ip('neigh flush all\n');
    await severalChecks(ours);
    await untilAllStand();
  });
}

test('the paths are adopted, hidden, and gone after a stop', async (t) => {
  const { file } = await setUp(t, 'dr');
  const first = await startOurs(t, file);
  await untilAllStand();
  const standing = await paths();
  assert.equal(standing.length, 4, 'a service and a server each');
  for (const server of [rs1, rs2]) assert.equal(standing.filter((line) => line.includes(` -r ${server}:0 `)).length, 1);
  const marks = standing.flatMap((line) => / -f (\d+) /.exec(line)?.[1] ?? []);
  const ask = (...words: string[]) => run(process.execPath, cli, '--backend', 'kernel', file, ...words);
  const seen = [await ask('list'), await ask('list', '--json'), await ask('plan'), first.text].join('\n');
  for (const mark of marks) assert.ok(!seen.includes(mark), mark);
  assert.doesNotMatch(seen, /check path|0x4c/);
  assert.match(await ask('explain', rs1), new RegExp(`${virtualAddress}:80, forwarded to ${rs1} by mark 0x4c`));

  const connections = async (): Promise<number> => {
    const lines = (await run('ipvsadm', '-Ln', '--stats', '--exact')).split('\n');
    return Math.min(...lines.flatMap((line) => /^FWM +\d+ +(\d+)/.exec(line)?.[1] ?? []).map(Number));
  };
  await eventually('they carry checks', async () => (await connections()) > 2);
  const before = await connections();
  process.kill(first.child.pid ?? 0, 'SIGKILL');
  await first.exit;
  assert.deepEqual(await paths(), standing);
  const second = await startOurs(t, file);
  await severalChecks(second);
  assert.deepEqual(await paths(), standing);
  assert.ok((await connections()) >= before, 'the same as before, with what they have counted');
  assert.doesNotMatch(second.text, /Added virtual|Added real|Purged/);

  process.kill(second.child.pid ?? 0, 'SIGKILL');
  await second.exit;
  await writeFile(file, text('dr', [rs1]));
  const third = await startOurs(t, file);
  await eventually('what nobody wants any more is gone', async () => (await paths()).length === 2);
  assert.ok((await paths()).every((line) => standing.includes(line)));

  assert.equal(await stop(third), 0);
  assert.deepEqual(await paths(), []);
  assert.ok((await savedRules()).length > 0, 'cleanstop=no');
});

test('where this machine drops the answers, check says which sysctl lets them in', async (t) => {
  const { file } = await setUp(t, 'dr');
  await run('sysctl', '-qw', 'net.ipv4.conf.all.accept_local=0', 'net.ipv4.conf.back.rp_filter=1');
  const said = await run('sh', '-c', `"${process.execPath}" "${cli}" --backend kernel "${file}" check 2>&1`);
  const remedies = [...said.matchAll(/set sysctl (\S+=\d)/g)].map(([, remedy = '']) => remedy);
  assert.deepEqual(remedies, ['net.ipv4.conf.back.accept_local=1', 'net.ipv4.conf.back.rp_filter=2'], said);
  const ours = await startOurs(t, file);
  await eventually('the direct checks pass', () => stands(rs1, 81) && stands(rs2, 81));
  await eventually('the forwarded ones do not', () => ours.text.includes(`Check failed: ${rs1}:80 `));
  assert.equal(stands(rs1, 80), false);
  await run('sysctl', '-qw', ...remedies);
  await untilAllStand();
});

test('IPv6 needs no sysctl', async (t) => {
  const address = '2001:db8:1::24';
  const [one, other] = ['2001:db8:2::16', '2001:db8:2::8'];
  await addBridge(t, 'front', [`${address}/128`]);
  await addBridge(t, 'back', ['2001:db8:2::1/64']);
  for (const [name, own] of [
    ['rs1', one],
    ['rs2', other],
  ] as const) {
    await addNamespace(t, name);
    await plug(name, 'back', `${own}/64`);
    await ip(`route add default via 2001:db8:2::1\naddr add ${address}/128 dev lo nodad\n`, name);
    await Peer.start(t, name, 'web-server', name, '[::]');
  }
  const file = join(await temporaryDirectory(t), 'six.cf');
  const reals = [one, other].map((server) => `\treal6=[${server}]:80 gate\n`).join('');
  await writeFile(
    file,
    `checkinterval=1\nchecktimeout=6\nnegotiatetimeout=6\nvirtual6=[${address}]:80\n${reals}\tservice=http\n\tcheckpath=forwarded\n`,
  );
  t.after(() => run('ipvsadm', '-C'));
  await startOurs(t, file);
  const standing = async (): Promise<string[]> =>
    (await savedRules()).flatMap((line) => / -t .* -r \[(.*)\]:80 /.exec(line)?.[1] ?? []);
  await eventually('both stand', async () => (await standing()).length === 2);
  await ip(`addr delete ${address}/128 dev lo\n`, 'rs1');
  await eventually('rs1 is out', async () => (await standing()).join() === other);
});
