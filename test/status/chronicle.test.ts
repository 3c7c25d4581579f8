import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event } from '../../src/events.js';
import { Chronicle, type Recorded } from '../../src/status/chronicle.js';

const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
const up: Event = { type: 'server-up', ...subject, reason: 'connect: accepted' };
const percentiles = { p50: 1, p99: 2, max: 3 };
const sums = { started: 1, ok: 1, failed: 0, withoutVerdict: 0, skipped: 0, running: 0, waiting: 0 };
const spread = { buckets: [], total: 0 };
const summed: Event = {
  type: 'checks-summed',
  sums: { ...sums, lateness: percentiles, duration: percentiles },
  spreads: { lateness: spread, duration: spread },
};

describe('chronicle', () => {
  it('keeps what happened last, numbered, without the single results and sums', () => {
    const chronicle = new Chronicle();
    for (let at = 0; at < 2500; at += 1) chronicle.listener({ type: 'config-changed', file: String(at) });
    chronicle.listener({ type: 'checked', ...subject, ok: true, reason: '', duration: 1, held: false });
    chronicle.listener(summed);
    const recent = chronicle.recent();
    assert.equal(recent.length, 1000);
    assert.deepEqual([recent[0]?.number, recent.at(-1)?.number], [1501, 2500]);
    assert.deepEqual(
      chronicle.recent(2498).map(({ number }) => number),
      [2499, 2500],
    );
    assert.deepEqual(chronicle.checks, { ...sums, lateness: percentiles, duration: percentiles });
  });

  it('knows why the newest version of the file does not rule, until one does', () => {
    const chronicle = new Chronicle();
    chronicle.listener({ type: 'config-rejected', reason: '2 errors' });
    assert.equal(chronicle.rejected, '2 errors');
    chronicle.listener({ type: 'config-loaded', differences: [] });
    assert.equal(chronicle.rejected, null);
  });

  it('tells followers, until they leave', () => {
    const chronicle = new Chronicle();
    const seen: Recorded[] = [];
    const leave = chronicle.follow((recorded) => seen.push(recorded));
    chronicle.listener(up);
    leave();
    chronicle.listener(up);
    assert.deepEqual(
      seen.map(({ number, event }) => [number, event]),
      [[1, up]],
    );
  });

  it('of a server that flaps what it began with and what it ended with is kept, and nothing in between', () => {
    const chronicle = new Chronicle();
    const who = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
    const change = (server: string): void =>
      chronicle.listener({ type: 'server-up', ...who, server, reason: 'connected' });
    change(who.server);
    chronicle.listener({ type: 'server-flapping', ...who, changes: 10, seconds: 20 });
    change(who.server);
    change('10.0.0.2:80');
    chronicle.listener({ type: 'server-settled', ...who, up: true, changes: 20, seconds: 90 });
    change(who.server);
    const told = chronicle.recent().map(({ event }) => event.type);
    assert.deepEqual(told, ['server-up', 'server-flapping', 'server-up', 'server-settled', 'server-up']);
  });
});
