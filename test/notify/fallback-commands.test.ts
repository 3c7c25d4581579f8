import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alwaysActive, type RoleState } from '../../src/model/role.js';
import { FallbackCommands } from '../../src/notify/fallback-commands.js';
import { configOf } from '../helpers/configuration.js';

const { virtuals } = configOf(
  ['192.0.2.1:80', '192.0.2.2:80'].map((name) => `virtual=${name}\n\tfallbackcommand=/bin/notify\n`).join('\n') +
    '\nvirtual=192.0.2.3:80\n',
);
const [one, other, without] = virtuals;
assert.ok(one && other && without);
const passive: RoleState = { word: 'passive', held: null, fault: null };
const unknown: RoleState = { word: 'unknown', held: null, fault: 'nobody says it' };

function commands() {
  const told: string[] = [];
  const kept = new FallbackCommands({
    run: (virtual, word) => told.push(`${word} ${virtuals.indexOf(virtual)}`),
    leave: (virtual, word) => told.push(`left ${word} ${virtuals.indexOf(virtual)}`),
  });
  return { kept, told: () => told.splice(0) };
}

test('it runs where this director is active, or nobody says who is, and is left to the other one where it is not', () => {
  const { kept, told } = commands();
  kept.noteUse(one, false, alwaysActive);
  kept.noteUse(other, false, { word: 'active', held: new Set(['192.0.2.1']), fault: null });
  kept.noteUse(one, true, passive);
  kept.noteUse(one, false, unknown);
  kept.noteUse(without, false, alwaysActive);
  assert.deepEqual(told(), ['start 0', 'left start 1', 'left stop 0', 'start 0']);
});

test('who becomes active begins for what has no server, and ends what it has begun once that has one', () => {
  const { kept, told } = commands();
  const served = new Set([one]);
  const isInUse = (virtual: (typeof virtuals)[number]): boolean => served.has(virtual);
  kept.follow(alwaysActive, virtuals, isInUse);
  assert.deepEqual(told(), [], 'a start that finds it active is no change');
  kept.follow(passive, virtuals, isInUse);
  assert.deepEqual(told(), [], 'who becomes passive leaves it to the other one');
  kept.follow({ word: 'active', held: new Set(['192.0.2.2']), fault: null }, virtuals, isInUse);
  assert.deepEqual(told(), ['start 1']);
  kept.follow(alwaysActive, virtuals, isInUse);
  assert.deepEqual(told(), [], 'the other one has a server, and nobody has begun for it');
  kept.follow(passive, virtuals, isInUse);
  kept.noteUse(other, true, passive);
  served.add(other);
  kept.follow(alwaysActive, virtuals, isInUse);
  assert.deepEqual(told(), ['left stop 1', 'stop 1']);
  kept.follow(passive, virtuals, isInUse);
  served.clear();
  kept.follow(unknown, virtuals, isInUse);
  assert.deepEqual(told(), ['start 0', 'start 1'], 'nobody says who is active: all do');
  kept.follow(alwaysActive, virtuals, isInUse);
  assert.deepEqual(told(), []);
});

test('a service that is gone is forgotten', () => {
  const { kept, told } = commands();
  kept.noteUse(one, false, alwaysActive);
  kept.keep([other]);
  kept.follow(passive, virtuals, () => true);
  kept.follow(alwaysActive, virtuals, () => true);
  assert.deepEqual(told(), ['start 0']);
});
