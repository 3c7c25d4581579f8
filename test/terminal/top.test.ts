import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { unknownOrigin } from '../../src/model/origin.js';
import type { ServerStatus, Status } from '../../src/status/model.js';
import { listing } from '../../src/terminal/listing.js';
import { pressKey, screen } from '../../src/terminal/top.js';
import { newView, takeOutcome, takeStatus, type View } from '../../src/terminal/top-view.js';
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
    .map((line) => line.slice(1).split(/\s+/)[0] ?? '');
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

const foot = (view: View, surface = wide): string => screen(view, surface).at(-1) ?? '';
const chosen = (view: View, surface = wide): string | undefined =>
  screen(view, surface)
    .find((line) => line.startsWith('>'))
    ?.split(/\s+/)[0]
    ?.slice(1);

test('a server is chosen, and stays chosen wherever it goes', () => {
  assert.equal(chosen(after([])), '10.0.0.1:80');
  assert.equal(chosen(after(['j', 'down'])), '10.0.0.3:80');
  assert.equal(chosen(after(['j', 'j', 'k', 'up', 'up'])), '10.0.0.1:80');
  assert.equal(chosen(after(['end'])), '10.0.0.10:80');
  assert.equal(chosen(after(['end', 'r'])), '10.0.0.10:80');
  assert.equal(chosen(after(['end', 'a'])), '10.0.0.10:80', 'another order begins at its top');
  assert.equal(chosen(after(['end', 'w'])), '10.0.0.3:80');
  const low = { ...wide, rows: 5 };
  assert.equal(chosen(after(['end']), low), '10.0.0.10:80', 'it is seen on a terminal that has become lower');
  const fewer = takeStatus(after(['j', 'j']), statusWith([server(1), server(2)]));
  assert.equal(chosen(fewer), '10.0.0.2:80', 'of one that has gone the one in its place is');
  assert.equal(chosen(takeStatus(after(['j']), statusWith([]))), undefined);
  for (const key of ['d', 'u', 'e', 'j']) {
    const none = pressKey(takeStatus(after([]), statusWith([])), key, wide.rows);
    assert.deepEqual([none.question, none.errand], [null, null], 'of nobody nothing is asked');
  }
});

test('drain and undrain ask first, and whatever is no yes is a no', () => {
  const asked = after(['j', 'd']);
  assert.match(foot(asked), /^drain 10\.0\.0\.2:80 in every service that has it\? y\/n$/);
  assert.equal(asked.errand, null);
  const { errand } = after(['y'], asked);
  assert.deepEqual(
    [errand?.verb, errand?.server, errand?.virtual, errand?.force],
    ['drain', '10.0.0.2:80', null, false],
  );
  for (const key of ['n', 'escape', 'q', 'd', 'enter', ' ', 'Y']) {
    const no = after([key], asked);
    assert.deepEqual([no.errand, no.question, no.isOver], [null, null, false], key);
    assert.match(foot(no), /^nothing was changed: 10\.0\.0\.2:80$/);
    assert.match(foot(after(['j'], no)), /^by name/, 'a note goes with the next key');
  }
  assert.ok(after(['ctrl-c'], asked).isOver);
  assert.equal(after(['u', 'y']).errand?.verb, 'undrain');
});

test('who is asked about, and how to answer, are there at any width', () => {
  const called = 'web-frontend-0001.production.eu-central-1.example.com:8080';
  const long = statusWith([server(1, { called })]);
  for (const width of [80, 60, 40, 24]) {
    const line = foot(after(['d'], { ...newView, status: long }), { ...wide, width });
    assert.match(line, /^drain web-\S*…\S*.*\? y\/n$|^drain web-frontend-0001\S+ \[10\.0\.0\.1\].*\? y\/n$/);
    assert.ok([...line].length <= width, line);
  }
  assert.match(
    foot(after(['d']), { ...wide, width: 40, rows: 1 }),
    /^drain 10\.0\.0\.1:80\? y\/n$/,
    'on a single line, too',
  );
});

