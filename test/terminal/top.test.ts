import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unknownOrigin } from '../../src/model/origin.js';
import type { ServerStatus, Status } from '../../src/status/model.js';
import { listing } from '../../src/terminal/listing.js';
import { newView, pressKey, screen, type View } from '../../src/terminal/top.js';
import { fallbackStatus, serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

function server(index: number, settings: Partial<ServerStatus> = {}): ServerStatus {
  const nobody = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
  return serverStatus({
    name: `10.0.0.${index}:80`,
    written: `web${index}.example.com`,
    configured: 1,
    wanted: 1,
    weight: 1,
    connections: { active: index * 10, inactive: 0, persistent: null },
    traffic: { total: nobody, rate: { ...nobody, connections: 100 - index, inBytes: 1_000 * index } },
    since: 1_000,
    line: index,
    ...settings,
  });
}

function statusWith(servers: readonly ServerStatus[]): Status {
  const virtual = virtualStatus({ servers, fallback: null, traffic: null, line: 1 });
  return statusOf([virtual], { version: '1', file: 'web.cf', at: 61_000, started: 0, loaded: 0 });
}

const some = statusWith([
  server(1),
  server(2, { up: false, reason: 'connect: refused', weight: null, wanted: null, connections: null }),
  server(10, { held: 'drained by hand', wanted: 0, weight: 0 }),
  server(3, { override: { weight: 7, until: null, ...unknownOrigin }, wanted: 7, weight: 7 }),
]);
const wide = { width: 160, rows: 20, colour: false };

function shown(view: View, surface = wide): string[] {
  return screen(view, surface)
    .slice(2, -1)
    .map((line) => line.split(/\s+/)[0] ?? '');
}

function after(keys: string[], view: View = { ...newView, status: some }): View {
  return keys.reduce((now, key) => pressKey(now, key, wide.rows), view);
}

test('sorted by name, and by what a key asks for, and the other way round', () => {
  assert.deepEqual(shown(after([])), ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.10:80']);
  assert.deepEqual(shown(after(['a'])), ['10.0.0.10:80', '10.0.0.3:80', '10.0.0.1:80', '10.0.0.2:80']);
  assert.deepEqual(shown(after(['a', 'r'])), ['10.0.0.2:80', '10.0.0.1:80', '10.0.0.3:80', '10.0.0.10:80']);
  assert.deepEqual(shown(after(['h'])).slice(0, 2), ['10.0.0.2:80', '10.0.0.10:80']);
  assert.deepEqual(shown(after(['c']))[0], '10.0.0.1:80');
  assert.deepEqual(shown(after(['w']))[0], '10.0.0.3:80');
});

test('a filter is typed, kept and ended', () => {
  const typing = after(['/', 'r', 'e', 'f', 'x', 'backspace']);
  assert.match(screen(typing, wide).at(-1) ?? '', /^filter: ref_$/);
  assert.deepEqual(shown(typing), ['10.0.0.2:80']);
  assert.deepEqual(shown(after(['enter', 'r'], typing)), ['10.0.0.2:80'], 'keys are keys again');
  assert.equal(shown(after(['escape'], typing)).length, 4);
  assert.ok(after(['ctrl-c'], typing).isOver);
  assert.ok(after(['q']).isOver);
});

test('help, standing still, trouble and the way down are shown', () => {
  assert.match(screen(after(['?']), wide).join('\n'), /a {10}sort by active connections/);
  assert.match(screen(after([' ']), wide).at(-1) ?? '', /standing still/);
  const narrow = { ...wide, width: 60 };
  const [stale] = screen({ ...newView, status: some, trouble: 'sock: nobody listens' }, narrow);
  assert.match(stale ?? '', /^nothing newer than \d\d:\d\d:\d\d: sock: nobody listens$/);
  const [rejected, counts] = screen({ ...newView, status: { ...some, rejected: '2 errors' } }, narrow);
  assert.equal(rejected, 'the file on disk does not rule: 2 errors');
  assert.equal(counts, 'web.cf: running, 1 service, 2 of 4 servers up; drained 1');
  assert.equal(screen(newView, wide).length, 3);
  const low = { ...wide, rows: 5 };
  const down = ['down', 'down', 'down', 'down', 'down'].reduce<View>((view, key) => pressKey(view, key, 5), after([]));
  assert.deepEqual(shown(down, low), ['10.0.0.3:80', '10.0.0.10:80']);
  assert.deepEqual(shown(pressKey(down, 'home', 5), low), ['10.0.0.1:80', '10.0.0.2:80']);
});

test('whatever is pressed, the screen fits the terminal', () => {
  const keys = fc.array(fc.oneof(fc.constantFrom('up', 'down', 'pagedown', '/', 'enter', '?', ' ', 'r'), fc.string()));
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (pressedKeys, width, rows) => {
      const view = pressedKeys.reduce<View>((now, key) => pressKey(now, key, rows), { ...newView, status: some });
      const lines = screen(view, { width, rows, colour: false });
      assert.ok(lines.length <= rows);
      for (const line of lines) assert.ok([...line].length <= width, `${[...line].length} > ${width}: ${line}`);
    }),
    { numRuns: 200 },
  );
});

test('the listing: whole in a pipe, cut to the width of a terminal, and nothing steers the terminal', () => {
  const evil = statusWith([server(1, { reason: 'a\x1b[2Jb\nc' })]);
  const plain = listing(evil, { width: null, colour: false });
  assert.match(plain, /a\\x1b\[2Jb\\x0ac/);
  const lines = listing(some, { width: null, colour: false }).trimEnd().split('\n');
  assert.deepEqual(lines, [
    'web.cf: 1 service, 2 of 4 servers up; drained 1; running, memory, file taken over 61s ago',
    'SERVER          HEALTH   WANTED  WEIGHT  ACTIVE  INACTIVE  SINCE  REASON',
    'tcp 192.0.2.1:80 wrr shop',
    '  10.0.0.1:80   up            1       1      10         0    60s  response: status 200',
    '  10.0.0.2:80   down          -       -       -         -    60s  connect: refused',
    '  10.0.0.10:80  drained       0       0     100         0    60s  drained by hand; response: status 200',
    '  10.0.0.3:80   up            7       7      30         0    60s  weight set by hand (1 in the file); response: status 200',
  ]);
  for (const width of [10, 30, 45, 80]) {
    for (const line of listing(some, { width, colour: false }).split('\n')) assert.ok([...line].length <= width, line);
  }
  assert.match(listing(some, { width: 40, colour: false }), /^SERVER +HEALTH +WANTED +ACTIVE\n.*\n.* up +1 {6}10$/m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what colours are.
  assert.match(listing(some, { width: 80, colour: true }), /\x1b\[31mdown/);
});

test('a fallback is listed with its health where it is checked', () => {
  const fallbacks = [
    fallbackStatus({ asked: true, up: false, reason: 'connect: refused (ECONNREFUSED)' }),
    fallbackStatus({ name: '127.0.0.2:80', asked: true, inUse: true, wanted: 1, weight: 1, reason: 'fine' }),
    fallbackStatus({ name: '127.0.0.3:80' }),
  ];
  const text = listing(statusOf([virtualStatus({ fallbacks })]), { width: null, colour: false });
  assert.match(text, /^ {2}127\.0\.0\.1:80 +down .* fallback: connect: refused \(ECONNREFUSED\)$/m);
  assert.match(text, /^ {2}127\.0\.0\.2:80 +in use +1 +1 .* fallback: fine$/m);
  assert.match(text, /^ {2}127\.0\.0\.3:80 +waits [ -]* fallback$/m);
});
