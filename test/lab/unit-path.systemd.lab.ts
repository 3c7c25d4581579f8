/** What `vip`, `ports` and `snat` need of the kernel and of nft(8), under the rules of the unit. */

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { install } from '../../src/install/install.js';
import { tally } from './inside/client.js';
import { ip, run, runIn } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { realAddresses, virtualAddress } from './inside/networks.js';
import { loadNfTables, nfTablesMissing } from './inside/nf-tables.js';
import { untilServed } from './inside/packets.js';
import { assertRuns, fewManuals, file, journal, property, scene, unit } from './inside/unit.js';

const table = 'ldirectord';

function text(ports: string): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address} masq\n`);
  const own = [`ports=${ports}`, 'vip=front front:0', 'snat=yes', 'scheduler=rr', 'service=http', 'checkport=80'];
  return `checkinterval=1\nvirtual=${virtualAddress}\n${own.map((line) => `\t${line}\n`).join('')}${reals.join('')}`;
}

async function standsOnFront(): Promise<boolean> {
  return (await run('ip', '-o', 'address', 'show', 'dev', 'front')).includes(` ${virtualAddress}/32 `);
}

async function rules(): Promise<string> {
  return run('nft', 'list', 'table', 'inet', table).catch(() => '');
}

test('under the unit addresses, marks and masquerading come, change, stay over a restart, and go', {
  skip: nfTablesMissing(),
}, async (t) => {
  await loadNfTables();
  const { client } = await scene(t);
  await ip(`addr del ${virtualAddress}/32 dev front\n`);
  // The client thinks of another machine, until somebody says better.
  await ip(`neigh replace ${virtualAddress} lladdr 02:00:00:00:00:99 dev eth0 nud reachable\n`, 'client');
  await run('sysctl', '-qw', 'net.ipv4.vs.conntrack=1');
  await fewManuals();
  await run('dpkg', '--remove', 'ldirectord');
  await install('/', () => {});
  await rm('/etc/ha.d/ldirectord.ini', { force: true });
  await writeFile(file, text('80'));
  await run('systemctl', 'daemon-reload');
  t.after(() => run('systemctl', 'stop', unit));

  await run('systemctl', 'start', unit);
  await assertRuns();
  await eventually('the rules stand', async () => /tcp dport 80 [\s\S]*masquerade/.test(await rules()));
  await eventually('the address stands', standsOnFront);
  await untilServed(client);
  assert.doesNotMatch(await runIn('client', 'ip', 'neigh', 'show', virtualAddress), /02:00:00:00:00:99/);

  await writeFile(file, text('80,8080-8090'));
  await run('systemctl', 'reload', unit);
  await eventually('there are more ports', async () => (await rules()).includes('tcp dport { 80, 8080-8090 }'));

  const answers = await client.during(async () => {
    await run('systemctl', 'restart', unit);
    await assertRuns();
  });
  t.diagnostic(`${answers.length} requests over a restart`);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);
  assert.ok((await standsOnFront()) && (await rules()).includes('masquerade'));

  await run('systemctl', 'stop', unit);
  assert.equal(await property('Result'), 'success');
  assert.deepEqual([await rules(), await standsOnFront()], ['', false]);
  assert.doesNotMatch(await journal(), /Packet rules (?:of|cannot)|not permitted|EPERM|EACCES|Unforeseen/);
});
