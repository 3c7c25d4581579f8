/** Marks and masquerading in our table of nftables, as clients see them. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seeded } from '../helpers/random.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Client, tally } from './inside/client.js';
import { run, runIn } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { addNamespace, buildNetwork, plug, realAddresses, virtualAddress } from './inside/networks.js';
import { loadNfTables, nfTablesMissing } from './inside/nf-tables.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';

const skip = nfTablesMissing();
const { rs1, rs2 } = realAddresses;
/** In the servers' own network. */
const insider = '192.168.1.99';
const globals = 'checkinterval=1\nchecktimeout=6\nnegotiatetimeout=6\nquiescent=no\n';

before(async () => {
  if (skip === false) await loadNfTables();
});

interface Section {
  readonly at?: string;
  readonly ports?: string;
  readonly reals?: readonly string[];
  readonly weights?: readonly number[];
  readonly lines?: readonly string[];
}

/** A virtual by masquerading, whose servers are checked at port 80. */
function section({ at = virtualAddress, ports, reals = [rs1, rs2], weights = [1, 1], lines = [] }: Section): string {
  const port = ports === undefined ? ':80' : '';
  const list = ports === undefined ? [] : [`ports=${ports}`];
  const servers = reals.map((real, index) => `real=${real}${port} masq ${weights[index] ?? 1}`);
  return [`virtual=${at}`, ...list, ...servers, 'service=http', 'checkport=80', 'request="/alive"', ...lines].join(
    '\n\t',
  );
}

async function setUp(t: TestContext) {
  await buildNetwork(t, 'nat');
  const listen = ['0.0.0.0:80', '0.0.0.0:81', '0.0.0.0:8005'];
  await Peer.start(t, 'rs1', 'web-server', 'rs1', ...listen);
  await Peer.start(t, 'rs2', 'web-server', 'rs2', ...listen);
  await run('sysctl', '-qw', 'net.ipv4.vs.conntrack=1');
  const file = join(await temporaryDirectory(t), 'web.cf');
  t.after(async () => {
    await run('ipvsadm', '-C');
    await run('nft', 'flush', 'ruleset');
  });
  return { file, table: `ldirectord_${basename(file)}`, client: (url: string) => Client.start(t, 'client', url) };
}

function ruleset(): Promise<string> {
  return run('nft', 'list', 'ruleset');
}

async function stands(text: string): Promise<boolean> {
  return (await ruleset()).includes(text);
}

async function untilServed(client: Client): Promise<void> {
  await eventually('clients are served', async () => {
    const answers = await client.ask(4);
    return new Set(answers.map(({ from }) => from)).size === 2 && answers.every(({ from }) => from !== null);
  });
}

/** The client over UDP, once. */
async function askByDatagram(namespace: string, port: number): Promise<string> {
  const script = fileURLToPath(new URL('inside/datagram-client.js', import.meta.url));
  return (await runIn(namespace, process.execPath, script, virtualAddress, String(port))).trim();
}

test('several ports over TCP and UDP are one service: who has a server has it at all of them', { skip }, async (t) => {
  const { file, client } = await setUp(t);
  for (const name of ['rs1', 'rs2']) await Peer.start(t, name, 'datagram-server', name, '53');
  const lines = ['protocol=tcp,udp', 'persistent=300', 'scheduler=rr'];
  await writeFile(file, `${globals}${section({ ports: '80,81,53,8000-8010', lines })}\n`);
  const ours = await startOurs(t, file);
  const first = await client(`http://${virtualAddress}/`);
  await eventually('both servers stand', async () => (await savedRules()).length === 3);
  await eventually('it is served', async () => (await first.ask(1))[0]?.from !== null);
  const [{ from } = { from: null }] = await first.ask(1);
  assert.ok(from);
  for (const port of [80, 81, 8005]) {
    const answers = await (await client(`http://${virtualAddress}:${port}/`)).ask(3);
    assert.deepEqual(tally(answers), { [from]: 3 }, `port ${port}`);
  }
  assert.equal(await askByDatagram('client', 53), from);
  // What no rule names reaches the director itself, which has nobody there.
  const [refused] = await (await client(`http://${virtualAddress}:82/`)).ask(1);
  assert.match(refused?.error ?? '', /ECONNREFUSED/);
  // The director itself is a client like others.
  const own = await Client.start(t, null, `http://${virtualAddress}:8005/`);
  const answers = await own.ask(3);
  assert.ok(
    answers.every(({ from: name }) => name === answers[0]?.from && name !== null),
    JSON.stringify(answers),
  );

  assert.equal(await stop(ours), 0);
  assert.deepEqual(await savedRules(), []);
  assert.equal(await ruleset(), '');
});

test('snat: clients in the servers’ own network, and servers whose gateway is another', { skip }, async (t) => {
  const { file, client } = await setUp(t);
  await addNamespace(t, 'inside');
  await plug('inside', 'back', `${insider}/24`);
  await runIn('inside', 'ip', 'route', 'add', 'default', 'via', '192.168.1.1');
  for (const name of ['rs1', 'rs2']) await runIn(name, 'ip', 'route', 'delete', 'default');
  const text = (...lines: string[]) => `${globals}${section({ at: `${virtualAddress}:80`, lines })}\n`;
  await writeFile(file, text());
  const ours = await startOurs(t, file);
  const outside = await client(`http://${virtualAddress}/`);
  const inside = await Client.start(t, 'inside', `http://${virtualAddress}/`);
  await eventually('both servers stand', async () => (await savedRules()).length === 3);
  for (const one of [outside, inside]) assert.equal((await one.ask(1))[0]?.from, null, 'nobody gets through without');
  assert.equal(await ruleset(), '');

  await writeFile(file, text('snat=yes'));
  ours.child.kill('SIGHUP');
  await eventually('the rule stands', () => stands('masquerade'));
  await untilServed(inside);
  await untilServed(outside);
  const list = JSON.parse(await run('nft', '-j', 'list', 'counters', 'table', 'inet', `ldirectord_${basename(file)}`));
  const [counter] = list.nftables.flatMap((entry: { counter?: { packets: number } }) => entry.counter ?? []);
  assert.ok(counter.packets >= 8, JSON.stringify(list));

  await writeFile(file, text());
  ours.child.kill('SIGHUP');
  await eventually('the table is gone', async () => (await ruleset()) === '');
  assert.equal(await stop(ours), 0);
});

