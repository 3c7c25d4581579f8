/** The doctor, asked in the test's own process, and faults that are put into a network one by one. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from '../../../src/model/config.js';
import type { Examination } from '../../../src/path/doctor/examination.js';
import { openHere } from '../../../src/path/here.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { examineHere } from '../../../src/verbs/doctor/director.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

/** Milliseconds: a guest has one slow processor. */
const patience = 60_000;

/** What is done to a network that is well, and undone. */
export interface Fault {
  /** What the doctor finds then, and nothing else. */
  readonly code: string;
  readonly put: () => Promise<unknown>;
  readonly back: () => Promise<unknown>;
}

export type Examine = () => Promise<readonly Examination[]>;

export async function configured(t: TestContext, text: string): Promise<Config> {
  const file = join(await temporaryDirectory(t), 'doctor.cf');
  await writeFile(file, text);
  const { config, diagnostics } = await readConfiguration(file, { strict: false });
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

/** The director alone. */
export async function directorOf(t: TestContext, text: string): Promise<Examine> {
  const config = await configured(t, text);
  const shell = openHere();
  t.after(() => shell.close());
  return async () => [await examineHere({ config, file: 'doctor.cf', name: 'doctor-lab', backend: 'kernel', shell })];
}

export async function codesFound(examine: Examine): Promise<string[]> {
  const examinations = await examine();
  const unseen = examinations.flatMap(({ unexamined }) => unexamined);
  assert.deepEqual(unseen, []);
  return [...new Set(examinations.flatMap(({ findings }) => findings.map(({ code }) => code)))].toSorted();
}

/**
 * Each is named alone while it is there, so that the one before is not when it has been taken out, and nothing is at first
 * and at last. What a process or the network does is seen a moment later.
 */
export async function assertFaults(t: TestContext, examine: Examine, faults: readonly Fault[]): Promise<void> {
  const finds = (codes: readonly string[], when: string): Promise<void> => {
    let found: string[] = [];
    return until(
      () => `${when}: ${codes.join() || 'nothing'} is found, not ${found.join() || 'nothing'}`,
      async () => {
        found = await codesFound(examine);
        return found.join() === codes.join();
      },
      patience,
    );
  };
  await t.test('where all is well nothing is found', () => finds([], 'at first'));
  for (const { code, put, back } of faults) {
    await t.test(code, async () => {
      await put();
      try {
        await finds([code], 'put in');
      } finally {
        await back();
      }
    });
  }
  await t.test('mended, nothing is found', () => finds([], 'at last'));
}
