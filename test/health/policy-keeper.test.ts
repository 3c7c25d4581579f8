import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PolicyKeeper } from '../../src/health/policy-keeper.js';
import { noPolicyState, type PolicyState } from '../../src/health/policy-state.js';

test('what the run before wrote stays until something rules', async () => {
  const written: string[] = [];
  let state: PolicyState | null = null;
  const keeper = () =>
    new PolicyKeeper({
      file: { write: async (text) => void written.push(text) },
      state: () => state,
      onFailure: (reason) => assert.fail(reason),
    });
  await keeper().close();
  assert.deepEqual(written, []);
  state = noPolicyState;
  await keeper().close();
  assert.equal(written.length, 1);
});
