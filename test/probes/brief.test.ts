import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBrief } from '../../src/probes/brief.js';
import type { Check, Further } from '../../src/probes/probe.js';
import { checkOf, receive, tlsOf } from '../helpers/check.js';

const { http } = checkOf({});

const brief: readonly Partial<Check>[] = [
  { type: 'connect' },
  { type: 'ping' },
  { type: 'negotiate', receive: receive('Test Page') },
  { type: 'combined', connects: 3, service: 'http_proxy', receive: receive('[Oo]k') },
];

const long: readonly Partial<Check>[] = [
  { type: 'external' },
  { type: 'external-perl' },
  { type: 'agent-tcp' },
  { type: 'negotiate', service: 'ftp' },
  // A server chooses how large its keys are.
  { service: 'https', tls: tlsOf() },
  { http: { ...http, version: '2' } },
  // Patterns that go back over what they have seen.
  { receive: receive('(a+)+b') },
  { receive: receive('begin.*end') },
  // Long where the body is.
  { receive: receive('a long sentence that is the same on every page of it'), http: { ...http, bodyLimit: 2 ** 26 } },
];

test('what runs in the thread that keeps the table never keeps it busy, whatever a server says', () => {
  for (const changes of brief) assert.equal(isBrief(checkOf(changes)), true, JSON.stringify(changes));
  for (const changes of long) assert.equal(isBrief(checkOf(changes)), false, JSON.stringify(changes));
});

test('one further check that may take long is enough', () => {
  const check = checkOf({ type: 'connect' });
  const further = (changes: Partial<Further>): Further => ({ ...check, type: 'negotiate', port: null, ...changes });
  assert.equal(isBrief({ ...check, further: [further({}), further({ type: 'ping' })] }), true);
  assert.equal(isBrief({ ...check, further: [further({}), further({ tls: tlsOf() })] }), false);
});
