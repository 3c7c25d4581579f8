/**
 * Good dialogues of every service, changed in every way: no server is up that did not say what "up means" names, none
 * is down for being slow or speaking in pieces, no check goes beyond its deadline, and nothing is left uncaught.
 */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ServiceName, services } from '../../src/config/services.js';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { ample, checkOf } from '../helpers/check.js';
import { within } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { seeded } from '../helpers/random.js';
import { binaryDialogues } from './binary-dialogues.js';
import { datagramDialogues } from './datagram-dialogues.js';
import type { Dialogue } from './dialogue.js';
import { Mutator } from './mutator.js';
import { type Heard, nothingBetween, type Stage } from './stage.js';
import { textDialogues } from './text-dialogues.js';

// For a longer run, or the same one again; and of one dialogue alone.
const { MUTATIONS = '60', MUTATION_SEED = '1', MUTATION_DIALOGUE = '' } = process.env;
const count = Number(MUTATIONS);
const seed = Number(MUTATION_SEED);

/** Dialogues that are changed at once: many of them are waited for until their deadline. */
const atOnce = 64;
/** Milliseconds: as long as an answer may take on a busy machine, for a check that may as well be down. */
const short = 300;

const dialogues = [...textDialogues, ...binaryDialogues, ...datagramDialogues].filter(
  ({ name }) => MUTATION_DIALOGUE === '' || name === MUTATION_DIALOGUE,
);

function checkFor({ check }: Dialogue, { port }: Stage, negotiateTimeout: number): Check {
  return checkOf({ ...check, port, negotiateTimeout });
}

/** As it is, it is up; gives how many things the server says. */
async function unchanged(dialogue: Dialogue): Promise<number> {
  const stage = await dialogue.open();
  try {
    const result = await runProbe(checkFor(dialogue, stage, ample), 'negotiate');
    assert.equal(result.ok, true, `${dialogue.name}: ${result.reason}`);
    assert.ok(dialogue.mayBeUp(stage.between.heard), `${dialogue.name}: what it says is not known to be good`);
    return stage.between.heard.meant.length;
  } finally {
    await stage.close();
  }
}

interface Outcome extends ProbeResult {
  readonly heard: Heard;
  readonly mutator: Mutator;
}

/** Each dialogue has changes of its own. */
function seedOf({ name }: Dialogue, number: number): number {
  const own = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
  return (seed * 1_000_003 + own) * 10_007 + number;
}

async function changed(dialogue: Dialogue, stage: Stage, number: number, usual: number): Promise<Outcome> {
  const mutator = new Mutator(seeded(seedOf(dialogue, number)), usual, dialogue.check.protocol === 'udp');
  const { heard } = nothingBetween();
  stage.between = { heard, next: (said) => mutator.next(said) };
  const check = checkFor(dialogue, stage, mutator.harmless ? ample : short);
  const result = await within(`${dialogue.name} to be judged`, runProbe(check, 'negotiate'), 3 * ample);
  return { ...result, heard, mutator };
}

/** What is wrong with an outcome; null where nothing is. */
function fault({ ok, reason, heard, mutator }: Outcome, { mayBeUp, whole = false }: Dialogue): string | null {
  if (ok === null || reason.startsWith('internal')) return 'it is no verdict';
  if (reason === '') return 'no reason is given';
  if (mutator.harmless && !ok) return 'it is down, though nothing was changed but the time';
  if (!ok) return null;
  if (!mayBeUp(heard)) return 'it is up, though what that needs was not said';
  return whole && isCut(heard) ? 'it is up, though the end is missing' : null;
}

function isCut({ meant, said }: Heard): boolean {
  const [whole, part] = [Buffer.concat(meant), Buffer.concat(said)];
  return part.length < whole.length && whole.subarray(0, part.length).equals(part);
}

function told(outcome: Outcome, number: number, { name }: Dialogue, what: string): string {
  const { heard, mutator, ok, reason } = outcome;
  const said = heard.said.map((bytes) => JSON.stringify(bytes.toString('latin1').slice(0, 2000))).join('\n');
  const again = `MUTATION_SEED=${seed} MUTATION_DIALOGUE='${name}' MUTATIONS=${number + 1}`;
  return `${name}, ${number}: ${what}\n${mutator}\n${ok}: ${reason}\n${said}\n${again}`;
}

/** Never asked; and of one neither a server nor a library that could be one can be had. */
const withoutDialogue: readonly string[] = ['none', 'oracle'];

describe('mutated dialogues', { skip: lacks('openssl') }, () => {
  it('of every service', { skip: MUTATION_DIALOGUE !== '' && 'some are left out' }, () => {
    const covered = new Set(dialogues.map(({ check }) => check.service ?? 'http'));
    const missing = Object.keys(services).filter((name) => !covered.has(name as ServiceName));
    assert.deepEqual(missing.toSorted(), withoutDialogue);
  });

  for (const dialogue of dialogues) {
    it(dialogue.name, async (t) => {
      const usual = await unchanged(dialogue);
      const numbers = Array(count).keys();
      const faults: string[] = [];
      let [up, harmless] = [0, 0];
      const work = async () => {
        const stage = await dialogue.open();
        try {
          for (const number of numbers) {
            const outcome = await changed(dialogue, stage, number, usual);
            up += Number(outcome.ok);
            harmless += Number(outcome.mutator.harmless);
            const what = fault(outcome, dialogue);
            if (what !== null) faults.push(told(outcome, number, dialogue, what));
          }
        } finally {
          await stage.close();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
      await releaseKept();
      t.diagnostic(`${count} changed: ${up} up, ${harmless} of them for being late alone; ${faults.length} wrong`);
      assert.equal(faults.length, 0, faults.slice(0, 10).join('\n\n'));
      assert.ok(up < count, 'whatever is changed, it is up');
    });
  }
});