test('while the daemon is asked the screen goes on, and then says what came of it', () => {
  const { errand = null, ...rest } = after(['d', 'y']);
  assert.ok(errand);
  const busy: View = { ...rest, errand: null, underWay: errand };
  assert.match(foot(busy), /^drain 10\.0\.0\.1:80 …$/);
  assert.match(foot(after(['d'], busy)), /^one at a time: drain 10\.0\.0\.1:80 has no answer yet$/);
  assert.equal(after(['d'], busy).question, null);
  assert.equal(after(['e'], busy).errand, null);
  assert.deepEqual(shown(after(['a'], busy)).at(0), '10.0.0.10:80');
  const done = takeOutcome(busy, errand, { notes: ['nobody answers\x1b[2J'] });
  assert.match(foot(done), /^drained: 10\.0\.0\.1:80; nobody answers\\x1b\[2J$/);
  const refused = takeOutcome(busy, errand, { failed: 'permission denied', isLastServer: false });
  assert.match(foot(refused), /^not drained: 10\.0\.0\.1:80: permission denied$/);
});

test('the last server is asked about once more, but never between the keys of somebody who types', () => {
  const { errand = null, ...rest } = after(['d', 'y']);
  assert.ok(errand);
  const busy: View = { ...rest, errand: null, underWay: errand };
  const last = { failed: 'tcp 192.0.2.1:80 would lose its last server', isLastServer: true };
  const again = takeOutcome(busy, errand, last);
  assert.match(
    foot(again),
    /^tcp 192\.0\.2\.1:80 would lose its last server: drain 10\.0\.0\.1:80 .* all the same\? y\/n$/,
  );
  assert.match(foot(again, { ...wide, width: 40 }), /drain 10\.0\.0\.1:80 all the same\? y\/n$/);
  assert.equal(after(['y'], again).errand?.force, true);
  assert.equal(after(['n'], again).errand, null);
  const typing = takeOutcome(after(['/'], busy), errand, last);
  assert.equal(typing.question, null);
  assert.match(foot(after(['y', 'enter'], typing)), /^not drained: /);
});

test('a question about a server that goes is none any more', () => {
  const gone = takeStatus(after(['d']), statusWith([server(2)]));
  assert.equal(gone.question, null);
  assert.match(foot(gone), /^10\.0\.0\.1:80 is not in the configuration any more$/);
  assert.equal(after(['y'], gone).errand, null);
  assert.notEqual(takeStatus(after(['d']), some).question, null);
});

test('an explanation fills the screen until the next key', () => {
  const { errand = null, ...rest } = after(['j', 'e']);
  assert.deepEqual([errand?.verb, errand?.server, errand?.virtual], ['explain', '10.0.0.2:80', 'tcp/192.0.2.1:80']);
  assert.ok(errand);
  const { servers: _, fallbacks: __, ...virtual } = virtualStatus();
  const what = [{ virtual, server: server(2, { up: false, reason: 'connect: refused' }), lines: [], check: null }];
  const pane = takeOutcome({ ...rest, errand: null, underWay: errand }, errand, { explained: what, at: 61_000 });
  const lines = screen(pane, { ...wide, width: 40 });
  assert.match(lines.join('\n'), /10\.0\.0\.2:80 in tcp 192\.0\.2\.1:80\n.*\n {2}why {5}connect: refused\n/);
  assert.equal(lines.at(-1), 'any key goes back');
  for (const key of ['q', 'enter', 'x', 'd']) {
    const back = after([key], pane);
    assert.deepEqual([back.explained, back.isOver, back.question], [null, false, null]);
  }
  const low = screen(pane, { ...wide, rows: 5 });
  assert.equal(low.length, 5);
  assert.match(low.at(-2) ?? '', /^… explain shows the rest$/);
});

test('fallbacks have rows of their own, and nobody drains them', () => {
  const fallbacks = [
    fallbackStatus({ inUse: true, wanted: 1, weight: 1 }),
    fallbackStatus({ name: '127.0.0.2:80', asked: true, up: false, reason: 'connect: refused' }),
  ];
  const status = statusOf([virtualStatus({ servers: [server(1)], fallbacks })]);
  const view = { ...newView, status };
  const lines = screen(view, wide);
  assert.match(lines[3] ?? '', /^ 127\.0\.0\.1:80 +tcp 192\.0\.2\.1:80 +in use +1 .* fallback$/);
  assert.match(lines[4] ?? '', /^ 127\.0\.0\.2:80 +tcp 192\.0\.2\.1:80 +down .* fallback: connect: refused$/);
  assert.deepEqual(shown(after(['h'], view)), ['127.0.0.2:80', '127.0.0.1:80', '10.0.0.1:80']);
  const refused = after(['j', 'd'], view);
  assert.equal(refused.question, null);
  assert.match(foot(refused), /^only real servers can be drained, and this is a fallback$/);
  assert.equal(after(['j', 'e'], view).errand?.server, '127.0.0.1:80');
});

test('whatever is pressed, the screen fits the terminal', () => {
  const keys = fc.array(
    fc.oneof(fc.constantFrom('up', 'down', 'pagedown', 'd', 'y', 'e', '/', 'enter', '?', ' ', 'r'), fc.string()),
  );
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
