import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsOf } from '../../src/status/counts.js';
import { Listing, listing } from '../../src/terminal/listing.js';
import { serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

const plain = { width: null, colour: false };

function large(services: number, servers: number) {
  return statusOf(
    Array.from({ length: services }, (_, service) =>
      virtualStatus({
        name: `192.0.2.${service}:80`,
        servers: Array.from({ length: servers }, (_, index) =>
          serverStatus({ name: `10.${service}.${index >> 8}.${index & 255}:80`, reason: `reason ${service}` }),
        ),
      }),
    ),
  );
}

test('a long listing comes in parts below one head, with nothing left out and nothing cut in a pipe', () => {
  const status = large(4, 1_500);
  const made = new Listing(status, countsOf(status.virtuals), plain);
  const parts = [made.head, ...status.virtuals.map((virtual) => made.add(virtual)), made.end()];
  assert.ok(parts.filter((part) => part !== '').length >= 3, 'a head and two parts at least');
  const text = parts.join('');
  assert.equal(text, listing(status, plain));
  const lines = text.split('\n');
  assert.equal(lines.filter((line) => line.startsWith('SERVER')).length, 1);
  assert.equal(lines.filter((line) => /^ {2}10\.\d+\./.test(line)).length, 6_000);
  assert.equal(lines.filter((line) => line.includes('reason 3')).length, 1_500);
});

test('in a pipe columns become wider with what comes later, and on a terminal they stay', () => {
  const long = serverStatus({ name: '[2001:db8:1234:5678:9abc:def0:1234:5678]:8080' });
  const status = large(3, 2_000);
  const virtuals = [...status.virtuals, virtualStatus({ servers: [long] })];
  const told = listing(statusOf(virtuals), plain).split('\n');
  assert.ok(told.some((line) => line.startsWith(`  ${long.name} `)));
  const narrow = listing(statusOf(virtuals), { width: 60, colour: false }).split('\n');
  assert.ok(narrow.every((line) => line.length <= 60));
});
