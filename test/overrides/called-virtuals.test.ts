import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calledIn, findCalled } from '../../src/overrides/called-virtuals.js';
import { configOf } from '../helpers/configuration.js';

const config = configOf(
  ['192.0.2.1', '192.0.2.2', '192.0.2.3']
    .map((address, index) => `virtual=${address}:80\n\treal=10.0.0.${index + 1}:80 masq\n\treal=10.0.0.9:80 masq\n`)
    .join('\n'),
);
const [first, second, third] = config.virtuals;

test('the virtuals are those in which a server is called so', () => {
  assert.deepEqual(calledIn(config, ['10.0.0.1:80']), [first]);
  assert.deepEqual(calledIn(config, ['10.0.0.1', '10.0.0.3:80']), [first, third]);
  assert.deepEqual(calledIn(config, ['10.0.0.9:80']), [first, second, third]);
  assert.deepEqual(calledIn(config, ['10.0.0.7:80']), []);
});

test('what was looked for last is not looked for again, however it is written', () => {
  const found = calledIn(config, ['10.0.0.2:80', '10.0.0.3:80']);
  const again = findCalled(config, ['10.0.0.3:80', '10.0.0.2:80', '10.0.0.3:80']).next();
  assert.equal(again.done, true);
  assert.equal(again.value, found);
  assert.equal(findCalled(config, ['10.0.0.2:80']).next().done, false);
  assert.deepEqual(calledIn(configOf('virtual=192.0.2.1:80\n\treal=10.0.0.2:80 masq\n'), ['10.0.0.3:80']), []);
});
