import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadServices, parseServices } from '../../src/system/port-names.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('names and aliases, by protocol', () => {
  const services = parseServices('http\t80/tcp\twww www-http # web\n domain 53/udp\n#ssh 22/tcp\n');
  assert.equal(services.port('http', 'tcp'), 80);
  assert.equal(services.port('www-http', 'tcp'), 80);
  assert.equal(services.port('http', 'udp'), undefined);
  assert.equal(services.port('domain', 'udp'), 53);
  assert.equal(services.port('ssh', 'tcp'), undefined);
  assert.equal(services.port('web', 'tcp'), undefined);
});

test('a port has the first of its names, by protocol', () => {
  const services = parseServices('http 80/tcp www\nweb 80/tcp\nsyslog 514/udp\nshell 514/tcp\nsctp-only 9/sctp\n');
  assert.equal(services.name(80, 'tcp'), 'http');
  assert.equal(services.name(514, 'udp'), 'syslog');
  assert.equal(services.name(80, 'udp'), undefined);
  assert.equal(services.name(9, 'sctp'), 'sctp-only');
  assert.equal(services.port('sctp-only', 'sctp'), 9);
});

test('of two lines with one name the first counts', () => {
  assert.equal(parseServices('a 1/tcp\na 2/tcp\n').port('a', 'tcp'), 1);
});

test('lines that say nothing are passed over', () => {
  const services = parseServices('\n   \nlone\nbad 70000/tcp\nbad x/tcp\nbad 5/sctp\nconstructor 7/tcp\r\n');
  for (const name of ['lone', 'bad', '', '__proto__']) {
    assert.equal(services.port(name, 'tcp'), undefined);
  }
  assert.equal(services.port('constructor', 'tcp'), 7);
});

test('a file is read, and where it is missing the services that can be checked are known', async (context) => {
  const file = join(await temporaryDirectory(context), 'services');
  assert.equal((await loadServices(file)).port('www', 'tcp'), 80);
  await writeFile(file, 'www 8080/tcp\n');
  const services = await loadServices(file);
  assert.equal(services.port('www', 'tcp'), 8080);
  assert.equal(services.port('http', 'tcp'), undefined);
});
