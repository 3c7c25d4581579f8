import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Book } from '../../src/checks/account.js';

const good = (duration: number) => ({ ok: true, reason: 'fine', duration });
const bad = (reason: string) => ({ ok: false, reason, duration: 9 });

test('a book counts, and knows the last result and the last failure', () => {
  const book = new Book();
  assert.deepEqual({ ...book }, { ok: 0, failed: 0, withoutVerdict: 0, last: null, lastFailure: null });
  book.note(good(1), 100);
  assert.deepEqual(
    { ...book },
    { ok: 1, failed: 0, withoutVerdict: 0, last: { ...good(1), at: 100 }, lastFailure: null },
  );
  book.note(bad('one'), 200);
  book.note(bad('two'), 300);
  const failure = { ...bad('two'), at: 300 };
  assert.deepEqual({ ...book }, { ok: 1, failed: 2, withoutVerdict: 0, last: failure, lastFailure: failure });
  book.note(good(2), 400);
  assert.deepEqual(
    { ...book },
    { ok: 2, failed: 2, withoutVerdict: 0, last: { ...good(2), at: 400 }, lastFailure: failure },
  );
});

test('a result without a verdict is the last one, and no failure', () => {
  const book = new Book();
  book.note(bad('one'), 100);
  const none = { ok: null, reason: 'no descriptor', duration: 1 };
  book.note(none, 200);
  const lastFailure = { ...bad('one'), at: 100 };
  assert.deepEqual({ ...book }, { ok: 0, failed: 1, withoutVerdict: 1, last: { ...none, at: 200 }, lastFailure });
});

test('a book travels to another thread as plain values', () => {
  const book = new Book();
  book.note(bad('one'), 200);
  assert.deepEqual(structuredClone(book), { ...book });
});
