/** What real and bad servers come to: the reference’s verdict and ours, case by case. Not part of the tests: see the README. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Listener, listen } from '../helpers/listener.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { run } from './inside/command.js';
import { Reference, referenceLog, startOurs, stop } from './inside/controllers.js';
import { hexadecimal, weights } from './inside/table.js';
import { type Case, owned, startBadPeers, type Verdict } from './inside/verdicts/case.js';
import { datagrams } from './inside/verdicts/datagrams.js';
import { mail } from './inside/verdicts/mail.js';
import { stores } from './inside/verdicts/stores.js';
import { web } from './inside/verdicts/web.js';

/** Seconds for an answer: many times what one takes, but the reference waits for one silent server after another. */
const timeout = 15;
/** Seconds between two checks: the guest must be able to make them all in that time. */
const interval = 15;
/** Milliseconds in which every check has come to an end that is made on its own time. */
const roundTime = (timeout + interval + 2) * 1_000;
/** Milliseconds for a round of the reference, its start included. */
const patience = 400_000;
/** An answer can come late on a busy machine: so many rounds are waited for one in which none did. */
const rounds = 3;
/** Milliseconds from one look to the next: looking takes the processor from those that are looked at. */
const pause = 100;

const firstPort = 1_001;
const overUdp = ['dns', 'radius', 'sip'];

const protocolOf = ({ service }: Case): 'tcp' | 'udp' => (overUdp.includes(service) ? 'udp' : 'tcp');

/** One virtual service for each case, and a last one whose only use is that its server counts the rounds. */
function configurationOf(cases: readonly Case[], counter: Listener): string {
  const sections = cases.map((one, index) => {
    const lines = [
      // A weight of its own: the reference would share a check between cases that differ in the password alone.
      `real=127.0.0.1:${one.port} masq ${index + 1}`,
      `service=${one.service}`,
      `protocol=${protocolOf(one)}`,
      'checktype=negotiate',
      ...(one.settings ?? []),
    ];
    return `virtual=192.0.2.1:${firstPort + index}\n${lines.map((line) => `\t${line}\n`).join('')}`;
  });
  const counting = `virtual=192.0.2.2:80\n\treal=127.0.0.1:${counter.port} masq\n\tchecktype=connect\n`;
  const times = `checkinterval=${interval}\nchecktimeout=${timeout}\nnegotiatetimeout=${timeout}\nquiescent=no\n`;
  return [times, ...sections, counting].join('\n');
}

/**
 * Settles when every check has been made at least once: the reference makes them one after the other in the order of
 * the file, where the one that is counted stands last; ours makes each on its own time.
 */
async function round(counter: Listener, said: () => Promise<string>): Promise<void> {
  const before = counter.accepted();
  const started = performance.now();
  while (counter.accepted() === before || performance.now() < started + roundTime) {
    if (performance.now() > started + patience) assert.fail(`no round within ${patience / 1_000} s:\n${await said()}`);
    await sleep(pause);
  }
}

function standing(cases: readonly Case[]): Verdict[] {
  const table = weights();
  return cases.map((one, index) => {
    const key = `${protocolOf(one).toUpperCase()} ${hexadecimal(`192.0.2.1:${firstPort + index}`)}`;
    const service = table.get(key);
    assert.ok(service, `${one.service}, ${one.name}: the virtual service does not stand`);
    return service.has(hexadecimal(`127.0.0.1:${one.port}`)) ? 'up' : 'down';
  });
}

/** The verdicts after a round: the wanted ones, or what there is after the last one. */
async function verdicts(cases: readonly Case[], counter: Listener, wanted: readonly Verdict[]): Promise<Verdict[]> {
  for (let left = rounds; ; left -= 1) {
    await round(counter, referenceLog);
    const found = standing(cases);
    if (left === 1 || found.join() === wanted.join()) return found;
  }
}

const opposite: Readonly<Record<Verdict, Verdict>> = { up: 'down', down: 'up' };

/** The cases of all the services whose servers are installed. */
async function startServers(t: TestContext): Promise<Case[]> {
  const peers = await startBadPeers(t);
  const cases: Case[] = [];
  for (const farm of [...mail, ...web, ...datagrams, ...stores]) {
    if (farm.missing === false) cases.push(...(await farm.start(t, peers)));
    else t.diagnostic(`left out: ${farm.name}: ${farm.missing}`);
  }
  return cases;
}

test('verdicts: the same as the reference, but where it is wrong', async (t) => {
  const started = performance.now();
  const passed = (what: string) => t.diagnostic(`${what} ${Math.round((performance.now() - started) / 1_000)} s`);
  const cases = await startServers(t);
  passed('servers');
  const counter = await owned(
    t,
    listen((socket) => socket.end()),
  );
  const file = join(await temporaryDirectory(t), 'verdicts.cf');
  await writeFile(file, configurationOf(cases, counter));
  const wanted = cases.map(({ verdict }) => verdict);
  const wantedOfReference = cases.map(({ verdict, differs }) => (differs ? opposite[verdict] : verdict));

  const reference = await Reference.start(t, null, file);
  const theirs = await verdicts(cases, counter, wantedOfReference);
  passed('reference');
  // To clean up would take it half a minute.
  await reference.kill();
  await run('ipvsadm', '-C');
  const program = await startOurs(t, file);
  const ours = await verdicts(cases, counter, wanted);
  passed('ours');
  assert.equal(await stop(program), 0);

  const lines = cases.map(({ service, name, differs = '' }, index) =>
    [service.padEnd(10), name.padEnd(30), theirs[index]?.padEnd(5), ours[index]?.padEnd(5), differs].join(' '),
  );
  const told = (wrong: (index: number) => boolean) => lines.filter((_, index) => wrong(index));
  for (const line of told((index) => theirs[index] !== ours[index])) t.diagnostic(line);
  const unexpected = told((index) => theirs[index] !== wantedOfReference[index] || ours[index] !== wanted[index]);
  assert.deepEqual(unexpected, [], `${program.text}\n${await referenceLog()}`);
});
