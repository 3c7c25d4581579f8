import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localClockText, localTimeText } from '../../src/model/local-time.js';

test('a moment reads as in Sweden, in the time zone of this machine', () => {
  const day = 86_400_000;
  const moments = [0, 1, 999, 1_795_000_000_000, Date.UTC(2024, 1, 29, 23, 59, 59), Date.UTC(2026, 11, 31, 23, 30)];
  for (let at = Date.UTC(2026, 0, 1, 0, 30, 7); at < Date.UTC(2027, 0, 1); at += day + 3_661_000) moments.push(at);
  for (const at of moments) {
    assert.equal(localTimeText(at), new Date(at).toLocaleString('sv'), String(at));
    assert.equal(localClockText(at), new Date(at).toLocaleTimeString('sv'), String(at));
  }
});
