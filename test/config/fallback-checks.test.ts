import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { refusals } from '../../src/checks/refusals.js';
import { checkedViews, virtualOfFallbacks } from '../../src/config/fallback-checks.js';
import { isFallback } from '../../src/model/subject.js';
import type { Check } from '../../src/probes/probe.js';
import { plainCheck } from '../../src/probes/server-check.js';
import { atOnce } from '../../src/slices.js';
import { configOf, virtualOf } from '../helpers/configuration.js';

const fallback = '\tfallback=127.0.0.1:8080 masq\n';

/** The check of the fallback, or why it needs none. */
function askedOf(...lines: readonly string[]): Check | { readonly up: boolean; readonly reason: string } {
  const text = `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tfallbackcheck=yes\n${fallback}`;
  const { checks, servers } = atOnce(assign(configOf(text + lines.map((line) => `\t${line}\n`).join(''))));
  const found = servers.find(({ real }) => isFallback(real));
  assert.ok(found);
  const { decidedBy } = found;
  if (!('check' in decidedBy)) return decidedBy;
  const watch = checks.get(decidedBy.check);
  assert.ok(watch);
  return plainCheck(watch.check);
}

describe('a fallback is asked', () => {
  for (const [name, lines, expected] of [
    [
      'as real servers are',
      ['service=http', 'request="up"', 'receive="yes"'],
      { type: 'negotiate', service: 'http', address: '127.0.0.1', port: 8080, request: '/up' },
    ],
    ['for something else', ['request="up"', 'fallbackrequest="sorry"'], { service: 'http', request: '/sorry' }],
    ['at the port of checks', ['checkport=81'], { port: 81 }],
    ['at one of its own', ['checkport=81', 'fallbackcheckport=82'], { port: 82 }],
    ['in another way of connecting', ['checktype=connect'], { type: 'connect', port: 8080 }],
    [
      'by a service, whatever the checktype',
      ['checktype=connect', 'fallbackservice=http', 'request="up"'],
      { type: 'negotiate', service: 'http', request: '/up' },
    ],
    [
      'by that service between connects',
      ['checktype=3', 'fallbackservice=https'],
      { type: 'combined', service: 'https', connects: 3 },
    ],
    [
      'by another service as if nothing had been said of this one',
      [
        'service=mysql',
        'login="me"',
        'passwd="secret"',
        'request="SELECT 1"',
        'checkport=3307',
        'fallbackservice=http',
      ],
      { service: 'http', request: '/', login: '', passwd: '', port: 8080, tls: null },
    ],
    ['by another service in its TLS', ['service=http', 'fallbackservice=https'], { service: 'https', port: 8080 }],
    [
      'by the program of the virtual, with four arguments',
      ['checktype=external', 'checkcommand=/bin/true'],
      { type: 'external', command: '/bin/true', args: ['192.0.2.1', '80', '127.0.0.1', '8080'] },
    ],
    ['at the pace of the virtual', ['checkinterval=7', 'checktimeout=3'], { interval: 7_000, checkTimeout: 3_000 }],
    ['nothing with checktype=off, and stands all the same', ['checktype=off'], { up: true, reason: 'checktype=off' }],
    ['nothing with checktype=on', ['checktype=on'], { up: true, reason: 'checktype=on' }],
    ['nothing without a service', ['service=none'], { up: true, reason: 'service=none' }],
    [
      'by a service where real servers are not asked',
      ['checktype=off', 'fallbackservice=http'],
      { type: 'negotiate', service: 'http' },
    ],
  ] as const) {
    it(name, () => {
      const found: object = askedOf(...lines);
      const seen = Object.fromEntries(Object.entries(found).filter(([key]) => key in expected));
      assert.deepEqual(seen, expected);
    });
  }
});

test('without fallbackcheck, or a fallback, there is nothing to see', () => {
  const own = virtualOf(`virtual=192.0.2.1:80\n${fallback}`);
  assert.equal(virtualOfFallbacks(own), null);
  assert.deepEqual(checkedViews(own), [own]);
  assert.equal(virtualOfFallbacks(virtualOf('fallbackcheck=yes\nvirtual=192.0.2.1:80\n\n')), null);
});

test('it is judged by the counts of the virtual, and its first result decides alone', () => {
  const seen = virtualOfFallbacks(
    virtualOf(
      `virtual=192.0.2.1:80\n\tfallbackcheck=yes\n\tfailurecount=3\n\trisecount=2\n\tstartstate=down\n${fallback}`,
    ),
  );
  assert.deepEqual([seen?.failurecount, seen?.risecount, seen?.startstate], [3, 2, 'table']);
});

test('a real server and a fallback that are asked the same share a check', () => {
  const config = configOf(
    'virtual=192.0.2.1:80\n\treal=127.0.0.1:80 gate\n\tfallback=127.0.0.1:80\n\tfallbackcheck=yes\n',
  );
  const { checks, servers } = atOnce(assign(config));
  assert.deepEqual([checks.size, servers.length], [1, 2]);
});

test('a package that is missing for them is missing', () => {
  const text = `virtual=192.0.2.1:80\n${fallback}\tfallbackcheck=yes\n\tfallbackservice=oracle\n`;
  let isThere = true;
  try {
    import.meta.resolve('oracledb');
  } catch {
    isThere = false;
  }
  const codes = atOnce(refusals(configOf(text))).map(({ code }) => code);
  assert.deepEqual(codes, isThere ? [] : ['missing-package']);
});
