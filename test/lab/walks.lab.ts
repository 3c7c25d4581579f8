/** Each walk of the examples, from bare machines to balanced requests and back, typed as its page has it. */

import assert from 'node:assert/strict';
import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { cli } from '../helpers/process.js';
import { repository } from '../helpers/repository.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { byHand } from './inside/by-hand.js';
import { runIn } from './inside/command.js';
import { loadNfTables } from './inside/nf-tables.js';
import { Peer } from './inside/peer.js';
import { differences, snapshot } from './inside/snapshot.js';
import { knownHosts, makeKeys, startSshd } from './inside/ssh-server.js';
import { missingIn, type Step, stepsOf, type } from './inside/walk.js';
import { buildWalkNetwork, networks, type Walk } from './inside/walk-networks.js';

/** Our program under its name, and its files in a folder of the test's. */
async function prepare(t: TestContext, walk: Walk): Promise<string> {
  const folder = await temporaryDirectory(t);
  await cp(join(repository, 'examples/walks', walk), folder, { recursive: true });
  const program = join(folder, 'ldirectord');
  await writeFile(program, `#!/bin/sh\nLDIRECTORD_RUN_DIR=${folder} exec ${process.execPath} ${cli} "$@"\n`);
  await chmod(program, 0o755);
  const keys = await makeKeys(folder);
  const addresses = networks[walk].flatMap(({ links }) => links.flatMap(([, ...own]) => own));
  const known = join(folder, 'known-hosts');
  await writeFile(
    known,
    await knownHosts(
      addresses.map((address) => address.replace(/\/.*/, '')),
      keys.host,
    ),
  );
  await writeFile(
    join(folder, 'ldirectord.ini'),
    `[ssh]\nkey = ${keys.user}\nagent = no\nknownhosts = ${known}\ntimeout = 60\n`,
  );
  const servers = networks[walk].map(({ name }) => name).filter((name) => name.startsWith('rs'));
  const ports = walk === 'ports' ? ['0.0.0.0:80', '0.0.0.0:443'] : ['0.0.0.0:80'];
  await Promise.all(
    servers.flatMap((name) => [Peer.start(t, name, 'web-server', name, ...ports), startSshd(t, name, keys)]),
  );
  return folder;
}

async function take(step: Step, folder: string): Promise<void> {
  const command = step.command.replaceAll(/\bldirectord (?=\S+\.cf\b)/g, './ldirectord ');
  const output = await type({ ...step, command }, folder);
  assert.equal(missingIn(output, step.shown), null, `${step.machine}# ${step.command}\n${output}`);
}

/** What the others have beside it, other tests of the lab have, too; by hand all are walked. */
const some: readonly Walk[] = ['nat'];

for (const walk of Object.keys(networks) as Walk[]) {
  const skip = some.includes(walk) ? false : byHand;
  test(`${walk}: set up, balanced, and everything as it was before`, { skip }, async (t) => {
    await loadNfTables();
    await buildWalkNetwork(t, walk);
    const folder = await prepare(t, walk);
    const steps = stepsOf(await readFile(join(folder, 'README.md'), 'utf8'));
    assert.ok(steps.some(({ machine }) => machine === 'client'));
    const machines = networks[walk].map(({ name }) => name);
    const before = await Promise.all(machines.map((machine) => snapshot(machine)));
    t.after(() => runIn('director', 'sh', '-c', `cd ${folder}; ./ldirectord ${walk}.cf stop`).catch(() => {}));
    for (const step of steps) await take(step, folder);
    for (const [index, machine] of machines.entries()) {
      assert.deepEqual(differences(before[index] ?? [], await snapshot(machine)), [], `${machine} is as it was`);
    }
  });
}
