import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed, virtualOf } from '../../helpers/configuration.js';

const virtual = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

test('without them a server is judged as ever', () => {
  const { risecount, fastinterval, downinterval, startstate } = virtualOf(virtual);
  assert.deepEqual([risecount, fastinterval, downinterval, startstate], [1, null, null, 'table']);
});

test('a virtual takes over what the global section says, but for where it starts', () => {
  const globals = 'risecount=3\nfastinterval=1\ndowninterval=60\n';
  const own = virtualOf(`${globals}${virtual}\trisecount = 2\n\tstartstate = down\n`);
  assert.deepEqual([own.risecount, own.fastinterval, own.downinterval, own.startstate], [2, 1, 60, 'down']);
});

for (const [line, code] of [
  ['risecount=0', 'not-a-number'],
  ['risecount=2 times', 'not-a-number'],
  ['fastinterval=0', 'not-a-number'],
  ['downinterval=1.5', 'not-a-number'],
  ['startstate=out', 'unknown-startstate'],
  ['minhealthy=half', 'bad-minimum'],
  ['minhealthy=101%', 'bad-minimum'],
  ['belowminimum=withdrawn', 'unknown-belowminimum'],
  ['hysteresis=-1', 'not-a-number'],
  ['minhealthy=1\n\tbelowminimum=fallback', 'missing-fallback'],
] as const) {
  test(`${line} is an error: ${code}`, () => {
    const { config, diagnostics } = parsed(`${virtual}\t${line}\n`);
    assert.equal(config, null);
    assert.deepEqual(
      diagnostics.map((diagnostic) => [diagnostic.severity, diagnostic.code, diagnostic.span.line]),
      [['error', code, 2 + line.split('\n').length]],
    );
  });
}

test('the minimum is a number or a share, and shown as it is written', () => {
  const own = virtualOf(`minhealthy=50%\n${virtual}\thysteresis=2\n`);
  assert.deepEqual([own.minhealthy, own.belowminimum, own.hysteresis], [{ amount: 50, unit: 'percent' }, 'keep', 2]);
  assert.deepEqual(virtualOf(`${virtual}\tminhealthy=2\n`).minhealthy, { amount: 2, unit: 'servers' });
});
