import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import { parseServices } from '../../../src/system/port-names.js';
import { askOracle, type OracleGlobal, type OracleVirtual, oracleMissing, type Verdict } from '../../helpers/oracle.js';
import { seeded } from '../../helpers/random.js';
import { shared } from '../../helpers/repository.js';
import { difference, shrink } from './differential.js';
import { randomFile } from './random-file.js';
import { configShape, oracleShape } from './shape.js';

/*
 * What is left out of the comparison, because ours differs on purpose or the verdict is no matter of grammar:
 * - names: the oracle resolves every name, ours leaves that to a later step; ranges between names and
 *   addresses, whose order depends on it, are not generated;
 * - ranges of more addresses than ours allows, which keep the reference busy for minutes;
 * - `monitorfile`, which the reference opens at once: only /dev/null is generated;
 * - patterns that cannot be translated are refused here, while the reference fails at the first check;
 * - blanks at the end of free text, an empty text in place of none, times and counts of 0 written `00`, and
 *   numbers beyond what the kernel or a timer holds (see shape.ts).
 */

const corpusMissing = shared === null ? 'no corpus beside the repository' : false;
const corpus = `${shared}/corpus`;
const services = parseServices(existsSync('/etc/services') ? readFileSync('/etc/services', 'utf8') : '');
// For a longer run, or the same one again.
const { GRAMMAR_FILES = '5000', GRAMMAR_SEED = `${Date.now() % 1_000_000}` } = process.env;
const count = Number(GRAMMAR_FILES);
const seed = Number(GRAMMAR_SEED);

interface Recorded {
  readonly ok: boolean;
  readonly error?: { readonly line: number };
  readonly global?: OracleGlobal;
  readonly virtual?: readonly OracleVirtual[];
  readonly hostnames?: Readonly<Record<string, string>>;
}

interface MicroCase {
  readonly case: string;
  readonly input: string;
  readonly accepted: boolean;
  readonly error?: { readonly line: number };
  readonly global?: OracleGlobal;
  readonly virtual?: readonly OracleVirtual[];
}

/** The recorded verdicts leave out what was not set; the rest of each is compared in full. */
function assertRecorded(text: string, recorded: Recorded): void {
  const { config, diagnostics } = parse(text, { strict: true, services });
  const first = diagnostics.find(({ severity }) => severity === 'error');
  assert.equal(config !== null, recorded.ok, first?.message);
  assert.equal(first?.span.line, recorded.error?.line);
  if (config === null) return;
  const defaults = {
    checkinterval: 10,
    negotiatetimeout: -1,
    checktimeout: -1,
    checkcount: 1,
    failurecount: 1,
    fallback: null,
  };
  const global = { cleanstop: 'yes', quiescent: 'no', execute: [], ...defaults, ...recorded.global };
  const names = Object.entries(recorded.hostnames ?? {});
  const hosts = Object.fromEntries(
    names.flatMap(([name, address]) => [
      [`${name} inet`, address],
      [`${name} inet6`, address],
    ]),
  );
  const expected = oracleShape({ ok: true, global, virtual: recorded.virtual ?? [], hosts });
  assert.deepEqual(common(configShape(config, hosts), expected), common(expected, expected));
}

/** The parts of a shape that the pattern knows something of. */
function common(shape: unknown, pattern: unknown): unknown {
  if (Array.isArray(shape) && Array.isArray(pattern)) {
    assert.equal(shape.length, pattern.length);
    return shape.map((one, index) => common(one, pattern[index]));
  }
  if (typeof shape !== 'object' || shape === null || typeof pattern !== 'object' || pattern === null) return shape;
  const known = Object.entries(pattern).filter(([, value]) => value !== null && value !== undefined);
  const values = new Map(Object.entries(shape));
  return Object.fromEntries(known.map(([key, value]) => [key, common(values.get(key), value)]));
}

test('every file of the corpus is understood as recorded', { skip: corpusMissing }, () => {
  const files = readdirSync(corpus).filter((name) => name.endsWith('.cf'));
  assert.ok(files.length >= 20);
  for (const name of files) {
    const recorded: Recorded = JSON.parse(readFileSync(`${corpus}/${name.replace('.cf', '.json')}`, 'utf8'));
    assertRecorded(readFileSync(`${corpus}/${name}`, 'utf8'), recorded);
  }
});

test('every micro case is understood as recorded', { skip: corpusMissing }, () => {
  const cases: MicroCase[] = JSON.parse(readFileSync(`${corpus}/micro-cases.json`, 'utf8'));
  assert.ok(cases.length >= 30);
  for (const { input, accepted, ...recorded } of cases) assertRecorded(input, { ok: accepted, ...recorded });
});

test('strict mode is the reference on the corpus', { skip: corpusMissing || oracleMissing }, async () => {
  const files = readdirSync(corpus).filter((name) => name.endsWith('.cf'));
  const micro: MicroCase[] = JSON.parse(readFileSync(`${corpus}/micro-cases.json`, 'utf8'));
  const texts = [...files.map((name) => readFileSync(`${corpus}/${name}`, 'utf8')), ...micro.map(({ input }) => input)];
  const verdicts = await askOracle(texts);
  for (const [index, verdict] of verdicts.entries())
    assert.equal(difference(texts[index] ?? '', verdict, services), null);
});

test('strict mode is the reference on random files', { skip: oracleMissing }, async (t) => {
  const random = seeded(seed);
  const texts = Array.from({ length: count }, () => randomFile(random));
  const verdicts = await askOracle(texts);
  const wrong = texts.findIndex((text, index) => difference(text, verdictOf(verdicts, index), services) !== null);
  if (wrong >= 0) {
    const text = await shrink(texts[wrong] ?? '', services);
    const [verdict] = await askOracle([text]);
    assert.fail(
      `seed ${seed}, file ${wrong}: ${JSON.stringify(text)}: ${verdict && difference(text, verdict, services)}`,
    );
  }
  const accepted = verdicts.filter(({ ok }) => ok).length;
  t.diagnostic(`${count} files, ${accepted} of them accepted, seed ${seed}: no difference`);
  // Files that are all accepted, or all rejected, would prove little.
  assert.ok(accepted > count / 10 && accepted < count * 0.9);
});

test('what the strict grammar accepts means the same in default mode', () => {
  const random = seeded(seed);
  let accepted = 0;
  for (let file = 0; file < 2000; file++) {
    const text = randomFile(random);
    const strict = parse(text, { strict: true, services });
    if (strict.config === null) continue;
    accepted++;
    assert.deepEqual(
      parse(text, { strict: false, services }).config,
      strict.config,
      `seed ${seed}: ${JSON.stringify(text)}`,
    );
  }
  assert.ok(accepted > 200);
});

function verdictOf(verdicts: readonly Verdict[], index: number): Verdict {
  const verdict = verdicts[index];
  assert.ok(verdict);
  return verdict;
}
