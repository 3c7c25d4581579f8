/** What is read of the director beside what is of every machine: as programs print it, and as a hostile one would. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { controllerSection } from '../../../src/path/reading/controllers.js';
import { loadableSection } from '../../../src/path/reading/loadable.js';
import { markSection } from '../../../src/path/reading/marks.js';
import { composeScript, readSections } from '../../../src/path/reading/section.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const execute = promisify(execFile);
const separator = '\u001f';

function marksIn(...lines: readonly string[]) {
  const read = markSection.read(['read', ...lines]);
  assert.ok(read.ok && read.value);
  return { set: [...read.value.set], setsOthers: read.value.setsOthers };
}

test('marks that nft sets, at whatever depth', () => {
  const set = (value: unknown) => ({ mangle: { key: { meta: { key: 'mark' } }, value } });
  const rules = {
    nftables: [
      { rule: { table: 'a', expr: [{ match: { op: '==', left: { meta: { key: 'mark' } }, right: 3 } }, set(7)] } },
      { rule: { table: 'a', expr: [set(0x4c000001), { mangle: { key: { ct: { key: 'mark' } }, value: 9 } }] } },
    ],
  };
  assert.deepEqual(marksIn(JSON.stringify(rules)).set.toSorted(), [0x4c000001, 7].toSorted());
  assert.equal(marksIn(JSON.stringify(rules)).setsOthers, false);
  const mapped = { nftables: [{ rule: { expr: [set({ map: { key: { payload: {} }, data: '@marks' } })] } }] };
  assert.deepEqual(marksIn(JSON.stringify(mapped)), { set: [], setsOthers: true });
});

test('marks that iptables sets', () => {
  assert.deepEqual(
    marksIn(
      '-A PREROUTING -d 192.0.2.1/32 -p tcp -m multiport --dports 80,443 -j MARK --set-xmark 0x1/0xffffffff',
      '-A PREROUTING -m mark --mark 0x9 -j ACCEPT',
      '-A PREROUTING -j MARK --set-mark 2',
    ),
    { set: [1, 2], setsOthers: false },
  );
  assert.equal(marksIn('-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff').setsOthers, true);
});

test('who may not read the rules knows nothing of them, and what is no ruleset is believed to set marks', () => {
  assert.deepEqual(markSection.read([]), { ok: true, value: null });
  for (const text of ['{', `{"a":${'['.repeat(100_000)}`]) assert.equal(marksIn(text).setsOthers, true);
  for (const text of [
    '{}',
    '{"mangle":null}',
    '{"mangle":[1]}',
    '{"mangle":{"key":null}}',
    '{"mangle":{"key":{"meta":7}}}',
  ]) {
    assert.deepEqual(marksIn(text), { set: [], setsOthers: false });
  }
});

test('without modprobe nobody knows what could be loaded', () => {
  const { read: take } = loadableSection(['ip_vs', 'ip_vs_rr']);
  assert.deepEqual(take([]), { ok: true, value: null });
  assert.deepEqual(take(['read', 'ip_vs']), { ok: true, value: new Set(['ip_vs']) });
});

function controllersIn(...lines: readonly string[]) {
  const read = controllerSection.read(lines);
  assert.ok(read.ok);
  return read.value.map(({ name, pid }) => `${pid} ${name}`);
}

function process(pid: number, ...words: readonly string[]): string {
  return `process ${pid} ${words.join(separator)}${separator}`;
}

test('keepalived counts where it has virtual servers, and once', () => {
  const lines = [
    process(10, '/usr/sbin/keepalived', '--dont-fork'),
    process(11, '/usr/sbin/keepalived', '--dont-fork'),
  ];
  assert.deepEqual(controllersIn(...lines), []);
  assert.deepEqual(controllersIn(...lines, 'virtual servers'), ['10 keepalived']);
  assert.deepEqual(controllersIn(process(10, 'keepalived', '-P'), 'virtual servers'), []);
});

test('kube-proxy counts in its mode ipvs', () => {
  assert.deepEqual(controllersIn(process(1, 'kube-proxy', '--proxy-mode=iptables')), []);
  assert.deepEqual(controllersIn(process(1, '/usr/local/bin/kube-proxy', '--proxy-mode=ipvs')), ['1 kube-proxy']);
  assert.deepEqual(controllersIn(process(1, 'kube-proxy', '--config=/var/lib/x.conf'), 'kube-ipvs0'), ['1 kube-proxy']);
});

test('Perl’s ldirectord counts, this one and who only names it do not', () => {
  assert.deepEqual(controllersIn(process(5, '/usr/bin/perl', '-w', '/usr/sbin/ldirectord', 'web.cf', 'start')), [
    '5 ldirectord of Perl’s',
  ]);
  assert.deepEqual(controllersIn('process 6 /usr/bin/perl -w /usr/sbin/ldirectord start'), ['6 ldirectord of Perl’s']);
  assert.deepEqual(
    controllersIn(
      process(7, 'ldirectord /etc/ha.d/ldirectord.cf'),
      process(8, 'vi', '/etc/ha.d/ldirectord.cf'),
      process(9, 'perl', '/usr/bin/other', 'ldirectord'),
      process(10, ''),
      'process x perl ldirectord',
    ),
    [],
  );
});

/** What the sections say of this machine. */
async function read(path = globalThis.process.env['PATH']) {
  const sections = {
    controllers: controllerSection,
    marks: markSection,
    loadable: loadableSection(['ip_vs', 'no_such']),
  };
  const { stdout } = await execute('/bin/sh', ['-c', composeScript(sections)], { env: { PATH: path } });
  return readSections(sections, stdout);
}

test('this machine is read, a process of another name is found by its own, and a configuration by its option', async (t) => {
  const before = await read();
  assert.ok(before.ok, JSON.stringify(before));
  assert.notEqual(before.value.loadable?.has('no_such'), true);

  const file = join(await temporaryDirectory(t), `it's; touch $(x).conf`);
  await writeFile(file, '  virtual_server 192.0.2.1 80 {\n}\n');
  const script = join(await temporaryDirectory(t), 'keepalived');
  await writeFile(script, '#!/bin/sh\nsleep 600 & wait\n');
  const child = spawn('/bin/sh', [script, '-f', file], { argv0: 'keepalived', stdio: 'ignore', detached: true });
  t.after(() => globalThis.process.kill(-(child.pid ?? 0), 'SIGKILL'));
  await once(child, 'spawn');
  await until('it is found', async () => {
    const found = await read();
    return found.ok && found.value.controllers.some(({ name }) => name === 'keepalived');
  });
});
