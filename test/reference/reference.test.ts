/**
 * The reference's own check functions and ours are asked the same questions about the same servers, from the same
 * configuration. Where the answers differ, the list of differences says so and why; nothing else may differ.
 */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { serviceNames } from '../../src/config/service-lists.js';
import { releaseKept } from '../../src/probes/release.js';
import { testAuthority } from '../helpers/certificate.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { type Answers, ask } from './ask.js';
import type { Difference } from './difference.js';
import { differences } from './differences.js';
import type { Question } from './question.js';
import { farms, questions } from './questions.js';
import { type Reference, referenceMissing, startReference } from './reference.js';

/** Questions that are asked at once: most of the time is waiting for those who are silent. */
const atOnce = 12;

type Answered = Question & Answers;

async function started(t: TestContext): Promise<Reference> {
  const authority = `${await temporaryDirectory(t)}/authority.pem`;
  await writeFile(authority, testAuthority().cert);
  const reference = await startReference(authority);
  t.after(() => reference.close());
  return reference;
}

/** Those that can be asked here; what is left out is told. */
async function collect(t: TestContext, { missing }: Reference): Promise<{ all: Question[]; left: boolean }> {
  let left = false;
  const present = farms.filter((farm) => {
    if (farm.missing === false) return true;
    t.diagnostic(`left out: ${farm.name}: ${farm.missing}`);
    left = true;
    return false;
  });
  const ofFarms = await Promise.all(present.map((farm) => farm.start(t)));
  const all = [...(await questions(t)), ...ofFarms.flat()].filter(({ name, needs }) => {
    if (needs === undefined || !missing.includes(needs)) return true;
    t.diagnostic(`left out: ${name}: perl’s ${needs} is not installed`);
    left = true;
    return false;
  });
  return { all, left };
}

async function askAll(t: TestContext, reference: Reference, all: readonly Question[]): Promise<Answered[]> {
  const folder = await temporaryDirectory(t);
  const answered: Answered[] = [];
  const rest = all.entries();
  const work = async () => {
    for (const [number, question] of rest) {
      answered.push({ ...question, ...(await ask(question, number, reference, folder)) });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answered;
}

const kindOf = ({ name }: { readonly name: string }) => name.replace(/:.*/, '');
const byName = (a: Difference, b: Difference) => (a.name < b.name ? -1 : 1);

test('verdicts beside the reference', { skip: lacks('openssl') || referenceMissing() }, async (t) => {
  const begin = performance.now();
  const reference = await started(t);
  t.after(releaseKept);
  const { all, left } = await collect(t, reference);
  const names = new Set(all.map(({ name }) => name));
  const twice = all.map(({ name }) => name).filter((name, index, list) => list.indexOf(name) < index);
  assert.deepEqual(twice, [], 'each question has a name of its own');
  const answered = await askAll(t, reference, all);
  const seconds = Math.round((performance.now() - begin) / 1000);
  const checks = all.reduce((sum, { rounds = 1 }) => sum + rounds, 0);
  const different = answered.filter(({ ours, theirs }) => ours !== theirs);
  t.diagnostic(
    `${all.length} questions, ${checks} checks of each in ${seconds} s; ${different.length} answered otherwise on purpose`,
  );
  for (const { name, reason } of different) {
    if (!differences.some((one) => one.name === name)) t.diagnostic(`${name}: ours says: ${reason}`);
  }
  for (const kind of new Set(all.map(kindOf))) {
    await t.test(kind, () => {
      const found = different
        .filter((one) => kindOf(one) === kind)
        .map(({ name, ours, theirs }) => ({ name, ours, theirs, reason: reasonOf(name) }));
      const intended = differences.filter((one) => kindOf(one) === kind && names.has(one.name));
      assert.deepEqual(found.toSorted(byName), intended.toSorted(byName));
    });
  }
  await t.test(
    'every service is asked, and every difference is of a question',
    { skip: left && 'some are left out' },
    () => {
      const asked = new Set(all.flatMap(({ lines }) => lines).map((line) => line.replace('service=', '')));
      // Neither its server nor its driver can be had.
      const services = serviceNames.filter((service) => service !== 'oracle');
      assert.deepEqual(
        services.filter((service) => !asked.has(service)),
        [],
      );
      assert.deepEqual(
        differences.filter(({ name }) => !names.has(name)),
        [],
      );
    },
  );
});

function reasonOf(name: string): string {
  return differences.find((one) => one.name === name)?.reason ?? 'not intended';
}
