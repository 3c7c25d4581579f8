/** The daemon in the test's own process, where what it does to the backend can be seen. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Daemon } from '../../../src/daemon.js';
import { EventBus } from '../../../src/events.js';
import type { Backend, Failure, Operation, ReadOptions } from '../../../src/ipvs/backend.js';
import { capabilitiesOf } from '../../../src/ipvs/capabilities.js';
import { KernelBackend } from '../../../src/ipvs/kernel/backend.js';
import { messagesOf } from '../../../src/observe/messages.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

export type ApplyThrough = (kernel: Backend, operations: readonly Operation[]) => Promise<(Failure | null)[]>;

/** The kernel's table, with a look at every operation on its way there. */
export class WatchedBackend implements Backend {
  readonly capabilities = capabilitiesOf('kernel');
  readonly name = this.capabilities.name;
  readonly #kernel: KernelBackend;
  readonly #apply: ApplyThrough;

  private constructor(kernel: KernelBackend, apply: ApplyThrough) {
    this.#kernel = kernel;
    this.#apply = apply;
  }

  static async open(apply: ApplyThrough): Promise<WatchedBackend> {
    return new WatchedBackend(await KernelBackend.open(), apply);
  }

  read(options?: ReadOptions): ReturnType<Backend['read']> {
    return this.#kernel.read(options);
  }

  apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#apply(this.#kernel, operations);
  }

  close(): Promise<void> {
    return this.#kernel.close();
  }
}

export interface Director {
  /** Everything said so far. */
  readonly lines: string[];
  /** When each was, in milliseconds of performance.now(). */
  readonly times: readonly number[];
  /** Settles when the new text rules and its table stands, but for what is refused. */
  reload(text: string): Promise<void>;
}

/** Stops with the test, and cleans up as the file says. */
export async function startDirector(
  t: TestContext,
  text: string,
  backend?: Backend,
  settings?: string,
): Promise<Director> {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'director.cf');
  await writeFile(file, text);
  if (settings !== undefined) await writeFile(join(folder, 'ldirectord.ini'), settings);
  const bus = new EventBus();
  const lines: string[] = [];
  const times: number[] = [];
  bus.subscribe((event) => {
    for (const { text: line } of messagesOf(event)) {
      lines.push(line);
      times.push(performance.now());
    }
  });
  const loaded = await readConfiguration(file, { strict: false });
  assert.ok(loaded.config, JSON.stringify(loaded.diagnostics));
  const daemon = await Daemon.start(
    { file, strict: false, bus, version: 'lab', backend: backend ?? (await KernelBackend.open()) },
    { ...loaded, config: loaded.config },
  );
  t.after(() => daemon.stop('end of the test'));
  const stands = async (): Promise<void> => {
    while ((await daemon.missing()).some((words) => words.endsWith(': not applied yet')));
  };
  await stands();
  return {
    lines,
    times,
    async reload(changed) {
      await writeFile(file, changed);
      await daemon.reload();
      await stands();
    },
  };
}
