/** Two directors that share a store, each in a namespace: an address that both hold, and a drain that waits for all of them. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli, Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { byHand } from './inside/by-hand.js';
import { Client } from './inside/client.js';
import { ip, runIn } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { buildMachines, type Machine } from './inside/machines.js';
import { Peer } from './inside/peer.js';

const skip = lacks('etcd') || lacks('etcdctl') || lacks('perl');
const [vip, vip6] = ['198.51.100.80', '2001:db8:51::80'] as const;
const store = '198.51.100.5';
const endpoint = `http://${store}:2379`;

function machine(name: string, host: number): Machine {
  return { name, links: [['front', `198.51.100.${host}/24`, `2001:db8:51::${host}/64`]] };
}

/** Each frame that tells of an address: who says so, of which address, and whether it was asked. */
const listener = `
  use Socket;
  socket(my $s, 17, SOCK_RAW, unpack("S", pack("n", 3))) or die;
  $| = 1;
  print "listening\\n";
  while (defined recv($s, my $f, 2048, 0)) {
    my $type = unpack("n", substr($f, 12, 2));
    if ($type == 0x806) {
      my ($from, $of, $for) = (unpack("H12", substr($f, 22, 6)), substr($f, 28, 4), substr($f, 38, 4));
      print "gratuitous $from ", inet_ntoa($of), "\\n" if $of eq $for;
    } elsif ($type == 0x86dd && ord(substr($f, 20, 1)) == 58 && ord(substr($f, 54, 1)) == 136) {
      my ($from, $of, $flags) = (unpack("H12", substr($f, 6, 6)), substr($f, 62, 16), ord(substr($f, 58, 1)));
      print(($flags & 0x40 ? "solicited" : "unsolicited"), " $from ", Socket::inet_ntop(AF_INET6, $of), "\\n");
    }
  }
`;

async function startStore(t: TestContext): Promise<(...words: readonly string[]) => Promise<string>> {
  const folder = await temporaryDirectory(t);
  const peer = `http://${store}:2380`;
  const args = [
    ...['--data-dir', join(folder, 'data'), '--log-level', 'error'],
    ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ];
  new Program(t, 'ip', ['netns', 'exec', 'store', 'etcd', ...args]);
  const ctl = (...words: readonly string[]) => runIn('store', 'etcdctl', '--endpoints', endpoint, ...words);
  await eventually('etcd answers', () =>
    ctl('endpoint', 'health').then(
      () => true,
      () => false,
    ),
  );
  return ctl;
}

/** Our program on a machine, in the foreground, and its verbs. */
async function startDirector(t: TestContext, name: string, text: string, settings: string) {
  const folder = join(await temporaryDirectory(t), name);
  await mkdir(folder);
  const file = join(folder, 'web.cf');
  await writeFile(file, text);
  await writeFile(join(folder, 'ldirectord.ini'), `${settings}[store]\nendpoints = ${endpoint}\nname = ${name}\n`);
  const inside = ['netns', 'exec', name, 'env', `LDIRECTORD_RUN_DIR=${folder}`, process.execPath, cli];
  const program = new Program(t, 'ip', [...inside, '-d', '--backend', 'kernel', file, 'start']);
  await program.line(/Starting Linux Director/);
  return {
    program,
    begin: (...words: readonly string[]) => new Program(t, 'ip', [...inside, file, ...words]),
    /** Says what it has said where it does not become so. */
    isThere: async (ctl: (...words: readonly string[]) => Promise<string>): Promise<void> => {
      let found = '';
      await eventually(`${name} is there`, async () => {
        found = await ctl('get', '--prefix', '/ldirectord/');
        return found.includes(`/directors/${name}\n`) && !found.includes('"ready":false');
      }).catch(({ message }: Error) => {
        throw new Error([message, found].join('\n'));
      });
    },
  };
}

function hardwareOf(link: string): string {
  const [{ address = '' } = {}] = JSON.parse(link) as { address?: string }[];
  return address.replaceAll(':', '');
}

