import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownOrigin } from '../../src/model/origin.js';
import type { CheckStatus, ServerStatus } from '../../src/status/model.js';
import { explanationText } from '../../src/terminal/explanation.js';
import { listing } from '../../src/terminal/listing.js';
import { fallbackStatus, serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

const results = { ok: 1, failed: 0, withoutVerdict: 0, last: null, lastFailure: null };
const usual: CheckStatus = {
  type: 'negotiate',
  service: 'http',
  address: '10.0.0.1',
  port: 80,
  path: null,
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
    [
      { address: '192.0.2.1', path: { server: '10.0.0.1', mark: 0x4c00_0005 } },
      'negotiate http of 192.0.2.1:80, forwarded to 10.0.0.1 by mark 0x4c000005, every 2 s',
    ],
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
  const place = { address: '10.0.0.1', port: 8080, path: null };
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
    [
      { up: false, vote: { directors: 3, up: 2 }, inUse: true },
      'kept in use by the vote (2 of 3 directors see it up) for 2m; its checks say it is down, for 5d',
    ],
    [
      { vote: { directors: 3, up: 1 }, inUse: false },
      'out of use by the vote (1 of 3 directors sees it up) for 2m; its checks say it is up, for 5d',
    ],
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

const hour = 3_600_000;
const at = Date.now();
const plain = { width: null, colour: false };

/** The reason in the listing, and the rows of the explanation that say who asked for what. */
function told(settings: Partial<ServerStatus>): { readonly listed: string; readonly rows: readonly string[] } {
  const server = serverStatus({ reason: '', ...settings });
  const status = { ...statusOf([virtualStatus({ servers: [server] })]), at };
  const explained = explanationText({ virtual: virtualStatus(), server, lines: [], check: null }, at, plain);
  return {
    listed: /\d+[smhd] {2}(.*)$/m.exec(listing(status, plain))?.[1] ?? '',
    rows: explained.split('\n').filter((line) => /^ {2}(held|by hand) /.test(line)),
  };
}

test('who drained a server, when and why, as far as it is known', () => {
  const since = at - 2 * hour;
  const moment = new Date(since).toLocaleString('sv');
  const hold = { by: 'hand', how: 'drain', reason: 'drained by hand', note: null } as const;
  const cases = [
    [{ who: 'alice', since, why: 'a disk' }, 'drained by hand by alice 2h ago: a disk', ` (since ${moment})`],
    [{ who: 'root (alice)', since, why: null }, 'drained by hand by root (alice) 2h ago', ` (since ${moment})`],
    [{ who: null, since, why: 'a disk' }, 'drained by hand for 2h: a disk', ` (since ${moment})`],
    [unknownOrigin, 'drained by hand', ''],
  ] as const;
  for (const [origin, words, began] of cases) {
    const { listed, rows } = told({ held: hold.reason, hold: { ...hold, ...origin } });
    assert.equal(listed, words);
    assert.deepEqual(rows, [`  held    ${words}${began}`]);
  }
  const noted = { ...hold, note: 'its persistent clients still come', who: 'alice', since, why: 'a disk' };
  const { listed } = told({ held: hold.reason, hold: noted });
  assert.equal(listed, 'drained by hand by alice 2h ago: a disk; its persistent clients still come');
});

test('who set another weight, until when and why', () => {
  const [since, until] = [at - 2 * hour, at + hour];
  const [began, ends] = [since, until].map((moment) => new Date(moment).toLocaleString('sv'));
  const { listed, rows } = told({ override: { weight: 7, until, who: 'alice', since, why: 'a disk' } });
  assert.equal(listed, `weight set by hand until ${ends} by alice 2h ago: a disk (2 in the file)`);
  assert.deepEqual(rows, [`  by hand weight 7 until ${ends} by alice 2h ago: a disk (since ${began})`]);
});

test('what somebody wrote steers no terminal', () => {
  const evil = {
    by: 'file',
    how: 'down',
    reason: 'file a\u001b[2J',
    note: null,
    who: 'a\nb',
    since: null,
    why: '\u202e',
  } as const;
  const { listed, rows } = told({ held: 'file', hold: evil });
  assert.equal(listed, 'file a\\x1b[2J by a\\x0ab: \\u{202e}');
  assert.equal(rows.length, 1);
});
