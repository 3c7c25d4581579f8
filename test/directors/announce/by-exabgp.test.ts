/** A pipe that is missing, unread, full, or read by somebody else than before. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Announcements } from '../../../src/directors/announce/announcer.js';
import { ExabgpAnnouncer } from '../../../src/directors/announce/by-exabgp.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { PipeReader } from './pipe-reader.js';

const one = '192.0.2.1';

function wanted(addresses: readonly string[], announced: 'well' | null = 'well'): Announcements {
  return new Map(
    addresses.map((address) => [address, { address, family: 'inet', announced, isLasting: false }] as const),
  );
}

interface Scene {
  readonly path: string;
  readonly announcer: ExabgpAnnouncer;
  readonly changes: () => number;
  readonly fault: (pattern: RegExp | null) => Promise<void>;
}

async function scene(t: TestContext, repeatDelay = 600_000): Promise<Scene> {
  const path = join(await temporaryDirectory(t), 'exabgp.in');
  let changes = 0;
  const onChange = (): void => {
    changes += 1;
  };
  const announcer = new ExabgpAnnouncer(path, { onChange, lookDelay: 10, repeatDelay });
  t.after(() => announcer.leave());
  const fault = (pattern: RegExp | null) =>
    until(
      () => `'${announcer.fault}' is ${pattern}`,
      () => (pattern === null ? announcer.fault === null : pattern.test(announcer.fault ?? '')),
    );
  return { path, announcer, changes: () => changes, fault };
}

function reader(t: TestContext, path: string, reads = true): PipeReader {
  const opened = PipeReader.open(path, reads);
  t.after(() => opened.close());
  return opened;
}

test('a pipe that is not there, is none, or that nobody reads is waited for, with what to do', async (t) => {
  const { path, announcer, fault, changes } = await scene(t);
  announcer.announce(wanted([one]));
  await fault(/there is no such pipe.*mkfifo/);
  assert.equal(announcer.statusOf(one).isDone, false);
  await writeFile(path, 'something else');
  await fault(/is no named pipe: take it away/);
  // In its place at once: in between there would be none again.
  execFileSync('mkfifo', [`${path}.new`]);
  await rename(`${path}.new`, path);
  await fault(/nobody reads it: does ExaBGP run/);
  const told = reader(t, path);
  await until('it is announced', () => told.routes[one] === 'med 100');
  await fault(null);
  // Once each, however often it was tried.
  assert.equal(changes(), 4);
});

test('whoever reads it anew is told everything again, what is withdrawn as well', async (t) => {
  const { path, announcer, fault } = await scene(t);
  execFileSync('mkfifo', [path]);
  const first = reader(t, path);
  announcer.announce(new Map([...wanted([one]), ...wanted(['192.0.2.2'], null)]));
  await until('it is announced', () => first.lines.length === 2);
  first.close();
  await fault(/nobody reads it/);
  announcer.announce(new Map([...wanted([one, '192.0.2.3']), ...wanted(['192.0.2.2'], null)]));
  const second = reader(t, path);
  await until('all is said', () => second.lines.length === 3);
  assert.deepEqual(second.lines.toSorted(), [
    'announce route 192.0.2.1/32 next-hop self med 100',
    'announce route 192.0.2.3/32 next-hop self med 100',
    'withdraw route 192.0.2.2/32 next-hop self',
  ]);
});

test('a pipe that somebody makes anew is another one', async (t) => {
  const { path, announcer } = await scene(t);
  execFileSync('mkfifo', [path]);
  const first = reader(t, path);
  announcer.announce(wanted([one]));
  await until('it is announced', () => first.routes[one] !== undefined);
  await rm(path);
  execFileSync('mkfifo', [path]);
  const second = reader(t, path);
  await until('it is announced there', () => second.routes[one] !== undefined);
});

test('a pipe that is full holds nobody up, and what counts in the end is said', async (t) => {
  const { path, announcer, fault } = await scene(t);
  execFileSync('mkfifo', [path]);
  const hanging = PipeReader.open(path, false);
  t.after(() => hanging.close());
  const many = Array.from({ length: 5_000 }, (_, number) => `10.1.${number >> 8}.${number & 255}`);
  announcer.announce(wanted(many));
  await fault(/it is full: does ExaBGP hang/);
  const began = performance.now();
  for (let times = 0; times < 100; times += 1) announcer.announce(wanted(many, times % 2 === 0 ? null : 'well'));
  announcer.announce(wanted(many.slice(0, 4_000)));
  assert.ok(performance.now() - began < 5_000);
  const reading = reader(t, path);
  await until('all is said', () => Object.keys(reading.routes).length === 4_000 && announcer.fault === null);
});

test('what is announced is said again and again, so that a reader can tell that nobody lives who says it', async (t) => {
  const { path, announcer } = await scene(t, 30);
  execFileSync('mkfifo', [path]);
  const told = reader(t, path);
  announcer.announce(new Map([...wanted([one]), ...wanted(['192.0.2.2'], null)]));
  await until('it has been said often', () => told.lines.length > 10);
  assert.deepEqual(told.lines.filter((line) => line.startsWith('withdraw')).length, 1);
  await announcer.leave();
  const { length } = told.lines;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(told.lines.length, length);
});
