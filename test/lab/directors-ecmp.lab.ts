/** Several directors at once, by the files of `examples/cluster`: what the router hears, and what clients notice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lacks } from '../helpers/programs.js';
import { byHand } from './inside/by-hand.js';
import { runIn } from './inside/command.js';
import { type Ecmp, lb1, service, startEcmp, waysAre } from './inside/ecmp.js';
import { powerOff, setCable } from './inside/machines.js';
import { calm, type Measured, measured } from './inside/meter.js';

/** Nobody was turned away, and every connection goes on. That an answer comes too late is a busy machine's, perhaps. */
function assertUnnoticed({ failures, long }: Measured): void {
  assert.deepEqual(
    Object.keys(failures).filter((failure) => failure !== 'no answer'),
    [],
  );
  assert.equal(long.survived, long.opened);
}

async function killController({ first }: Ecmp): Promise<void> {
  await first.director.kill();
  await sleep(calm);
  await first.director.start();
}

async function handOver({ first }: Ecmp): Promise<void> {
  assert.match(await first.verb('handover', '--force', '--wait', '--timeout', '30s'), /: handed over/);
  await waysAre('lb2');
}

async function takeBack({ first }: Ecmp): Promise<void> {
  await first.verb('handover', '--undo');
  await waysAre('lb1 lb2');
}

const birdSkip = lacks('bird');

test('BIRD: the controller of one is killed, it is handed over, its power goes: no connection breaks', {
  skip: birdSkip,
}, async (t) => {
  const ecmp = await startEcmp(t, 'bird');
  assertUnnoticed(await measured(t, 'controller killed', ecmp.meter, () => killController(ecmp)));
  assertUnnoticed(await measured(t, 'handover', ecmp.meter, () => handOver(ecmp)));
  const stands = await runIn('lb1', 'ip', '-o', 'addr', 'show', 'to', service);
  assert.match(stands, / lo /);
  assert.doesNotMatch(stands, /announce0/);
  await takeBack(ecmp);
  const off = await measured(t, 'power-off', ecmp.meter, async () => {
    await powerOff(lb1);
    await waysAre('lb2');
  });
  assertUnnoticed(off);
});

test('BIRD: taken back, servers drained here alone, a link cut and healed, a controller that hangs', {
  skip: birdSkip || byHand,
}, async (t) => {
  const ecmp = await startEcmp(t, 'bird');
  const { first } = ecmp;
  await handOver(ecmp);
  assertUnnoticed(await measured(t, 'taken back', ecmp.meter, () => takeBack(ecmp)));
  const drained = await measured(t, 'drained on one director', ecmp.meter, async () => {
    for (const server of ['10.1.0.21', '10.1.0.22']) await first.verb('drain', server, '--force');
    await waysAre('lb2');
    for (const server of ['10.1.0.21', '10.1.0.22']) await first.verb('undrain', server);
    await waysAre('lb1 lb2');
  });
  t.diagnostic(`${drained.failed} failed meanwhile`);
  const cut = await measured(t, 'link cut', ecmp.meter, async () => {
    await setCable('lb1', 0, false);
    await waysAre('lb2');
  });
  assert.equal(cut.long.survived, cut.long.opened);
  const healed = await measured(t, 'link healed', ecmp.meter, async () => {
    await setCable('lb1', 0, true);
    await waysAre('lb1 lb2');
  });
  assert.equal(healed.long.survived, healed.long.opened);
  const began = Date.now();
  const hung = await measured(t, 'controller hangs', ecmp.meter, async () => {
    first.director.signal('SIGSTOP');
    await waysAre('lb2');
    t.diagnostic(`withdrawn after ${Date.now() - began} ms`);
    first.director.signal('SIGCONT');
    await waysAre('lb1 lb2');
  });
  assertUnnoticed(hung);
});

test('FRR: killed, handed over, taken back, power gone', { skip: lacks('vtysh') || byHand }, async (t) => {
  const ecmp = await startEcmp(t, 'frr');
  assertUnnoticed(await measured(t, 'controller killed', ecmp.meter, () => killController(ecmp)));
  assertUnnoticed(await measured(t, 'handover', ecmp.meter, () => handOver(ecmp)));
  assertUnnoticed(await measured(t, 'taken back', ecmp.meter, () => takeBack(ecmp)));
  const off = await measured(t, 'power-off', ecmp.meter, async () => {
    await powerOff(lb1);
    await waysAre('lb2');
  });
  assert.equal(off.long.survived, off.long.opened);
});

test('ExaBGP: handed over by its community, started anew, and a controller that is dead or hangs', {
  skip: lacks('exabgp') || birdSkip || byHand,
}, async (t) => {
  const ecmp = await startEcmp(t, 'exabgp');
  const { first } = ecmp;
  assertUnnoticed(await measured(t, 'controller killed', ecmp.meter, () => killController(ecmp)));
  assertUnnoticed(await measured(t, 'handover', ecmp.meter, () => handOver(ecmp)));
  assertUnnoticed(await measured(t, 'taken back', ecmp.meter, () => takeBack(ecmp)));
  await first.speaker.kill();
  await waysAre('lb2');
  await first.speaker.start();
  await waysAre('lb1 lb2');
  const began = Date.now();
  first.director.signal('SIGSTOP');
  await waysAre('lb2');
  t.diagnostic(`hung, withdrawn after ${Date.now() - began} ms`);
  first.director.signal('SIGCONT');
  await waysAre('lb1 lb2');
  const killed = Date.now();
  await first.director.kill();
  await waysAre('lb2');
  t.diagnostic(`dead, withdrawn after ${Date.now() - killed} ms`);
});
