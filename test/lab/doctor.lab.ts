/** What is wrong on a director, put into the classic networks and found by the doctor. */

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { systemNft } from '../../src/path/packets/nft.js';
import { packetRules } from '../../src/path/packets/rules.js';
import { tableName } from '../../src/path/packets/table-name.js';
import { cli } from '../helpers/process.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { byHand } from './inside/by-hand.js';
import { run, runIn } from './inside/command.js';
import { Reference } from './inside/controllers.js';
import { assertFaults, codesFound, configured, directorOf, type Fault } from './inside/doctor.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { loadNfTables, nfTablesMissing } from './inside/nf-tables.js';

const execute = promisify(execFile);
const noTables = nfTablesMissing();
// Before anybody asks the kernel for its rules, which would bring in the module that knows none.
if (noTables === false) await loadNfTables();

function sysctl(name: string, fault: string, well: string, code: string): Fault {
  const set = (value: string): Promise<void> => writeFile(`/proc/sys/${name}`, value);
  return { code, put: () => set(fault), back: () => set(well) };
}

async function reading(name: string): Promise<string> {
  return (await readFile(`/proc/sys/${name}`, 'utf8')).trim();
}

/** A setting that a test has for itself. */
async function withSysctl(t: TestContext, name: string, value: string): Promise<void> {
  const before = await reading(name);
  await writeFile(`/proc/sys/${name}`, value);
  t.after(() => writeFile(`/proc/sys/${name}`, before));
}

/** STA_UNSYNC of adjtimex(2): nobody keeps the guest's clock. */
function setClock(isKept: boolean): void {
  const adjtimex = koffi.load(null).func('int adjtimex(uint8_t *clock)') as (clock: Uint8Array) => number;
  const clock = new DataView(new ArrayBuffer(256));
  // ADJ_STATUS and ADJ_MAXERROR; with a longer error the kernel takes it for lost by itself.
  clock.setUint32(0, 0x0010 | 0x0004, true);
  clock.setInt32(40, isKept ? 0 : 0x0040, true);
  assert.ok(adjtimex(new Uint8Array(clock.buffer)) >= 0);
}

