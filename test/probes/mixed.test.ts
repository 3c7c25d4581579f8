/** Hundreds of checks of several kinds at once, and what is left of them. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { CheckScheduler } from '../../src/checks/scheduler.js';
import { spread } from '../../src/checks/timing.js';
import type { Check } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { beginProbe } from '../../src/probes/run.js';
import { monotonic } from '../../src/system/clock.js';
import { checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';

/** Processes of this machine that carry a word in their environment. */
function processesWith(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(word);
      } catch {
        return false;
      }
    });
}

const descriptors = () => readdirSync('/proc/self/fd').length;

describe('350 checks a second of mixed kinds', { skip: lacks('perl') }, () => {
  it('leave no process and no descriptor behind', async () => {
    const folder = await mkdtemp(`${tmpdir()}/mixed-`);
    const mark = `MARK_OF_TEST=${folder}`;
    process.env['MARK_OF_TEST'] = folder;
    const server = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const files: Readonly<Record<string, string>> = {
      'good.pl': 'exit 0;',
      'bad.pl': 'print "no\\n"; exit 1;',
      'hangs.pl': 'while (1) {}',
      'good.sh': '#!/bin/sh\nexit 0\n',
      'hangs.sh': '#!/bin/sh\nsleep 1000 & wait\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text, { mode: 0o755 });
    const external = (type: 'external' | 'external-perl', name: string, checkTimeout = 30_000) =>
      checkOf({ type, command: `${folder}/${name}`, checkTimeout, interval: 1000 });
    const http = checkOf({ port, interval: 1000 });
    const kinds: readonly (readonly [number, Check, ok: boolean])[] = [
      [140, external('external-perl', 'good.pl'), true],
      [20, external('external-perl', 'bad.pl'), false],
      [2, external('external-perl', 'hangs.pl', 500), false],
      [30, external('external', 'good.sh'), true],
      [3, external('external', 'hangs.sh', 500), false],
      [100, http, true],
      [55, { ...http, http: { ...http.http, keepAlive: true } }, true],
    ];
    const before = descriptors();
    const checks = new Map<string, Check>();
    const expected = new Map<string, boolean>();
    for (const [number, check, ok] of kinds) {
      for (let n = 0; n < number; n += 1) {
        const key = String(checks.size);
        checks.set(key, { ...check, args: ['192.0.2.1', '80', '10.0.0.1', key], request: `/${key}` });
        expected.set(key, ok);
      }
    }
    assert.equal(checks.size, 350);
    const seen = new Map<string, number>();
    const wrong: string[] = [];
    const keys = [...checks.keys()];
    const scheduler = new CheckScheduler({
      run: beginProbe,
      limits: { inFlight: 8192, jitter: 0 },
      onResult: (id, { ok, reason }) => {
        const key = keys[id] ?? '';
        seen.set(key, (seen.get(key) ?? 0) + 1);
        if (ok !== expected.get(key)) wrong.push(`${key}: ${reason}`);
        return null;
      },
    });
    try {
      const now = monotonic();
      [...checks.values()].forEach((check, id) => {
        scheduler.add(id, check, spread(now, check.interval, id, checks.size));
      });
      await until('each has run', () => seen.size === checks.size);
      await until('kept ones have run again', () => (seen.get('349') ?? 0) > 1);
      // In the middle of what runs.
      await scheduler.close();
      await releaseKept();
      server.closeAllConnections();
      await until('no process is left', () => processesWith(mark).length === 0);
      await until(
        () => `${descriptors()} descriptors are ${before} again`,
        () => descriptors() <= before,
      );
      assert.deepEqual(wrong, []);
    } finally {
      delete process.env['MARK_OF_TEST'];
      await scheduler.close();
      await releaseKept();
      server.close();
      await rm(folder, { recursive: true });
    }
  });
});
