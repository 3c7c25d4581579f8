import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { pathsFor } from '../../src/checks/paths.js';
import type { Check } from '../../src/probes/probe.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';

const pathsOf = pathsFor('web.cf');

function checksIn(text: string): Check[] {
  const config = configOf(text);
  const { checks, servers } = atOnce(assign(config, pathsOf(config)));
  return servers.flatMap(({ decidedBy }) => {
    const watch = 'check' in decidedBy ? checks.get(decidedBy.check) : undefined;
    return watch === undefined ? [] : [watch.check];
  });
}

test('a forwarded check goes to the address and port of the service, by a mark for the server', () => {
  const [one, other, masq] = checksIn(`virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	real=10.0.0.2:8080 ipip
	real=10.0.0.3:8080 masq
	checkpath=forwarded
	checksource=192.0.2.9
`);
  assert.ok(one && other && masq);
  assert.deepEqual([one.address, one.port, one.route.towards], ['192.0.2.1', 80, '10.0.0.1']);
  assert.deepEqual([other.address, other.port, other.route.towards], ['192.0.2.1', 80, '10.0.0.2']);
  assert.notEqual(one.route.mark, other.route.mark);
  assert.equal(one.route.source, '192.0.2.9');
  assert.deepEqual([masq.address, masq.port], ['10.0.0.3', 8080]);
  assert.deepEqual(masq.route, { mark: null, source: '192.0.2.9', towards: null });
});

test('checkport is asked at the address of the service; a service of every port is asked at the server’s', () => {
  const port = (virtual: string, more = '') =>
    checksIn(`virtual=${virtual}\n\treal=10.0.0.1:81 gate\n\tservice=http\n\tcheckpath=forwarded\n${more}`)[0]?.port;
  assert.equal(port('192.0.2.1:80', '\tcheckport=82\n'), 82);
  assert.equal(port('192.0.2.1:80'), 80);
  assert.equal(port('192.0.2.1:0'), 81);
});

test('what differs in its way is another check; services of one address share the path of a server, and the check', () => {
  const config = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	checkpath=forwarded
	followredirects=no
virtual=192.0.2.1:81
	real=10.0.0.1:81 gate
	service=http
	checkport=80
	followredirects=no
	checkpath=forwarded
virtual=192.0.2.2:80
	real=10.0.0.1:80 gate
	checkpath=forwarded
virtual=192.0.2.3:80
	real=10.0.0.1:80 gate
virtual=192.0.2.4:80
	real=10.0.0.1:80 ipip
	checkpath=forwarded
`);
  const { checks } = atOnce(assign(config, pathsOf(config)));
  assert.equal(checks.size, 4);
  assert.equal(pathsOf(config).size, 2);
  assert.equal(pathsOf(config), pathsOf(config), 'it is thought of once');
});

test('fallbacks are asked directly, as they often are on the director itself', () => {
  const [real, fallback] = checksIn(`virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	fallback=10.0.0.9:80 gate
	fallbackcheck=yes
	checkpath=forwarded
`);
  assert.equal(real?.route.towards, '10.0.0.1');
  assert.deepEqual([fallback?.address, fallback?.route.mark, fallback?.route.towards], ['10.0.0.9', null, null]);
});

test('no path is made for what needs none', () => {
  const size = (...lines: string[]) => {
    const text = `virtual=192.0.2.1:80\n${lines.map((line) => `\t${line}\n`).join('')}`;
    return pathsOf(configOf(text)).size;
  };
  assert.equal(size('real=10.0.0.1:80 gate', 'checkpath=forwarded'), 1);
  assert.equal(size('real=10.0.0.1:80 gate'), 0);
  assert.equal(size('real=10.0.0.1:80 gate', 'checkpath=forwarded', 'checktype=off'), 0);
  assert.equal(size('real=10.0.0.1:80 gate', 'checkpath=forwarded', 'service=none'), 0);
  assert.equal(size('real=10.0.0.1:80 masq', 'checkpath=forwarded'), 0);
});
