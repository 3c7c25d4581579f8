import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerName } from './peers/peer.js';
import { type Goal, type Readings, rowOf } from './results.js';
import { formatTable } from './table.js';

const rounds = new Map<PeerName, Readings[]>([
  ['ours', [{ cost: 90 }, { cost: 50 }, { cost: 60 }]],
  ['keepalived', [{ cost: 80 }, { cost: 100 }, {}]],
]);
const row = (...goals: Goal[]) => rowOf('work', { name: 'cost', unit: 'µs', goals }, rounds);

test('a row holds medians and ratios, and says whether goals are met', () => {
  const { medians, ratios, goals } = row(
    { kind: 'at-most', value: 60 },
    { kind: 'at-least', value: 61 },
    { kind: 'ratio-at-most', value: 0.6, peer: 'keepalived' },
    { kind: 'ratio-at-least', value: 50, peer: 'reference' },
  );
  assert.deepEqual(medians, { ours: 60, keepalived: 90 });
  assert.deepEqual(ratios, { keepalived: 60 / 90 });
  assert.deepEqual(goals, [
    { goal: '≤ 60', met: true },
    { goal: '≥ 61', met: false },
    { goal: '≤ 0.6 of keepalived', met: false },
    { goal: '≥ 50 of reference', met: null },
  ]);
});

test('nothing measured is no number, and a peer that needs nothing has no ratio', () => {
  assert.deepEqual(rowOf('work', { name: 'other', unit: '' }, rounds).medians, {});
  const nothing = new Map<PeerName, Readings[]>([
    ['ours', [{ cost: 0 }]],
    ['keepalived', [{ cost: 0 }]],
  ]);
  assert.deepEqual(rowOf('work', { name: 'cost', unit: '' }, nothing).ratios, {});
});

test('the table names a work once and keeps its columns', () => {
  const rows = [row({ kind: 'at-most', value: 60 }), rowOf('work', { name: 'count', unit: '' }, rounds)];
  assert.equal(
    formatTable(rows),
    [
      '  measure  unit  goal       ours  keepalived  to keepalived',
      'work',
      '  cost     µs    ≤ 60  met  60.0        90.0          0.667',
      '  count',
      '',
    ].join('\n'),
  );
});
