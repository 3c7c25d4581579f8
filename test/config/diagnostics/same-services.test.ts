import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { interpret } from '../../../src/config/load.js';

/** The warnings about virtuals that are the same; every name has the address 10.0.0.1. */
async function told(...virtuals: readonly string[]): Promise<string[]> {
  const text = virtuals.map((virtual) => `virtual=${virtual}\n\treal=10.1.0.1:80 masq\n\tchecktype=on\n`).join('');
  const { diagnostics } = await interpret(text, { strict: false, lookup: async () => '10.0.0.1' });
  return diagnostics
    .filter(({ code }) => code === 'duplicate-virtual')
    .map(({ severity, span, message }) => `${severity} ${span.line} ${message}`);
}

test('names and addresses that turn out to be one service are told', async () => {
  const [one, ...more] = await told('www.example.com:80', '10.0.0.1:80', '10.0.0.1:81', 'www.example.com:82');
  assert.match(one ?? '', /^warning 4 “www\.example\.com” in line 1 and “10\.0\.0\.1” have one address: .* both$/);
  assert.deepEqual(more, []);
  assert.match((await told('10.0.0.1:80', 'www.example.com:80')).join('\n'), /^warning 4 “10\.0\.0\.1” in line 1 and /);
  assert.match(
    (await told('a.example.com:80', 'b.example.com:80')).join('\n'),
    /^warning 4 “a\.example\.com” in line 1/,
  );
});

const noServices = existsSync('/etc/services') ? false : '/etc/services is not there';

test('what is written alike is told once', { skip: noServices }, async () => {
  assert.equal((await told('10.0.0.1:80', '10.0.0.1:http')).length, 1);
});