test('an address that two directors hold is told, and when that is over who keeps it tells its neighbours', {
  skip,
}, async (t) => {
  await buildMachines(t, [machine('client', 10), machine('lb1', 11), machine('lb2', 12), machine('store', 5)]);
  const ctl = await startStore(t);
  const text = `virtual=${vip}:80\n\treal=198.51.100.21:80 gate\n\tchecktype=on\nvirtual6=[${vip6}]:80\n\treal6=[2001:db8:51::21]:80 gate\n\tchecktype=on\n`;
  const hold = (name: string, how: 'add' | 'del') =>
    ip(`addr ${how} ${vip}/32 dev eth0\naddr ${how} ${vip6}/128 dev eth0${how === 'add' ? ' nodad' : ''}\n`, name);
  const [one, other] = [
    await startDirector(t, 'lb1', text, '[role]\nrole = address\n'),
    await startDirector(t, 'lb2', text, '[role]\nrole = address\n'),
  ];
  for (const { isThere } of [one, other]) await isThere(ctl);
  await hold('lb1', 'add');
  await hold('lb2', 'add');
  for (const address of [vip, vip6]) {
    for (const { program } of [one, other]) {
      await eventually(`${address} is told of`, () => program.text.includes(`${address} is active here and on lb`));
    }
  }
  const heard = new Program(t, 'ip', ['netns', 'exec', 'client', 'perl', '-e', listener]);
  await heard.line(/^listening$/);
  await hold('lb2', 'del');
  const kept = hardwareOf(await runIn('lb1', 'ip', '-j', 'link', 'show', 'eth0'));
  const lost = hardwareOf(await runIn('lb2', 'ip', '-j', 'link', 'show', 'eth0'));
  const expected = [`gratuitous ${kept} ${vip}`, `unsolicited ${kept} ${vip6}`];
  const said = (line: string): number => heard.lines.filter((it) => it.text === line).length;
  await eventually('the one that keeps it says so three times', () => expected.every((line) => said(line) >= 3)).catch(
    (error: Error) => {
      throw new Error([error.message, heard.text, one.program.text, other.program.text].join('\n'));
    },
  );
  assert.doesNotMatch(heard.text, new RegExp(`(?:gratuitous|unsolicited) ${lost}`));
  for (const address of [vip, vip6]) assert.ok(one.program.text.includes(`${address} is no longer active here and on`));
});

test('a drain waits for the connections of all directors, and names one that is absent', {
  skip: skip || byHand,
}, async (t) => {
  const reals = [machine('rs1', 21), machine('rs2', 22)];
  await buildMachines(t, [
    ...[machine('c1', 10), machine('c2', 13), machine('lb1', 11), machine('lb2', 12), machine('store', 5)],
    ...reals,
  ]);
  const ctl = await startStore(t);
  for (const { name } of reals) {
    await ip(`addr add ${vip}/32 dev lo\n`, name);
    await runIn(name, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_announce=2');
    await Peer.start(t, name, 'web-server', name, '0.0.0.0');
  }
  const text = `virtual=${vip}:80\n\treal=198.51.100.21:80 gate\n\treal=198.51.100.22:80 gate\n\tscheduler=rr\n\tchecktype=on\n`;
  const directors = [];
  for (const name of ['lb1', 'lb2']) {
    await ip(`addr add ${vip}/32 dev lo\n`, name);
    directors.push(await startDirector(t, name, text, ''));
  }
  const [one] = directors;
  assert.ok(one);
  for (const { isThere } of directors) await isThere(ctl);
  await ctl('put', '/ldirectord/web/members/lb9', '{}');
  // As routers spread them: each client comes by another director.
  const clients = await Promise.all(
    [
      ['c1', 11],
      ['c2', 12],
    ].map(async ([name, gateway]) => {
      await ip(`route add ${vip}/32 via 198.51.100.${gateway}\n`, String(name));
      const all = await Promise.all([0, 1].map(() => Client.start(t, String(name), `http://${vip}/`)));
      const found = await Promise.all(all.map(async (client) => ({ client, from: (await client.hold()).from })));
      assert.deepEqual(found.map(({ from }) => from).toSorted(), ['rs1', 'rs2'], String(name));
      return found.filter(({ from }) => from === 'rs1').map(({ client }) => client);
    }),
  );
  const hurried = one.begin('drain', '198.51.100.21:80', '--wait', '--all', '--timeout', '3');
  assert.notEqual(await hurried.exit, 0);
  assert.match(hurried.text, /1 active connection left; it stays drained/);
  assert.match(hurried.text, /1 active connection left on lb2/);
  assert.match(hurried.text, /lb9 is not there: nobody can say what it has of connections/);
  await ctl('del', '/ldirectord/web/members/lb9');
  const patient = one.begin('drain', '198.51.100.21:80', '--wait', '--all');
  const [here = [], there = []] = clients;
  for (const client of here) await client.end();
  await eventually('one has none left', async () => {
    const table = await runIn('lb1', 'ipvsadm', '-Ln');
    return / 198\.51\.100\.21:80 +Route +0 +0 +\d/.test(table);
  });
  assert.equal(patient.child.exitCode, null, `it waits for lb2:\n${patient.text}`);
  for (const client of there) await client.end();
  assert.equal(await patient.exit, 0, patient.text);
});
