import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import {
  type AgentWord,
  mergeSaying,
  nothingSaid,
  parseSaying,
  type Saying,
  sayingText,
} from '../../src/model/agent-word.js';

const percent = (amount: number) => ({ percent: amount });
const weight = (amount: number) => ({ weight: amount });

describe('a line of an agent', () => {
  const table: readonly (readonly [string, Partial<Saying>])[] = [
    ['up ready 50%\n', { health: 'up', admin: 'ready', share: percent(50) }],
    ['up ready drain\n', { health: 'up', admin: 'drain' }],
    ['drain,75%', { admin: 'drain', share: percent(75) }],
    ['DOWN#disk full\r\n', { health: 'down', reason: 'disk full' }],
    ['stopped#reason', { health: 'down', reason: 'reason' }],
    ['fail', { health: 'down' }],
    ['up down up', { health: 'up' }],
    ['drain maint ready', { admin: 'ready' }],
    ['0%\n', { share: percent(0) }],
    ['101%\n', { share: percent(101) }],
    ['50% 60%', { share: percent(60) }],
    ['75', { share: percent(75) }],
    ['weight:50%', { share: percent(50) }],
    ['weight:0', { share: weight(0) }],
    ['Weight:256', { share: weight(256) }],
    ['weight:300', { unknown: 'weight:300' }],
    ['weight:300 up', { health: 'up', unknown: 'weight:300' }],
    ['10001%', { unknown: '10001%' }],
    ['100000', { unknown: '100000' }],
    ['-5% 12.5% %', { unknown: '-5%' }],
    ['maint\n', { admin: 'maint' }],
    ['up\ndown\n', { health: 'up' }],
    ['up\rdown', { health: 'up' }],
    ['\nup', {}],
    ['', {}],
    [' \t, up ,\t, READY,', { health: 'up', admin: 'ready' }],
    ['up maxconn:30 speed', { health: 'up', unknown: 'maxconn:30' }],
    ['upready', { unknown: 'upready' }],
    ['50%#up down', { share: percent(50), reason: 'up down' }],
    ['down # a \x1b[31m red\u202e one # more  ', { health: 'down', reason: 'a  [31m red  one # more' }],
    [`x\0up${'y'.repeat(1000)}`, { unknown: `x?up${'y'.repeat(28)}` }],
  ];
  for (const [line, expected] of table) {
    it(JSON.stringify(line.slice(0, 40)), () => {
      assert.deepEqual(parseSaying(line), { ...nothingSaid, unknown: null, ...expected });
    });
  }
});

test('what a line does not mention stays', () => {
  const course = (...lines: readonly string[]): AgentWord =>
    lines.reduce((before, line) => mergeSaying(before, parseSaying(line)), nothingSaid);
  assert.deepEqual(course('drain,75%', 'ready'), { share: percent(75), health: null, admin: 'ready', reason: '' });
  assert.deepEqual(course('down#disk full', '50%').reason, 'disk full');
  assert.deepEqual(course('down#disk full', 'up'), { share: null, health: 'up', admin: null, reason: '' });
  assert.deepEqual(course('down#disk full', 'weight:300'), course('down#disk full'));
  assert.deepEqual(course('maint#update', 'down#disk', '').admin, 'maint');
  assert.deepEqual(course('up', '50%#busy', '60%#idle').reason, 'idle');
});

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 1024 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('up', 'DOWN', 'drain', 'maint', 'ready', 'weight:', '%', '#', ' ', ',', '\t', '\r', '\n', '\0'),
        fc.nat(99_999).map(String),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

test('whatever the bytes, it is read, bounded, and reads the same in its short form', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const said = parseSaying(text);
      const short = sayingText(said);
      assert.ok(short.length <= 200, short);
      assert.doesNotMatch(short, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.deepEqual(parseSaying(short), said);
    }),
    { numRuns: 2_000 },
  );
});
