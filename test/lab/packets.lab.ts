/** Marks and masquerading in our table of nftables, as clients see them. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { byHand } from './inside/by-hand.js';
import { Client, tally } from './inside/client.js';
import { ip, run, runIn } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { addNamespace, plug, virtualAddress } from './inside/networks.js';
import { loadNfTables, nfTablesMissing } from './inside/nf-tables.js';
import { ask, globals, ruleset, section, setUpPackets, stands, untilServed } from './inside/packets.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';

const skip = nfTablesMissing();
/** In the servers' own network. */
const insider = '192.168.1.99';

before(async () => {
  if (skip === false) await loadNfTables();
});

/** The client over UDP, once. */
async function askByDatagram(namespace: string, port: number): Promise<string> {
  const script = fileURLToPath(new URL('inside/datagram-client.js', import.meta.url));
  return (await runIn(namespace, process.execPath, script, virtualAddress, String(port))).trim();
}

test('several ports over TCP and UDP are one service: who has a server has it at all of them', { skip }, async (t) => {
  const { file, client } = await setUpPackets(t);
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

  await eventually('list shows what was counted', async () => /, \d{2,} packets marked/.test(await ask(file, 'list')));
  const { virtuals } = JSON.parse(await ask(file, 'list', '--json')) as { virtuals: { packets: unknown }[] };
  assert.match(JSON.stringify(virtuals[0]?.packets), /^{"marked":{"packets":\d+,"bytes":\d+},"masqueraded":null}$/);

  assert.equal(await stop(ours), 0);
  assert.deepEqual(await savedRules(), []);
  assert.equal(await ruleset(), '');
});

test('snat: clients in the servers’ own network, and servers whose gateway is another', { skip }, async (t) => {
  const { file, table, client } = await setUpPackets(t);
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
  const list = JSON.parse(await run('nft', '-j', 'list', 'counters', 'table', 'inet', table));
  const [counter] = list.nftables.flatMap((entry: { counter?: { packets: number } }) => entry.counter ?? []);
  assert.ok(counter.packets >= 8, JSON.stringify(list));

  await writeFile(file, text());
  ours.child.kill('SIGHUP');
  await eventually('the table is gone', async () => (await ruleset()) === '');
  assert.equal(await stop(ours), 0);
});

test('IPv6: several ports by a mark, and snat for a client in the servers’ own network', {
  skip: skip || byHand,
}, async (t) => {
  const virtual = '2001:db8::24';
  const reals = { rs1: 'fd00:192::16', rs2: 'fd00:192::8' } as const;
  const { file, client } = await setUpPackets(t);
  await addNamespace(t, 'inside');
  await plug('inside', 'back', `${insider}/24`, 'fd00:192::99/64');
  const lines = ['addr add fd00:172::1/64 dev front nodad', `addr add ${virtual}/128 dev front nodad`];
  await ip([...lines, 'addr add fd00:192::1/64 dev back nodad', ''].join('\n'));
  await ip('addr add fd00:172::10/64 dev eth0 nodad\nroute add default via fd00:172::1\n', 'client');
  for (const [name, address] of Object.entries(reals)) {
    await ip(`addr add ${address}/64 dev eth0 nodad\nroute add default via fd00:192::1\n`, name);
    await Peer.start(t, name, 'web-server', name, '[::]:8080', '[::]:8081');
  }
  await ip('route add default via fd00:192::1\n', 'inside');
  await run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1');
  t.after(() => run('sysctl', '-qw', 'net.ipv6.conf.all.forwarding=0'));
  const servers = Object.values(reals).map((address) => `real6=[${address}] masq`);
  const text = (...own: string[]) =>
    `${globals}virtual6=[${virtual}]\n\tports=8080-8081\n\t${[...servers, 'service=http', 'checkport=8080', 'request="/alive"', 'scheduler=rr', ...own].join('\n\t')}\n`;
  await writeFile(file, text());
  const ours = await startOurs(t, file);
  const [outside, other] = [await client(`http://[${virtual}]:8080/`), await client(`http://[${virtual}]:8081/`)];
  const within = await Client.start(t, 'inside', `http://[${virtual}]:8081/`);
  await untilServed(outside);
  await untilServed(other);
  assert.equal((await within.ask(1))[0]?.from, null, 'servers answer it past the director');

  await writeFile(file, text('snat=yes'));
  ours.child.kill('SIGHUP');
  await eventually('the rule stands', () => stands('masquerade'));
  await untilServed(within);
  await untilServed(outside);

  // By its address and port instead of a mark.
  const plain = `${globals}virtual6=[${virtual}]:8080\n\t${Object.values(reals)
    .map((address) => `real6=[${address}]:8080 masq`)
    .join('\n\t')}\n\tservice=http\n\trequest="/alive"\n\tscheduler=rr\n\tsnat=yes\n`;
  await writeFile(file, plain);
  ours.child.kill('SIGHUP');
  await eventually('it has a rule of its own', () => stands(`ct original ip6 daddr ${virtual}`));
  await untilServed(outside);
  await untilServed(await Client.start(t, 'inside', `http://[${virtual}]:8080/`));
  assert.equal(await stop(ours), 0);
  assert.equal(await ruleset(), '');
});

test('somebody flushes, changes or deletes the table: it is put right, with what is not ours as it was', {
  skip,
}, async (t) => {
  const { file, table, client } = await setUpPackets(t);
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
    const count = (text: string): number => ours.text.split(text).length;
    const [told, written] = [count('Packet rules changed by somebody else'), count('Packet rules: ')];
    await run('nft', ...command.split(' '));
    await eventually(`healed: ${command}`, async () => (await own()) === right);
    await eventually('it is told', () => count('Packet rules changed by somebody else') > told);
    // Whoever changes it while what was written is read again makes another fault of it.
    await eventually('it has been looked at', () => count('Packet rules: ') > written);
  }
  await untilServed(web);
  assert.equal(await others(), before);
  assert.equal(await stop(ours), 0);
  assert.equal(await own(), '');
  assert.equal(await others(), before);
});
