/** The reference and the program under test on the same file, in namespaces that see the same servers. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../../helpers/process.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { Reference, referenceLog, startOurs, stop } from './controllers.js';
import { savedRules } from './table.js';

/** Milliseconds: the reference starts in about four seconds and calls ipvsadm for each step. */
const patience = 120_000;
/** Milliseconds for which two tables must stay equal to count as settled: more than a round of the reference. */
const calm = 1_200;

/** Milliseconds from one look to the next: looking takes the processor from those that are looked at. */
const pause = 500;

export class SideBySide {
  readonly #file: string;
  readonly #namespace: string;
  readonly #reference: Reference;
  readonly #ours: Program;

  private constructor(file: string, namespace: string, reference: Reference, ours: Program) {
    this.#file = file;
    this.#namespace = namespace;
    this.#reference = reference;
    this.#ours = ours;
  }

  /** The reference runs in the namespace, ours in the guest's own. */
  static async start(t: TestContext, namespace: string, text: string): Promise<SideBySide> {
    const file = join(await temporaryDirectory(t), 'side-by-side.cf');
    await writeFile(file, text);
    // The reference leaves little of the processor to anyone once it runs.
    const ours = await startOurs(t, file);
    const reference = await Reference.start(t, namespace, file);
    return new SideBySide(file, namespace, reference, ours);
  }

  async reload(text: string): Promise<void> {
    await writeFile(this.#file, text);
    this.#reference.reload();
    this.#ours.child.kill('SIGHUP');
  }

  async stop(): Promise<void> {
    const [status] = await Promise.all([stop(this.#ours), this.#reference.stop()]);
    assert.equal(status, 0, this.#ours.text);
  }

  /** Waits until both tables are equal, stay so, and are the ones meant; gives them. */
  async settled(isMeant: (rules: readonly string[]) => boolean): Promise<readonly string[]> {
    const deadline = performance.now() + patience;
    let since = Number.POSITIVE_INFINITY;
    for (;;) {
      const [ours, reference] = await Promise.all([savedRules(), savedRules(this.#namespace)]);
      const now = performance.now();
      const equal = ours.join('\n') === reference.join('\n') && isMeant(ours);
      since = equal ? Math.min(since, now) : Number.POSITIVE_INFINITY;
      if (equal && now - since >= calm) return ours;
      if (now > deadline) {
        const said = `ours said:\n${this.#ours.text}\nthe reference said:\n${await referenceLog()}`;
        assert.equal(ours.join('\n'), reference.join('\n'), said);
        assert.fail(`not the table that is meant:\n${ours.join('\n')}\n${said}`);
      }
      await sleep(pause);
    }
  }
}