test('somebody flushes, changes or deletes the table: it is put right, with what is not ours as it was', {
  skip,
}, async (t) => {
  const { file, table, client } = await setUp(t);
  const foreign = `table inet ldirectord {
	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		ip daddr ${virtualAddress} tcp dport 80 counter
	}
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 10.99.0.0/16 masquerade
	}
}
`;
  await writeFile(`${file}.nft`, foreign);
  await run('nft', '-f', `${file}.nft`);
  const others = async (): Promise<string> => {
    const listed = [await run('nft', '-a', 'list', 'table', 'ip', 'nat')];
    return [...listed, await run('nft', '-a', 'list', 'table', 'inet', 'ldirectord')]
      .join('')
      .replace(/packets \d+ bytes \d+/, '');
  };
  const before = await others();
  await writeFile(file, `${globals}${section({ ports: '80,81', lines: ['snat=yes', 'scheduler=rr'] })}\n`);
  const ours = await startOurs(t, file);
  const web = await client(`http://${virtualAddress}:81/`);
  await untilServed(web);
  const own = async (): Promise<string> => {
    const text = await run('nft', 'list', 'table', 'inet', table).catch(() => '');
    return text.replaceAll(/packets \d+ bytes \d+/g, '');
  };
  const right = await own();
  for (const command of [
    `flush table inet ${table}`,
    `delete table inet ${table}`,
    `add rule inet ${table} prerouting tcp dport 22 drop`,
    `insert rule inet ${table} to_${virtualAddress} accept`,
  ]) {
    const told = ours.text.split('Packet rules changed by somebody else').length;
    await run('nft', ...command.split(' '));
    await eventually(`healed: ${command}`, async () => (await own()) === right);
    await eventually('it is told', () => ours.text.split('Packet rules changed by somebody else').length > told);
  }
  await untilServed(web);
  assert.equal(await others(), before);
  assert.equal(await stop(ours), 0);
  assert.equal(await own(), '');
  assert.equal(await others(), before);
});

test('under a steady client ports, weights and servers change, and the way by which it is known: no request fails', {
  skip,
}, async (t) => {
  const { file, client } = await setUp(t);
  const settings = { lines: ['scheduler=rr', 'snat=yes'] };
  const texts = [
    section({ ...settings, ports: '80' }),
    section({ ...settings, ports: '80,443,8000-8010' }),
    section({ ...settings, ports: '70-90', weights: [5, 2] }),
    section({ ...settings, ports: '80', reals: [rs1] }),
    section({ ...settings, ports: '80', reals: [rs2, rs1] }),
    section({ ...settings, at: `${virtualAddress}:80` }),
  ];
  await writeFile(file, `${globals}${texts[0]}\n`);
  const ours = await startOurs(t, file);
  const web = await client(`http://${virtualAddress}/`);
  await untilServed(web);
  const answers = await web.during(async () => {
    for (const text of [...texts, ...texts]) {
      await writeFile(file, `${globals}${text}\n`);
      const loaded = ours.text.split('reread new configuration').length;
      ours.child.kill('SIGHUP');
      await eventually('it is taken over', () => ours.text.split('reread new configuration').length > loaded);
      await sleep(1_500);
    }
  });
  t.diagnostic(`${answers.length} requests`);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);
  assert.equal(await stop(ours), 0);
});

test('kill -9 at random moments while rules come and go: the next start puts right', { skip }, async (t) => {
  const { file, table, client } = await setUp(t);
  const random = seeded(Number(process.env['SEED'] ?? 17));
  const lines = ['scheduler=rr', 'cleanstop=no'];
  const texts = [
    section({ ports: '80,81', lines }),
    section({ ports: '80', lines: [...lines, 'snat=yes'] }),
    section({ at: `${virtualAddress}:80`, lines }),
    section({ at: `${virtualAddress}:80`, lines: [...lines, 'snat=yes'] }),
  ];
  const write = (index: number) => writeFile(file, `${globals}${texts[index]}\n`);
  await write(0);
  let ours = await startOurs(t, file);
  const web = await client(`http://${virtualAddress}/`);
  await untilServed(web);
  for (let round = 0; round < 6; round += 1) {
    await write(random(texts.length));
    ours.child.kill('SIGHUP');
    await sleep(random(600));
    ours.child.kill('SIGKILL');
    await ours.exit;
    await write(round % 2);
    ours = await startOurs(t, file);
    await eventually('the table is right', async () => {
      const text = await run('nft', 'list', 'table', 'inet', table).catch(() => '');
      return text.includes('tcp dport') && text.includes('masquerade') === (round % 2 === 1);
    });
    await untilServed(web);
  }
  await write(2);
  ours.child.kill('SIGHUP');
  await eventually('nothing is left', async () => (await ruleset()) === '');
  assert.equal(await stop(ours), 0);
});
