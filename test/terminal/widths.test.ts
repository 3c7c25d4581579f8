/** What is seen on terminals of 80, 60 and 40 columns, of shapes that people have: nothing that matters is cut. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckStatus, ServerStatus } from '../../src/status/model.js';
import { explanationText } from '../../src/terminal/explanation.js';
import { lengthOf } from '../../src/terminal/fitting.js';
import { listing } from '../../src/terminal/listing.js';
import { screen } from '../../src/terminal/top.js';
import { newView } from '../../src/terminal/top-view.js';
import { serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

const widths = [80, 60, 40] as const;
/** The longest address with its port: 47 characters. */
const longest = (end: string) => `[2001:db8a:1111:2222:3333:4444:5555:${end}]:65535`;
const domain = 'production.eu-central-1.example.com';
const refused = 'connect: refused (ECONNREFUSED), and a proxy on the way said that nobody has been there for a week';

function server(name: string, settings: Partial<ServerStatus> = {}): ServerStatus {
  return serverStatus({ name, reason: 'response: status 200', ...settings });
}

const out = { wanted: null, weight: null, connections: null } as const;
const down = { up: false, reason: refused, ...out } as const;
const drained = { held: 'drained by hand', wanted: 0, weight: 0 } as const;

const shapes = {
  'addresses of IPv4': {
    name: '192.0.2.1:80',
    servers: [server('10.0.0.1:80'), server('10.0.0.2:80', down), server('10.0.0.3:80', drained)],
  },
  'the longest addresses of IPv6': {
    name: longest('1'),
    servers: [server(longest('a001')), server(longest('a002'), down), server(longest('a003'), drained)],
  },
  'names in a domain': {
    name: '192.0.2.1:443',
    called: `shop.${domain}:443`,
    servers: [
      server('10.0.0.1:8443', { called: `web-0001.${domain}:8443` }),
      server('10.0.0.2:8443', { called: `web-0002.${domain}:8443`, ...down }),
      server('10.0.0.3:8443', { called: `web-0003.${domain}:8443`, ...drained }),
    ],
  },
  'a name that is longer than a line': {
    name: '192.0.2.1:443',
    servers: [
      server('10.0.0.1:8443', { called: `a-very-long-name-of-a-server-0001.rack-17.row-4.${domain}:8443` }),
      server('10.0.0.2:8443', { called: `a-very-long-name-of-a-server-0002.rack-17.row-4.${domain}:8443`, ...down }),
      server('10.0.0.3:8443', { called: `a-very-long-name-of-a-server-0003.rack-17.row-4.${domain}:8443`, ...drained }),
    ],
  },
} as const;
const states = ['up', 'down', 'drained'] as const;

function statusWith(shape: Parameters<typeof virtualStatus>[0]) {
  const virtual = virtualStatus({ title: 'the shop of the whole company', fallback: null, inUse: false, ...shape });
  return statusOf([virtual], { file: '/etc/ha.d/conf.d/production-web-frontends.cf' });
}

/** What stands there for a name may be cut in its middle, and never so that two are the same. */
function assertNames(lines: readonly string[], called: readonly string[], isWhole: boolean): void {
  const shown = lines.map((line) => line.trim().split(/\s+/)[0] ?? '');
  assert.equal(new Set(shown).size, called.length, shown.join('\n'));
  for (const [at, text] of shown.entries()) {
    const name = called[at] ?? '';
    if (isWhole) assert.equal(text, name);
    const parts = text.split('…');
    const [before = '', behind = ''] = [parts[0], parts.at(-1)];
    assert.ok(name.startsWith(before) && name.endsWith(behind), `${text} of ${name}`);
    for (const part of parts) assert.ok(name.includes(part), `${text} of ${name}`);
    assert.ok(before.length >= 7 && behind.includes(':'), text);
  }
}

