import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { KeptEvents } from '../../src/observe/kept-events.js';
import { atOnce } from '../../src/slices.js';
import { Chronicle } from '../../src/status/chronicle.js';

function changed(file: string): Event {
  return { type: 'config-changed', file };
}

function run(lines: readonly string[] = []) {
  const chronicle = new Chronicle();
  const kept = new KeptEvents(chronicle);
  const lost = atOnce(kept.recall(lines));
  const files = () =>
    chronicle.recent().map(({ event }) => (event.type === 'config-changed' ? event.file : event.type));
  return { chronicle, kept, lost, files };
}

test('events and their numbers go on where the run before ended', () => {
  const first = run();
  assert.equal(first.chronicle.series, first.chronicle.started);
  for (const file of ['a', 'b']) first.chronicle.listener(changed(file));
  const lines = [...atOnce(first.kept.all())];
  first.chronicle.listener(changed('c'));
  lines.push(...(atOnce(first.kept.news()) ?? []));
  assert.deepEqual(atOnce(first.kept.news()), []);

  const killed = run(lines);
  assert.equal(killed.lost, 0);
  assert.deepEqual(killed.files(), ['a', 'b', 'c']);
  assert.equal(killed.chronicle.series, killed.chronicle.started, 'others may know of numbers that are not here');
  const ended = run([...lines, first.kept.end]);
  assert.equal(ended.chronicle.series, first.chronicle.series);
  ended.chronicle.listener(changed('d'));
  assert.deepEqual(
    ended.chronicle.recent().map(({ number }) => number),
    [1, 2, 3, 4],
  );
  assert.deepEqual(ended.chronicle.recent().slice(0, 3), first.chronicle.recent(), 'as they were, with their times');
  const again = run([...atOnce(ended.kept.all()), ended.kept.end]);
  assert.deepEqual(again.files(), ['a', 'b', 'c', 'd']);
  assert.equal(again.chronicle.series, first.chronicle.series);
});

test('the last thousand are kept, and of large ones as many as there is room for, with the number that is next', () => {
  const many = run();
  for (let at = 0; at < 10_000; at += 1) many.chronicle.listener(changed(String(at)));
  const lines = atOnce(many.kept.all());
  assert.equal(lines.length, 1_001);
  for (let at = 0; at < 10_000; at += 1) many.chronicle.listener(changed(String(at)));
  assert.equal(atOnce(many.kept.news())?.length, 1_000);
  assert.deepEqual([run(lines).chronicle.last, run(lines).chronicle.recent().length], [10_000, 1_000]);

  const large = run();
  for (let at = 0; at < 10; at += 1) large.chronicle.listener(changed('x'.repeat(1024 * 1024)));
  assert.equal(atOnce(large.kept.news()), null, 'too much to be appended');
  const few = atOnce(large.kept.all());
  assert.ok(few.length < 6 && few.join('').length < 5 * 1024 * 1024);
  large.chronicle.listener(changed('x'.repeat(5 * 1024 * 1024)));
  assert.equal(run(atOnce(large.kept.all())).chronicle.last, 11, 'though it is not kept');
});

test('what is no event, or none that this program can tell, is not told', () => {
  const up = { type: 'server-up', family: 'inet', protocol: 'tcp', virtual: 'v', server: 's', reason: 'fine' };
  const line = (number: unknown, event: unknown) => JSON.stringify([number, 1_795_000_000_000, event]);
  const head = JSON.stringify({ series: 1, last: 0 });
  const good = [head, line(1, up), line(2, { ...up, further: 'what a newer one says' })];
  assert.deepEqual([run(good).lost, run(good).files()], [0, ['server-up', 'server-up']]);

  // Of another version, and of that alone.
  const strange = [line(1, { type: 'server-exploded' }), line(2, { type: 'table-changed' }), line(3, up)];
  assert.deepEqual([run([head, ...strange]).lost, run(strange).files()], [0, ['server-up']]);

  const broken = ['', 'null', '[1,2]', '{"series":"x"}', line('1', up), line(1, null), line(1, {}), line(-1, up)];
  assert.deepEqual([run(broken).lost, run(broken).files()], [broken.length, []]);
  const order = [line(5, up), line(5, up), line(4, up), line(6, up)];
  assert.deepEqual([run(order).lost, run(order).chronicle.last], [2, 6]);
  const { chronicle } = run([head, '', '"end"']);
  assert.equal(chronicle.series, chronicle.started, 'one that is damaged is not whole');
});
