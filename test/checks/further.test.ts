import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { checksOf, settle } from '../../src/checks/check.js';
import { loadOf } from '../../src/checks/load.js';
import { missingPackage, refusals } from '../../src/checks/refusals.js';
import { furtherChecks, furtherName } from '../../src/probes/further.js';
import type { Check } from '../../src/probes/probe.js';
import { atOnce } from '../../src/slices.js';
import { configOf, realOf, virtualOf } from '../helpers/configuration.js';

function keyed(text: string) {
  const virtual = virtualOf(text);
  const found = checksOf(virtual)(realOf(virtual));
  assert.ok(found);
  return found;
}

function section(opening: string, real: string, ...lines: readonly string[]): string {
  return [opening, ...[`real=${real}`, ...lines].map((line) => `\t${line}`), ''].join('\n');
}

/** The further checks of a web server. */
function further(...lines: readonly string[]): readonly Check[] {
  return furtherChecks(keyed(section('virtual=192.0.2.1:80', '10.0.0.1:81 masq', ...lines)).check);
}

test('a virtual without any has none, and its check keeps nothing for them', () => {
  const { check } = keyed(section('virtual=192.0.2.1:80', '10.0.0.1:81 masq'));
  assert.equal(check.further, null);
  assert.deepEqual(furtherChecks(check), []);
});

test('the port is that of the line, else the service’s own, else the one that is asked otherwise', () => {
  const ports = (...lines: readonly string[]) => further(...lines).map(({ port }) => port);
  assert.deepEqual(
    ports('require=http:8080', 'require=http', 'require=dns', 'require=connect', 'require=grpc'),
    [8080, 80, 53, 81, 81],
  );
  assert.deepEqual(ports('checkport=82', 'require=http', 'require=connect', 'require=tls'), [80, 82, 82]);
  const mark = section('virtual=7', '10.0.0.1 gate', 'service=https', 'require=connect', 'require=http:8080');
  assert.deepEqual(
    furtherChecks(keyed(mark).check).map(({ port }) => port),
    [443, 8080],
  );
});

test('each is a check of its own, of the same server', () => {
  const [http, ping, connect] = further('login="me"', 'require=http:8080 "/a" "b"', 'require=ping', 'require=connect');
  assert.deepEqual(
    [http, ping, connect].map((check) => [check?.type, check?.service, check?.address, check?.login, check?.further]),
    [
      ['negotiate', 'http', '10.0.0.1', 'me', null],
      ['ping', 'none', '10.0.0.1', 'me', null],
      ['connect', 'none', '10.0.0.1', 'me', null],
    ],
  );
  assert.deepEqual([http?.request, http?.receive?.source], ['/a', 'b']);
});

test('they are the same objects each time: what a probe keeps hangs on them', () => {
  const { check } = keyed(section('virtual=192.0.2.1:80', '10.0.0.1:81 masq', 'require=http:8080'));
  assert.equal(furtherChecks(check)[0], furtherChecks(check)[0]);
});

test('TLS is what the service is used with, as the directives about TLS want it', () => {
  const [http, https, pgsql] = further(
    'tlsverify=yes',
    'virtualhost=www.example.com',
    'require=http:8080',
    'require=https',
    'require=pgsql',
  );
  assert.equal(http?.tls, null);
  assert.deepEqual([https?.tls?.mode, https?.tls?.verify, https?.tls?.servername], ['yes', true, 'www.example.com']);
  assert.deepEqual([pgsql?.tls?.mode, pgsql?.tls?.verify], ['prefer', false]);
  const [redis] = further('service=redis', 'tls=yes', 'require=redis:6380');
  assert.equal(redis?.tls, null, 'tls is about the service of the virtual');
});

test('HTTP is spoken in its first version, and sends what is set for all', () => {
  const text = section(
    'virtual=192.0.2.1:443',
    '10.0.0.1:443 gate',
    'service=https',
    'httpversion=2',
    'expectstatus=204',
    'require=http:8080',
  );
  const { check } = keyed(text);
  const [http] = furtherChecks(check);
  assert.deepEqual([check.http.version, http?.http.version, http?.http.publicPort], ['2', '1.1', null]);
  assert.deepEqual(http?.http.statuses, [{ from: 204, to: 204 }]);
});

test('the protocol of the virtual is that of its own service alone', () => {
  const protocols = (opening: string, ...lines: readonly string[]) =>
    furtherChecks(keyed(section(opening, '10.0.0.1:53 gate', ...lines)).check).map(({ protocol }) => protocol);
  const lines = ['require=dns "a.example"', 'require=simpletcp:7', 'require=connect', 'require=ntp'];
  assert.deepEqual(protocols('virtual=192.0.2.1:53', ...lines), ['udp', 'tcp', 'tcp', 'tcp']);
  assert.deepEqual(protocols('virtual=192.0.2.1:53', 'protocol=tcp', ...lines), ['tcp', 'tcp', 'tcp', 'tcp']);
  assert.deepEqual(protocols('virtual=192.0.2.1:80', ...lines), ['udp', 'tcp', 'tcp', 'tcp']);
});

test('servers share a check where all that must pass is the same', () => {
  const at = (number: number, ...lines: readonly string[]) =>
    section(`virtual=192.0.2.${number}:80`, '10.0.0.1:80 gate', 'checktype=connect', ...lines);
  const config = configOf(
    [
      at(1),
      at(2, 'require=http:8080'),
      at(3, 'require=http:8080'),
      at(4, 'require=http:8081'),
      at(5, 'require=http:8080 "/a"'),
      at(6, 'require=http:8080 "" "a"'),
      at(7, 'require=http:8080', 'require=ping'),
      at(8, 'require=ping', 'require=http:8080'),
    ].join('\n'),
  );
  assert.equal(atOnce(assign(config)).checks.size, 7);
});

test('it is named by kind and port, and where several have these, by its number too', () => {
  const all = further('require=http:8080 "/a"', 'require=ping', 'require=http:8080 "/b"', 'require=connect:8080');
  assert.deepEqual(
    all.map((one) => furtherName(one, all)),
    ['http:8080 (1)', 'ping', 'http:8080 (3)', 'connect:8080'],
  );
});

test('the load is that of all of them', () => {
  const load = (...lines: readonly string[]) =>
    loadOf(keyed(section('virtual=192.0.2.1:80', '10.0.0.1:80 gate', 'checktype=connect', ...lines)).check);
  assert.ok(load('require=https', 'require=ping') > load('require=ping'));
  assert.ok(load('require=ping') > load());
});

test('a server that is not asked is not asked for them either', () => {
  assert.deepEqual(
    settle(virtualOf(section('virtual=192.0.2.1:80', '10.0.0.1 gate', 'checktype=on', 'require=ping'))),
    {
      up: true,
      reason: 'checktype=on',
    },
  );
});

const skip = missingPackage('oracle') === null ? 'the package oracledb is installed' : false;
test('a package that is not there is an error with the place of the line', { skip }, () => {
  const text = section('virtual=192.0.2.1:80', '10.0.0.1 gate', 'checktype=connect', 'require=oracle "SELECT 1"');
  const [{ code, message, span } = assert.fail(), ...more] = atOnce(refusals(configOf(text)));
  assert.equal(more.length, 0);
  assert.deepEqual([code, span.line, span.column], ['missing-package', 4, 10]);
  assert.match(message, /^require=oracle needs the package oracledb, .* or take this check out$/);
});
