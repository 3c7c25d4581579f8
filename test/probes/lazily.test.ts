import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lazily } from '../../src/probes/lazily.js';
import { checkOf } from '../helpers/check.js';

const signal = new AbortController().signal;

test('a probe is loaded by its first check, and then it is there', async () => {
  let loads = 0;
  const probe = lazily(async () => {
    loads += 1;
    return async ({ port }) => ({ ok: true, reason: `asked ${port}` });
  });
  assert.equal(loads, 0);
  assert.deepEqual(await probe(checkOf({ port: 1 }), signal), { ok: true, reason: 'asked 1' });
  assert.deepEqual(await probe(checkOf({ port: 2 }), signal), { ok: true, reason: 'asked 2' });
  assert.equal(loads, 1);
});

test('a probe that cannot be loaded rejects, and is tried again', async () => {
  let loads = 0;
  const probe = lazily(async () => {
    loads += 1;
    if (loads === 1) throw new Error('no such file');
    return async () => ({ ok: true, reason: 'there' });
  });
  await assert.rejects(probe(checkOf({}), signal), /no such file/);
  assert.deepEqual(await probe(checkOf({}), signal), { ok: true, reason: 'there' });
});