function servers(forward: string, more = ''): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address}:80 ${forward}\n`);
  return `virtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n\tscheduler=wrr\n${more}`;
}

/** A director as it is to be, without its table: the doctor needs none. */
async function setUp(t: TestContext, method: 'nat' | 'dr' | 'tun'): Promise<void> {
  await buildNetwork(t, method);
  await run('modprobe', '-a', 'ip_vs_wrr', 'nf_conntrack');
  setClock(true);
  await withSysctl(t, 'net/ipv4/vs/expire_nodest_conn', '1');
}

/** A process that is ended with what it was started for. */
function running(
  program: string,
  ...args: string[]
): { readonly start: () => Promise<void>; readonly end: () => Promise<void> } {
  let child: ChildProcess | null = null;
  return {
    start: async () => {
      child = spawn(program, args, { stdio: 'ignore' });
      await once(child, 'spawn');
    },
    end: async () => {
      const exit = once(child ?? assert.fail(), 'exit');
      child?.kill('SIGTERM');
      await exit;
    },
  };
}

test('NAT', async (t) => {
  await setUp(t, 'nat');
  const folder = await temporaryDirectory(t);
  const foreign = join(folder, 'keepalived.conf');
  await writeFile(foreign, 'virtual_server 192.0.2.77 80 {\n  lb_algo rr\n  lb_kind NAT\n  protocol TCP\n}\n');
  const keepalived = running(
    'keepalived',
    '-n',
    '-l',
    '-C',
    '-f',
    foreign,
    '-p',
    join(folder, 'a'),
    '-c',
    join(folder, 'b'),
  );
  const theirs = '/etc/ha.d/doctor-perl.cf';
  await assertFaults(t, await directorOf(t, servers('masq')), [
    sysctl('net/ipv4/ip_forward', '0', '1', 'forwarding-off'),
    sysctl('net/ipv4/vs/expire_nodest_conn', '0', '1', 'lost-connections-kept'),
    {
      code: 'virtual-address-missing',
      put: () => run('ip', 'address', 'del', `${virtualAddress}/32`, 'dev', 'front'),
      back: () => run('ip', 'address', 'add', `${virtualAddress}/32`, 'dev', 'front'),
    },
    {
      code: 'virtual-address-elsewhere',
      put: () => runIn('client', 'ip', 'address', 'add', `${virtualAddress}/32`, 'dev', 'eth0'),
      back: () => runIn('client', 'ip', 'address', 'del', `${virtualAddress}/32`, 'dev', 'eth0'),
    },
    {
      code: 'no-route',
      put: () => run('ip', 'route', 'add', 'unreachable', `${realAddresses.rs1}/32`),
      back: () => run('ip', 'route', 'del', 'unreachable', `${realAddresses.rs1}/32`),
    },
    { code: 'other-controller', put: keepalived.start, back: keepalived.end },
    {
      code: 'clock-unsynchronised',
      put: async () => setClock(false),
      back: async () => setClock(true),
    },
  ]);
  await t.test('Perl’s ldirectord', async (t) => {
    await writeFile(theirs, 'virtual=192.0.2.78:80\n\treal=192.0.2.79:80 masq\n\tchecktype=off\n');
    const reference = await Reference.start(t, null, theirs);
    const examine = await directorOf(t, servers('masq'));
    assert.deepEqual(await codesFound(examine), ['other-controller']);
    await reference.stop();
    await rm(theirs);
    assert.deepEqual(await codesFound(examine), []);
  });
});

test('NAT in one network: what is sent back on its link makes the kernel tell of a shorter way', {
  skip: byHand,
}, async (t) => {
  await setUp(t, 'nat');
  const address = '192.168.1.24';
  await run('ip', 'address', 'add', `${address}/32`, 'dev', 'back');
  await withSysctl(t, 'net/ipv4/conf/all/send_redirects', '0');
  // It goes with its device.
  await writeFile('/proc/sys/net/ipv4/conf/back/send_redirects', '0');
  const plain = servers('masq').replace(virtualAddress, address);
  await assertFaults(t, await directorOf(t, plain), [
    sysctl('net/ipv4/conf/back/send_redirects', '1', '0', 'redirects-sent'),
    sysctl('net/ipv4/conf/all/send_redirects', '1', '0', 'redirects-sent'),
  ]);
});

test('FULLNAT', { skip: noTables }, async (t) => {
  await setUp(t, 'nat');
  await withSysctl(t, 'net/ipv4/vs/conntrack', '1');
  const text = servers('masq', '\tsnat=yes\n');
  const table = tableName('doctor.cf');
  const rules = packetRules(await configured(t, text));
  const keep = async (): Promise<void> => {
    // As the daemon does.
    assert.deepEqual(await systemNft().write(table, rules, new Map()), { ok: true, value: null });
  };
  await keep();
  const removed = () => run('nft', 'delete', 'table', 'inet', table);
  t.after(removed);
  await assertFaults(t, await directorOf(t, text), [
    sysctl('net/ipv4/vs/conntrack', '0', '1', 'conntrack-off'),
    { code: 'packet-rules-missing', put: removed, back: keep },
  ]);
});

test('DR', { skip: byHand }, async (t) => {
  await setUp(t, 'dr');
  const client = new KernelClient();
  t.after(() => client.close());
  const backup = { state: 'backup', interface: 'back', syncId: 7 } as const;
  await assertFaults(t, await directorOf(t, servers('gate')), [
    sysctl('net/ipv4/conf/all/accept_local', '0', '1', 'answers-refused'),
    sysctl('net/ipv4/conf/back/rp_filter', '1', '0', 'answers-filtered'),
    {
      code: 'gate-by-gateway',
      put: () => run('ip', 'route', 'add', `${realAddresses.rs1}/32`, 'via', realAddresses.rs2),
      back: () => run('ip', 'route', 'del', `${realAddresses.rs1}/32`),
    },
    {
      code: 'backup-balances',
      put: () => client.startDaemon(backup),
      back: () => client.stopDaemon('backup'),
    },
    {
      code: 'backup-only',
      put: async () => {
        await client.startDaemon(backup);
        await writeFile('/proc/sys/net/ipv4/vs/backup_only', '1');
      },
      back: async () => {
        await client.stopDaemon('backup');
        await writeFile('/proc/sys/net/ipv4/vs/backup_only', '0');
      },
    },
  ]);
});

test('TUN', { skip: byHand }, async (t) => {
  await setUp(t, 'tun');
  await assertFaults(t, await directorOf(t, servers('ipip')), [
    {
      code: 'tunnel-mtu',
      put: () => run('ip', 'link', 'set', 'back', 'mtu', '1280'),
      back: () => run('ip', 'link', 'set', 'back', 'mtu', '1500'),
    },
    sysctl('net/ipv4/vs/pmtu_disc', '0', '1', 'tunnel-mtu'),
  ]);
});

test('persistence, and schedulers that hash', { skip: byHand }, async (t) => {
  await setUp(t, 'nat');
  await withSysctl(t, 'net/ipv4/vs/expire_quiescent_template', '1');
  await withSysctl(t, 'net/ipv4/vs/sloppy_tcp', '1');
  await assertFaults(t, await directorOf(t, servers('masq', '\tpersistent=60\n')), [
    sysctl('net/ipv4/vs/expire_quiescent_template', '0', '1', 'templates-kept'),
  ]);
  await run('modprobe', 'ip_vs_mh');
  await assertFaults(t, await directorOf(t, servers('masq').replace('wrr', 'mh')), [
    sysctl('net/ipv4/vs/sloppy_tcp', '0', '1', 'mh-not-sloppy'),
    {
      code: 'module-not-loaded',
      put: () => run('modprobe', '-r', 'ip_vs_mh'),
      back: () => run('modprobe', 'ip_vs_mh'),
    },
  ]);
  assert.deepEqual(await codesFound(await directorOf(t, servers('masq').replace('wrr', 'nosuch'))), ['module-missing']);
});

test('firewall marks, and connections that are tracked', { skip: noTables }, async (t) => {
  await setUp(t, 'nat');
  const rules = join(await temporaryDirectory(t), 'rules');
  await writeFile(
    rules,
    `table ip lab {
  chain in {
    type filter hook prerouting priority mangle
    ct state new counter
    ip daddr ${virtualAddress} tcp dport { 80, 443 } meta mark set 7
  }
}
`,
  );
  const setRules = (): Promise<string> => run('nft', '-f', rules);
  await setRules();
  t.after(() => run('nft', 'delete', 'table', 'ip', 'lab'));
  const most = 'net/netfilter/nf_conntrack_max';
  const before = await reading(most);
  await assertFaults(t, await directorOf(t, servers('masq').replace(`${virtualAddress}:80`, '7')), [
    {
      code: 'mark-unset',
      put: () => run('nft', 'delete', 'table', 'ip', 'lab'),
      back: setRules,
    },
    {
      code: 'conntrack-filling',
      put: async () => {
        await runIn('client', 'ping', '-c', '1', '-W', '5', '172.20.0.1');
        await writeFile(`/proc/sys/${most}`, '1');
      },
      back: () => writeFile(`/proc/sys/${most}`, before),
    },
  ]);
});

test('the verb says it, by its exit status and as JSON, and how many descriptors checks need', async (t) => {
  await setUp(t, 'nat');
  const file = join(await temporaryDirectory(t), 'many.cf');
  const reals = Array.from({ length: 400 }, (_, index) => `\treal=${realAddresses.rs1}:${1000 + index} masq\n`);
  await writeFile(file, `virtual=${virtualAddress}:80\n${reals.join('')}\tchecktype=connect\n\tscheduler=wrr\n`);
  const doctor = (limit: number) =>
    execute('prlimit', [`--nofile=${limit}:${limit}`, process.execPath, cli, file, 'doctor', '--json']).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { readonly code: number; readonly stdout: string }) => ({ code, stdout }),
    );
  const few = await doctor(700);
  assert.equal(few.code, 1, few.stdout);
  const { machines } = JSON.parse(few.stdout);
  assert.deepEqual(
    machines.map(({ machine, findings }: { machine: string; findings: readonly { code: string }[] }) => [
      machine,
      findings.map(({ code }) => code),
    ]),
    [['director', ['descriptors-few']]],
  );
  assert.equal((await doctor(4096)).code, 0);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '0');
  assert.equal((await doctor(4096)).code, 2);
  const shown = await execute(process.execPath, [cli, file, 'doctor']).catch(({ stdout }) => ({ stdout }));
  assert.match(shown.stdout, /net\.ipv4\.ip_forward {2}forwarding-off\n.*mend +sysctl -w net\.ipv4\.ip_forward=1\n/s);
  assert.match(shown.stdout, /\n1 machine examined: 1 error\n$/);
});
