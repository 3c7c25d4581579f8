import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../../src/config/settings/settings.js';
import { announceAdvice, unannounced } from '../../../src/directors/announce/advice.js';
import { ruleFor } from '../../../src/directors/announce/rules.js';
import { configOf } from '../../helpers/configuration.js';

const config = configOf(`virtual=192.0.2.1:80
\tvip=lo
\treal=10.0.0.1:80 masq
\tminhealthy=1
\tbelowminimum=withdraw
virtual6=[2001:db8::1]:80
\treal6=[2001:db8::2]:80 masq
virtual=Shop.example.com:80
\treal=10.0.0.1:80 masq
virtual=7
\treal=10.0.0.1:80 masq
\tminhealthy=1
\tbelowminimum=withdraw
`);

function adviceOf(text: string): string[] {
  const { settings, diagnostics } = readSettings(text);
  assert.deepEqual(diagnostics, []);
  return announceAdvice(settings, config).map(({ code, span }) => `${span.line}: ${code}`);
}

const by = 'by = exabgp /run/exabgp.in\n';

test('sections about nobody, about one that has a section, and about an address that stays anyway are warned of', () => {
  assert.deepEqual(adviceOf(''), []);
  assert.deepEqual(
    adviceOf(`[announce *]\n${by}[announce 2001:DB8:0::1]\n${by}[announce shop.EXAMPLE.com]\n${by}`),
    [],
  );
  assert.deepEqual(adviceOf(`[announce 192.0.2.9]\n${by}`), ['2: idle-announcement']);
  assert.deepEqual(adviceOf(`[announce shop]\n${by}`), ['2: idle-announcement']);
  assert.deepEqual(adviceOf(`[announce 2001:db8::1]\n${by}[announce 2001:db8:0:0::1]\n${by}`), [
    '4: idle-announcement',
  ]);
  assert.deepEqual(adviceOf(`[announce *]\n${by}[announce *]\n${by}`), ['4: idle-announcement']);
  assert.deepEqual(adviceOf('[announce *]\nby = address lo\n'), ['2: lasting-announcement']);
  assert.deepEqual(adviceOf(`[announce *]\nby = address lo\n[announce 192.0.2.1]\nby = address dummy0\n`), []);
});

test('withdraw where nothing is announced is warned of', () => {
  const found = (text: string) =>
    unannounced(readSettings(text).settings, config).map(({ code, span }) => [code, span.line]);
  assert.deepEqual(found(''), [
    ['useless-withdraw', 1],
    ['useless-withdraw', 10],
  ]);
  assert.deepEqual(found(`[announce 192.0.2.1]\n${by}`), [['useless-withdraw', 10]]);
});

test('an address with a section of its own goes before *', () => {
  const { settings } = readSettings(`[announce *]\n${by}[announce 192.0.2.1]\n${by}hold = 3\n`);
  const holdOf = (address: string) => ruleFor(settings.announce, { address, called: new Set() })?.hold;
  assert.deepEqual([holdOf('192.0.2.1'), holdOf('192.0.2.2')], [3, 10]);
});

test('a section that could never count is left out', () => {
  for (const [text, fault] of [
    ['[announce]\nby = address lo\n', /whose address/],
    ['[announce 192.0.2.1]\nhold = 3\n', /needs by/],
    ['[announce 192.0.2.1:80]\nby = address lo\n', /is no address/],
    ['[announce 192.0.2.1/32]\nby = address lo\n', /is no address/],
  ] as const) {
    const { settings, diagnostics } = readSettings(text);
    assert.deepEqual(settings.announce, []);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['bad-announcement'],
    );
    assert.match(diagnostics[0]?.message ?? '', fault);
  }
  for (const value of [
    'lo',
    'address',
    'address a/b',
    'address averyverylongname',
    'exabgp pipe',
    'command',
    'bird lo',
  ]) {
    const { diagnostics } = readSettings(`[announce *]\nby = ${value}\n`);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['bad-value', 'bad-announcement'],
      value,
    );
  }
});
