import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { checksOf } from '../../src/checks/check.js';
import type { Check } from '../../src/probes/probe.js';
import { atOnce } from '../../src/slices.js';
import { configOf, realOf, virtualOf } from '../helpers/configuration.js';

function firstCheck(text: string): Check {
  const virtual = virtualOf(text);
  const keyed = checksOf(virtual)(realOf(virtual));
  assert.ok(keyed);
  return keyed.check;
}

test('the port asked is the check port, else the real server’s, else the service’s own', () => {
  const text = (real: string, more = '') => `virtual=192.0.2.1:8080\n\treal=${real} gate\n\tservice=http\n${more}`;
  assert.equal(firstCheck(text('10.0.0.1:81', '\tcheckport=82\n')).port, 82);
  assert.equal(firstCheck(text('10.0.0.1:81')).port, 81);
  assert.equal(firstCheck(text('10.0.0.1')).port, 80);
  const unknown = 'virtual=192.0.2.1:4711\n\treal=10.0.0.1 masq\n\tchecktype=connect\n';
  assert.equal(firstCheck(unknown).port, 4711, 'and where there is none either, the virtual’s');
});

test('a real server’s request and receive take the place of the virtual’s', () => {
  const check = firstCheck('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 1 "own", "mine"\n\treceive="other"\n');
  assert.equal(check.request, '/own');
  assert.equal(check.receive?.source, 'mine');
});

test('times travel in milliseconds', () => {
  const check = firstCheck(
    'checkinterval=7\nchecktimeout=3\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tnegotiatetimeout=4\n',
  );
  assert.deepEqual([check.interval, check.negotiateTimeout], [7000, 4000]);
});

test('the name for TLS, and for its certificate, is without port, brackets and the dot at its end', () => {
  const named = (line: string) =>
    firstCheck(`virtual=192.0.2.1:443\n\treal=10.0.0.1:443 gate\n\tservice=https\n\t${line}\n`).tls?.servername;
  assert.equal(named('virtualhost="www.example.com:444"'), 'www.example.com');
  assert.equal(named('virtualhost="www.example.com."'), 'www.example.com');
  assert.equal(named('tlsservername="www.example.com."'), 'www.example.com');
  assert.equal(named('tlsservername="10.0.0.1"'), '10.0.0.1', 'which the certificate can be for');
  assert.equal(named('virtualhost="[2001:db8::1]:443"'), '2001:db8::1');
  assert.equal(named('tlsservername="2001:db8::1"'), '2001:db8::1');
  assert.equal(named('checkport=443'), null);
});

test('the port of the service travels where redirects can name it', () => {
  const port = (virtual: string, more = '') =>
    firstCheck(`virtual=${virtual}\n\treal=10.0.0.1:8080 masq\n\tservice=http\n${more}`).http.publicPort;
  assert.equal(port('192.0.2.1:80'), 80);
  assert.equal(port('192.0.2.1:80', '\tfollowredirects=no\n'), null);
  assert.equal(port('192.0.2.1:80', '\tservice=smtp\n'), null);
  assert.equal(port('7'), null);
});

test('an external check is called with virtual address and port, real address and port', () => {
  const text = (virtual: string) =>
    `${virtual}\n\treal=10.0.0.1:81 gate\n\tchecktype=external\n\tcheckcommand=/bin/x\n`;
  assert.deepEqual(firstCheck(text('virtual=192.0.2.1:80')).args, ['192.0.2.1', '80', '10.0.0.1', '81']);
  assert.deepEqual(firstCheck(text('virtual=7')).args, ['7', '0', '10.0.0.1', '81']);
});

test('servers with the same check share it; any difference that the probe sees makes another', () => {
  const config = configOf(`
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate 1
	real=10.0.0.2:80 gate 1
virtual=192.0.2.2:80
	real=10.0.0.1:80 masq 9
	quiescent=yes
virtual=192.0.2.3:80
	real=10.0.0.1:80 gate
	virtualhost=www.example.com
virtual=192.0.2.4:80
	real=10.0.0.1:80 gate
	receive="up"
`);
  const { checks, servers } = atOnce(assign(config));
  assert.equal(servers.length, 5);
  assert.equal(checks.size, 4);
});

test('a number as checktype without a service to negotiate is a connect check', () => {
  assert.equal(firstCheck('virtual=192.0.2.1:4711\n\treal=10.0.0.1:4711 gate\n\tchecktype=3\n').type, 'connect');
});

test('a number as checktype is a negotiate check over UDP, where nothing connects', () => {
  const type = (virtual: string, ...lines: string[]) =>
    firstCheck(
      `virtual=${virtual}\n${['real=10.0.0.1:53 gate', 'checktype=3', ...lines].map((line) => `\t${line}\n`).join('')}`,
    ).type;
  assert.equal(type('192.0.2.1:53'), 'negotiate');
  assert.equal(type('192.0.2.1:53', 'protocol=tcp'), 'combined');
  assert.equal(type('192.0.2.1:80'), 'combined');
  assert.equal(type('7', 'service=dns'), 'combined');
  assert.equal(type('7', 'service=radius'), 'negotiate');
  assert.equal(type('192.0.2.1:514', 'protocol=udp', 'service=none'), 'connect');
});

test('a database whose clients take TLS where they can get it is asked so, unless the file says otherwise', () => {
  const tls = (service: string, ...lines: string[]) =>
    firstCheck(
      `virtual=192.0.2.1:4711\n${['real=10.0.0.1:4711 gate', `service=${service}`, ...lines].map((line) => `\t${line}\n`).join('')}`,
    ).tls;
  assert.equal(tls('mysql'), null);
  assert.equal(tls('pgsql', 'tls=no'), null);
  const { mode, verify } = tls('pgsql', 'tls=yes', 'tlsverify=yes') ?? {};
  assert.deepEqual([mode, verify], ['yes', true]);
  for (const lines of [[], ['tls=prefer'], ['tlsverify=yes', 'tlsmindays=9', 'tlsservername=db.example']]) {
    const preferred = tls('pgsql', ...lines);
    assert.deepEqual([preferred?.mode, preferred?.verify, preferred?.minDays], ['prefer', false, 0]);
  }
});
