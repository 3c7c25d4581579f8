/** Rules that change under clients, and a daemon that is killed meanwhile. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../helpers/random.js';
import { type Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { startOurs, stop } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { virtualAddress } from './inside/networks.js';
import { loadNfTables, nfTablesMissing } from './inside/nf-tables.js';
import { globals, ruleset, section, setUpPackets, stands, untilServed } from './inside/packets.js';
import { savedRules } from './inside/table.js';

const skip = nfTablesMissing();

before(async () => {
  if (skip === false) await loadNfTables();
});

test('under a steady client ports, weights and the way by which it is known change: no request fails', {
  skip,
}, async (t) => {
  const { file, client } = await setUpPackets(t);
  const settings = { lines: ['scheduler=rr', 'snat=yes'] };
  // Each with what stands where it is taken over.
  const steps = [
    [section({ ...settings, ports: '80' }), 'tcp dport 80 '],
    [section({ ...settings, ports: '80,443,8000-8010' }), 'tcp dport { 80, 443, 8000-8010 }'],
    [section({ ...settings, ports: '70-90', weights: [5, 2] }), 'tcp dport 70-90 '],
    [section({ ...settings, at: `${virtualAddress}:80` }), 'ct original proto-dst 80 '],
  ];
  await writeFile(file, `${globals}${steps[0]?.[0]}\n`);
  const ours = await startOurs(t, file);
  const web = await client(`http://${virtualAddress}/`);
  await untilServed(web);
  const answers = await web.during(async () => {
    for (const [text = '', rule = ''] of [...steps.slice(1), ...steps, ...steps.slice(0, 2)]) {
      await writeFile(file, `${globals}${text}\n`);
      ours.child.kill('SIGHUP');
      const isAlone = async (): Promise<boolean> => {
        const listed = await ruleset();
        return listed.includes(rule) && steps.every(([, other = '']) => other === rule || !listed.includes(other));
      };
      await eventually(`alone there is: ${rule}`, isAlone);
      await eventually('a single service stands', async () => (await savedRules()).length === 3);
      // Time for the stream to go on.
      await sleep(300);
    }
  });
  t.diagnostic(`${answers.length} requests`);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);
  assert.equal(await stop(ours), 0);
});

test('snat comes and goes under a steady client: no request fails, and who was connected before stays so', {
  skip,
}, async (t) => {
  // The servers' gateway is the director, so that both ways work.
  const { file, client } = await setUpPackets(t);
  const write = (isOn: boolean): Promise<void> => {
    const lines = ['scheduler=rr', isOn ? 'snat=yes' : 'snat=no'];
    return writeFile(file, `${globals}${section({ at: `${virtualAddress}:80`, lines })}\n`);
  };
  await write(false);
  const ours = await startOurs(t, file);
  const [web, plain, translated] = [
    await client(`http://${virtualAddress}/`),
    await client(`http://${virtualAddress}/`),
    await client(`http://${virtualAddress}/`),
  ];
  await untilServed(web);
  const isThere = async (isOn: boolean): Promise<void> => {
    await write(isOn);
    ours.child.kill('SIGHUP');
    await eventually(isOn ? 'the rule stands' : 'the rule is gone', async () => (await stands('masquerade')) === isOn);
  };
  const isConnected = async (one: Client): Promise<boolean> => {
    const { reused, from } = await one.hold();
    return reused && from !== null;
  };
  await plain.hold();
  const answers = await web.during(async () => {
    for (let round = 0; round < 3; round += 1) {
      await isThere(true);
      assert.ok(await isConnected(plain), 'with the rule');
      if (round === 0) await translated.hold();
      await isThere(false);
      assert.ok(await isConnected(plain), 'without it');
      if (round > 0) continue;
      const isLost = !(await isConnected(translated));
      t.diagnostic(`who was translated has ${isLost ? 'lost' : 'kept'} the connection with the last rule`);
    }
  });
  t.diagnostic(`${answers.length} requests`);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);
  assert.equal(await stop(ours), 0);
});

test('kill -9 at random moments while rules come and go: the next start puts right', { skip }, async (t) => {
  const { file, table, client } = await setUpPackets(t);
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
