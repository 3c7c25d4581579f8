import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { directiveOf } from '../../src/config/file/directives.js';
import { serviceOfPort, serviceRows } from '../../src/config/service-lists.js';
import { services } from '../../src/config/services.js';
import { repository } from '../helpers/repository.js';

const rows = Object.entries(services);

test('a package that a service needs is one of this program’s, or is told to be installed beside it', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(`${repository}package.json`, 'utf8'));
  for (const [name, { package: needed }] of rows) {
    if (needed !== null) assert.ok(needed.name in (needed.included ? dependencies : peerDependencies), name);
  }
});

test('what a service reads are directives, and what it is called over TLS is a service', () => {
  for (const [name, { reads, secured }] of rows) {
    for (const keyword of reads) assert.ok(directiveOf(keyword), `${name}: ${keyword}`);
    assert.ok(secured === null || secured in services, name);
  }
});

test('every way to speak TLS stands once', () => {
  for (const [name, { tls }] of rows) {
    assert.ok(tls.length > 0 && new Set(tls).size === tls.length, name);
  }
});

test('a port has one service of the reference, as text, and no extension', () => {
  for (const [name, { port, extension }] of rows) {
    if (port !== null) assert.equal(serviceOfPort(String(port)), extension ? 'none' : name);
  }
  for (const text of ['080', '', '4711']) assert.equal(serviceOfPort(text), 'none');
});

test('each service stands in one row of the documents', () => {
  const names = serviceRows().flatMap(({ names }) => names);
  assert.deepEqual(names.toSorted(), Object.keys(services).toSorted());
});
