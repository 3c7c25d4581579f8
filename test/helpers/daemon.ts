/** A daemon in this process, on a file of the test's own. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Daemon } from '../../src/daemon.js';
import { type Event, EventBus } from '../../src/events.js';
import type { DaemonOptions } from '../../src/parts/given.js';
import { readConfiguration } from '../../src/reload/read.js';
import { temporaryDirectory } from './temporary-directory.js';

export type DaemonSetting = Pick<DaemonOptions, 'backend'> &
  Partial<
    Pick<
      DaemonOptions,
      | 'lookup'
      | 'resolveAgainAfter'
      | 'byHandFile'
      | 'replicaFile'
      | 'control'
      | 'knownNames'
      | 'policies'
      | 'before'
      | 'addressJournal'
    >
  > & {
    /** Of the settings file. */
    readonly settings?: string;
  };

/** Stops with the test. `onEvent` hears of everything from its first event on. */
export async function startDaemon(
  t: TestContext,
  text: string,
  { settings, ...setting }: DaemonSetting,
  onEvent: (event: Event) => void = () => {},
) {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'test.cf');
  await writeFile(file, text);
  if (settings !== undefined) await writeFile(join(folder, 'ldirectord.ini'), settings);
  const events: Event[] = [];
  const bus = new EventBus();
  bus.subscribe((event) => void events.push(event));
  bus.subscribe(onEvent);
  const { backend, lookup, knownNames } = setting;
  const loaded = await readConfiguration(file, {
    strict: false,
    capabilities: backend.capabilities,
    ...(lookup && { lookup }),
    ...(knownNames && { known: knownNames.addresses }),
  });
  assert.ok(loaded.config, JSON.stringify(loaded.diagnostics));
  const daemon = await Daemon.start(
    { file, strict: false, bus, version: '0', ...setting },
    { ...loaded, config: loaded.config },
  );
  t.after(() => daemon.stop('end of the test'));
  return { daemon, folder, file, events };
}
