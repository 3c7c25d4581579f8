import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckStatus } from '../../src/status/model.js';
import { explanationText } from '../../src/terminal/explanation.js';
import { fallbackStatus, serverStatus, virtualStatus } from '../helpers/status.js';

const results = { ok: 1, failed: 0, withoutVerdict: 0, last: null, lastFailure: null };
const usual: CheckStatus = {
  type: 'negotiate',
  service: 'http',
  address: '10.0.0.1',
  port: 80,
  interval: 2_000,
  further: [],
  sharedBy: 1,
  failurecount: 1,
  risecount: 1,
  results,
};

function said(check: CheckStatus | null): string {
  const explanation = { virtual: virtualStatus(), server: serverStatus(), lines: [{ line: 3, text: 'real=x' }], check };
  return explanationText(explanation, Date.now(), { width: null, colour: false });
}

test('each kind of check is called by what it asks of whom', () => {
  const cases: readonly (readonly [Partial<CheckStatus>, string])[] = [
    [{}, 'negotiate http of 10.0.0.1:80 every 2 s'],
    [{ type: 'connect', service: 'none' }, 'connect of 10.0.0.1:80 every 2 s'],
    [{ type: 'ping', service: 'none', address: '2001:db8::1' }, 'ping of 2001:db8::1 every 2 s'],
    [{ type: 'external', service: 'none' }, 'external of 10.0.0.1:80 every 2 s'],
    [{ type: 'combined', address: '2001:db8::1' }, 'connect and negotiate http of [2001:db8::1]:80 every 2 s'],
    [{ sharedBy: 2, interval: 500 }, 'negotiate http of 10.0.0.1:80 every 0.5 s, decides about 2 places'],
  ];
  for (const [check, words] of cases) {
    const line = said({ ...usual, ...check })
      .split('\n')
      .find((text) => text.startsWith('  check   '));
    assert.equal(line, `  check   ${words}; down after 1 failure in a row, now 0`);
  }
});

test('what must pass, too, has a line each', () => {
  const place = { address: '10.0.0.1', port: 8080 };
  const text = said({
    ...usual,
    further: [
      { ...place, type: 'negotiate', service: 'http' },
      { ...place, type: 'ping', service: 'none' },
    ],
  });
  assert.match(text, /\n {2}require negotiate http of 10\.0\.0\.1:8080\n {2}require ping of 10\.0\.0\.1\n {2}results /);
});

test('a server that is not checked has no line about checks, and nothing ends in an empty line', () => {
  const text = said(null);
  assert.doesNotMatch(text, /^ {2}(check|results) /m);
  assert.match(text, /\n {2}file\n {8}3 {2}real=x$/);
});

test('how it is and for how long, and what its checks say where that is something else', () => {
  const at = 1_795_000_000_000;
  const ages = { since: at - 120_000, healthSince: at - 5 * 86_400_000 };
  const cases: readonly (readonly [Parameters<typeof serverStatus>[0], string])[] = [
    [{}, 'up for 2m'],
    [{ up: false }, 'down for 2m'],
    [{ held: 'drained by hand' }, 'held out of use for 2m; its checks say it is up, for 5d'],
    [{ held: 'x', up: false, decided: false }, 'held out of use for 2m; taken as down, not checked yet'],
    [
      { up: false, byMinimum: true, inUse: true },
      'kept in use below minhealthy for 2m; its checks say it is down, for 5d',
    ],
    [{ byMinimum: true, inUse: false }, 'out of use below minhealthy for 2m; its checks say it is up, for 5d'],
    [{ decided: false }, 'taken as up, not checked yet, for 2m'],
  ];
  for (const [settings, words] of cases) {
    const server = serverStatus({ ...ages, ...settings });
    const explanation = { virtual: virtualStatus(), server, lines: [], check: null };
    const text = explanationText(explanation, at, { width: null, colour: false });
    assert.equal(text.split('\n')[1], `  is      ${words}`);
  }
});

test('how far a server has risen is said where that takes more than one check', () => {
  assert.match(
    said({ ...usual, failurecount: 2, risecount: 3 }),
    /down after 2 failures in a row, now 0, up after 3 that passed, now 0\n/,
  );
});

test('a fallback is called so, and whether it serves', () => {
  const common = { virtual: virtualStatus(), lines: [], check: null, role: 'fallback' } as const;
  const text = (inUse: boolean) =>
    explanationText({ ...common, server: fallbackStatus({ inUse }) }, Date.now(), { width: null, colour: false });
  assert.match(text(true), /^fallback 127\.0\.0\.1:80 in tcp 192\.0\.2\.1:80\n {2}is {6}in use, up for /);
  assert.match(text(false), /\n {2}is {6}waiting, up for .*\n {2}why {5}fallbackcheck=no\n/);
});
