import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keysOf } from '../../src/terminal/keys.js';

test('keys that come together are told apart', () => {
  assert.deepEqual(keysOf('a\u001b[A\u001b[6~q'), ['a', 'up', 'pagedown', 'q']);
  assert.deepEqual(keysOf('\u001b'), ['escape']);
  assert.deepEqual(keysOf('/é\r\u007f\u0003'), ['/', 'é', 'enter', 'backspace', 'ctrl-c']);
  assert.deepEqual(keysOf('\u001b[1;5C\u0001\t'), [], 'what has no meaning here is nothing');
});

test('whatever is read, keys are names or single characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const key of keysOf(text)) assert.ok([...key].length === 1 || /^[a-z-]+$/.test(key), key);
    }),
  );
});