for (const width of widths) {
  for (const [what, shape] of Object.entries(shapes)) {
    const called = shape.servers.map((some) => some.called);
    const isWhole = called.every((name) => name.length + 2 + 'drained'.length + 2 <= width && name.length <= 47);
    const fits = (lines: readonly string[]): void => {
      for (const line of lines) assert.ok(lengthOf(line) <= width, line);
    };

    test(`the listing in ${width} columns, ${what}: who it is and how it is`, () => {
      const lines = listing(statusWith(shape), { width, colour: false }).trimEnd().split('\n');
      fits(lines);
      assert.match(lines[0] ?? '', /1 of 3 servers up; drained 1/);
      assert.match(lines[2] ?? '', /^tcp \S+ .*no server in use$|^tcp \S+, no server in use$/);
      const rows = lines.slice(3);
      assertNames(rows, called, isWhole);
      for (const [at, state] of states.entries()) assert.match(rows[at] ?? '', new RegExp(` ${state}( |$)`));
    });

    test(`top in ${width} columns, ${what}: who it is and how it is`, () => {
      const view = { ...newView, status: statusWith(shape) };
      const lines = screen(view, { width, rows: 20, colour: false });
      fits(lines);
      assert.match(lines[0] ?? '', /1 of 3 servers up; drained 1/);
      const rows = lines.slice(2, -1).map((line) => line.slice(1));
      assertNames(rows, called, isWhole);
      for (const [at, state] of states.entries()) assert.match(rows[at] ?? '', new RegExp(` ${state}( |$)`));
    });

    test(`an explanation in ${width} columns, ${what}: all of it`, () => {
      const [, server = assert.fail()] = shape.servers;
      const check: CheckStatus = {
        type: 'negotiate',
        service: 'http',
        address: '2001:db8:1111:2222:3333:4444:5555:6666',
        port: 65_535,
        path: { server: '2001:db8:1111:2222:3333:4444:5555:7777', mark: 0x4cff_ffff },
        interval: 2_000,
        sharedBy: 2,
        failurecount: 3,
        risecount: 2,
        further: [],
        results: { ok: 10, failed: 3, withoutVerdict: 0, last: null, lastFailure: null },
      };
      const lines = [{ line: 3, text: `real=${server.called} masq 100 "GET /status/of/the/shop", "all is well"` }];
      const virtual = virtualStatus(shape);
      const told = explanationText({ virtual, server, lines, check }, Date.now(), { width, colour: false });
      fits(told.split('\n'));
      const words = told.replaceAll(/\s+/g, '');
      for (const text of [server.called, server.name, refused, virtual.called, lines[0]?.text ?? '']) {
        assert.ok(
          words.includes(text.replaceAll(/\s+/g, '').replace(/:\d+$/, '').replaceAll(/[[\]]/g, '')) ||
            words.includes(text.replaceAll(/\s+/g, '')),
          `${text} in\n${told}`,
        );
      }
    });
  }
}

test('beside names their addresses, where there is room; a reason goes before figures, and is cut at its end', () => {
  const status = statusWith(shapes['names in a domain']);
  const plain = listing(status, { width: null, colour: false });
  assert.match(plain, /^tcp shop\.production\.eu-central-1\.example\.com:443 \[192\.0\.2\.1\] wrr the shop/m);
  assert.match(plain, /^SERVER +ADDRESS +HEALTH +WANTED +WEIGHT +ACTIVE +INACTIVE +SINCE +REASON$/m);
  assert.match(
    plain,
    /^ {2}web-0002\.production\.eu-central-1\.example\.com:8443 +10\.0\.0\.2:8443 +down .* connect: refused/m,
  );
  const narrow = listing(status, { width: 80, colour: false });
  assert.match(narrow, /^SERVER +HEALTH +REASON$/m);
  assert.match(
    narrow,
    /^ {2}web-0002\S+:8443 +down +connect: refused…?$|^ {2}web-0002\S+:8443 +down +connect: refu.*…$/m,
  );
  assert.doesNotMatch(listing(statusWith(shapes['addresses of IPv4']), { width: null, colour: false }), /ADDRESS/);
});

test('what is amiss with the file is told whole in the listing, and beside the counts in top', () => {
  const reason = `2 errors, the first of them in line 17: real=web-0001.${domain}: no such name`;
  const status = { ...statusWith(shapes['addresses of IPv4']), rejected: reason };
  const lines = listing(status, { width: 60, colour: false }).split('\n');
  assert.ok(lines.join(' ').replaceAll(/\s+/g, ' ').includes(`The file on disk does not rule: ${reason}`));
  const [amiss, counts] = screen({ ...newView, status }, { width: 60, rows: 20, colour: false });
  assert.match(
    amiss ?? '',
    /^the file on disk does not rule: 2 errors, the first of them…$|^the file on disk does not rule: .*…$/,
  );
  assert.match(counts ?? '', /1 of 3 servers up; drained 1/);
});
