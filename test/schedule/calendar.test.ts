import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../src/config/settings/settings.js';
import { windowOf } from '../../src/overrides/windows.js';
import { calendarOf } from '../../src/schedule/calendar.js';
import { inZone } from '../helpers/time-zone.js';

const minute = 60_000;

/** The minutes between two times in which a window of `[expression, duration]` is open: when from, and how many. */
function open([schedule, duration]: readonly [string, string], from: string, to: string): [string, number] {
  const [window] = readSettings(`[maintenance x]\nserver=a\nschedule=${schedule}\nduration=${duration}\n`).settings
    .maintenance;
  const { isOpen } = windowOf(window ?? assert.fail());
  const found: number[] = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += minute) if (isOpen(at)) found.push(at);
  return [found[0] === undefined ? 'never' : new Date(found[0]).toISOString().slice(0, 16), found.length];
}

test('a window whose begin the clock skips opens when the clock goes on', (t) => {
  inZone(t, 'Europe/Berlin');
  // At 01:00 UTC the clock goes from 02:00 to 03:00.
  const night = ['2026-03-28T23:00Z', '2026-03-29T10:00Z'] as const;
  assert.deepEqual(open(['0 2 * * sun', '90m'], ...night), ['2026-03-29T01:00', 90]);
  assert.deepEqual(open(['30 2 * * sun', '60m'], ...night), ['2026-03-29T01:00', 60]);
  assert.deepEqual(open(['30 1 * * sun', '60m'], ...night), ['2026-03-29T00:30', 60]);
  assert.deepEqual(open(['0 3 * * sun', '60m'], ...night), ['2026-03-29T01:00', 60]);
  const usual = ['2026-11-07T22:00Z', '2026-11-08T10:00Z'] as const;
  assert.deepEqual(open(['30 2 * * sun', '60m'], ...usual), ['2026-11-08T01:30', 60]);
  // When it goes back the window is there in both of the hours that look alike.
  assert.deepEqual(open(['30 2 * * sun', '60m'], '2026-10-24T22:00Z', '2026-10-25T10:00Z'), ['2026-10-25T00:30', 120]);
});

test('half an hour that the clock skips', (t) => {
  inZone(t, 'Australia/Lord_Howe');
  assert.deepEqual(open(['15 2 * * *', '20m'], '2026-10-03T15:00Z', '2026-10-03T18:00Z'), ['2026-10-03T15:30', 20]);
});

test('a day that the clock skips', (t) => {
  inZone(t, 'Pacific/Apia');
  // 2011 had no 30th of December there.
  assert.deepEqual(open(['0 12 30 12 *', '20m'], '2011-12-29T00:00Z', '2012-01-02T00:00Z'), ['2011-12-30T10:00', 20]);
});

test('where day of month and day of week are both restricted either is enough, as in crontab(5)', (t) => {
  inZone(t, 'UTC');
  /** Days of November 2026, whose first is a Sunday. */
  const days = (expression: string): number[] => {
    const calendar = calendarOf(expression);
    const start = (day: number) => Date.UTC(2026, 10, day) - 1;
    return Array.from({ length: 30 }, (_, index) => index + 1).filter((day) => calendar(start(day), start(day + 1)));
  };
  assert.deepEqual(days('0 2 13 * sun'), [1, 8, 13, 15, 22, 29]);
  assert.deepEqual(days('0 2 13 * 7'), [1, 8, 13, 15, 22, 29]);
  assert.deepEqual(days('0 2 10-12 * fri'), [6, 10, 11, 12, 13, 20, 27]);
  assert.deepEqual(days('0 2 13 * *'), [13]);
  assert.deepEqual(days('0 2 * * sun'), [1, 8, 15, 22, 29]);
  assert.deepEqual(days('0 2 */10 * sun'), [1], 'what begins with an asterisk restricts nothing by itself');
  assert.deepEqual(days('0 2 ? * 5#3'), [20]);
  assert.deepEqual(days('0 2 L 11 *'), [30]);
  assert.deepEqual(days('30 0 2 13 * sun'), [1, 8, 13, 15, 22, 29]);
});

test('a time counts in the span that ends with it', (t) => {
  inZone(t, 'Asia/Kolkata');
  const at = Date.parse('2026-11-22T02:00:00+05:30');
  const calendar = calendarOf('0 2 * * *');
  assert.deepEqual(
    [calendar(at - 1, at), calendar(at - minute, at - 1), calendar(at, at + minute), calendar(at - 1, at + 999)],
    [true, false, false, true],
  );
  const seconds = calendarOf('*/20 0 2 * * *');
  assert.deepEqual(
    [0, 1, 19, 20, 40, 60].map((second) => seconds(at + second * 1000 - 1, at + second * 1000)),
    [true, false, false, true, true, false],
  );
});
