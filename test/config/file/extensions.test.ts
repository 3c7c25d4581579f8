import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checksOf } from '../../../src/checks/check.js';
import { parse } from '../../../src/config/file/parse.js';
import { interpret } from '../../../src/config/load.js';
import { showConfig } from '../../../src/config/show.js';
import type { Virtual } from '../../../src/model/config.js';
import { parseServices } from '../../../src/system/port-names.js';
import { testAuthority } from '../../helpers/certificate.js';
import { realOf, virtualOf } from '../../helpers/configuration.js';
import { lacks } from '../../helpers/programs.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const text = (lines: readonly string[], port = 4711) =>
  `virtual=192.0.2.1:${port}\n\treal=10.0.0.1:80 masq\n${lines.map((line) => `\t${line}\n`).join('')}`;

function codes(lines: readonly string[], strict = false): string[] {
  const { diagnostics } = parse(text(lines), { strict, services: parseServices('') });
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, span }) => `${code} ${span.line}`);
}

test('strict mode names extensions and refuses them', () => {
  for (const line of ['tls=yes', 'tlsverify = yes', 'expectstatus=200', 'requesthex=00', 'nosuch=1', 'service=redis']) {
    const [error] = codes(['service=smtp', line], true);
    const code = line.startsWith('nosuch')
      ? 'unknown-directive'
      : line.startsWith('service')
        ? 'unknown-service'
        : 'extension';
    assert.equal(error, `${code} 4`);
  }
});

test('TLS by service, and an extension never by port', () => {
  const tls = (service: string): Virtual['tls'] => virtualOf(text([`service=${service}`])).tls;
  for (const service of ['https', 'imaps', 'pops', 'ldaps', 'tls']) assert.equal(tls(service), 'yes');
  for (const service of ['http', 'imap', 'mysql', 'smtp', 'redis']) assert.equal(tls(service), 'no');
  assert.equal(tls('pgsql'), 'prefer');
  assert.equal(virtualOf(text([], 22)).service, 'none');
});

test('contradictions are errors at their line', () => {
  const table: readonly (readonly [string[], string[]])[] = [
    [['service=smtp', 'tls=starttls'], []],
    [['tls=starttls', 'service=smtp'], []],
    [['service=redis', 'tls=yes'], []],
    [['service=https', 'tls=no'], ['wrong-tls-mode 4']],
    [['service=http', 'tls=starttls'], ['wrong-tls-mode 4']],
    [['tls=yes', 'service=http'], ['wrong-tls-mode 3']],
    [['service=dns', 'tls=yes'], ['wrong-tls-mode 4']],
    [['service=mysql', 'tls=prefer'], ['wrong-tls-mode 4']],
    [['service=pgsql', 'tls=prefer', 'login="a"', 'request="b"'], []],
    [['tlskeyfile="/k"'], ['key-without-certificate 3']],
    [['httpauth=basic'], ['missing-login 3']],
    [['httpauth=basic', 'login="a"'], []],
    [['service=ftp', 'httpversion=2'], ['wrong-httpversion 4']],
    [['expectstatus=199'], ['bad-status 3']],
    [['expectstatus=300-200'], ['bad-status 3']],
    [['requesthex=0'], ['bad-hex 3']],
    [['requestheader="Host: x"'], ['bad-header 3']],
    [['requestheader="no header"'], ['bad-header 3']],
    [['dnstype=XX'], ['unknown-dnstype 3']],
    [['bodylimit=0'], ['not-a-number 3']],
    [['checkmark=0'], ['bad-mark 3']],
    [['checkmark=0x100000000'], ['bad-mark 3']],
    [['checksource=www.example.com'], ['bad-address 3']],
    [['checksource=2001:db8::1'], ['wrong-checksource 3']],
    [['checktype=ping', 'checkmark=7'], ['wrong-checkmark 4']],
    [['checktype=connect', 'protocol=udp', 'checkmark=7'], ['wrong-checkmark 5']],
    [['checktype=3', 'protocol=udp', 'service=dns', 'checkmark=7'], []],
    [['checktype=external', 'checkcommand=/bin/true', 'checksource=192.0.2.9'], ['wrong-checksource 5']],
    [['service=tftp', 'protocol=udp', 'checkmark=7'], ['wrong-checkmark 5']],
    [['checktype=connect', 'checkmark=7', 'checksource=192.0.2.9'], []],
    [['checkpath=sideways'], ['unknown-checkpath 3']],
    [['checkpath=forwarded', 'checksource=192.0.2.9'], []],
    [['checkpath=direct', 'checkmark=0x4c000000'], []],
    [['checkpath=forwarded', 'checkmark=7'], ['wrong-checkpath 3']],
    [['checkpath=forwarded', 'checktype=ping'], ['wrong-checkpath 3']],
    [['checkpath=forwarded', 'checktype=external', 'checkcommand=/bin/true'], ['wrong-checkpath 3']],
    [['checkpath=forwarded', 'checktype=off'], []],
    [['checkpath=forwarded', 'service=http', 'require=ssh:22', 'require=connect:443'], []],
    [['checkpath=forwarded', 'service=http', 'require=ping'], ['wrong-checkpath 5']],
    [['service=tftp', 'protocol=udp', 'checkpath=forwarded'], ['wrong-checkpath 5']],
    [['service=oracle', 'checkpath=forwarded'], ['wrong-checkpath 4']],
  ];
  for (const [lines, expected] of table) assert.deepEqual(codes(lines), expected, lines.join(', '));
});

test('TLS directives that have no effect are pointed out', () => {
  const warnings = (...lines: string[]) =>
    parse(text(lines), { strict: false, services: parseServices('') }).diagnostics.map(
      ({ code, span }) => `${code} ${span.line}`,
    );
  const database = ['login="a"', 'request="b"'];
  assert.deepEqual(warnings('service=mysql', ...database, 'tlsverify=yes'), ['useless-tls 6']);
  assert.deepEqual(warnings('service=pgsql', ...database, 'tlsverify=yes'), ['useless-tls 6']);
  assert.deepEqual(warnings('service=pgsql', ...database, 'tlsverify=yes', 'tls=yes'), []);
  assert.deepEqual(warnings('service=pgsql', ...database), []);
  assert.deepEqual(warnings('service=sip', 'tls=yes'), []);
  for (const service of ['simpletcp', 'sip']) {
    assert.deepEqual(warnings(`service=${service}`, 'protocol=udp', 'tls=yes'), ['useless-tls 5']);
  }
});

test('values', () => {
  const virtual = virtualOf(
    text([
      'expectstatus = 200,300-399 # c',
      'requestheader="A: b"',
      'requestheader="C: d e"',
      'requesthex = 00:FF 0a',
      'dnstype=mx',
      'checkmark=0x1F',
      'checksource=192.0.2.9',
    ]),
  );
  assert.deepEqual(virtual.expectstatus, [
    { from: 200, to: 200 },
    { from: 300, to: 399 },
  ]);
  assert.deepEqual(virtual.requestheader, [
    { name: 'A', value: 'b' },
    { name: 'C', value: 'd e' },
  ]);
  assert.deepEqual([virtual.requesthex, virtual.dnstype], ['00ff0a', 'MX']);
  assert.deepEqual([virtual.checkmark, virtual.checksource], [31, '192.0.2.9']);
});

test('files are read with the configuration, judged, and never shown', { skip: lacks('openssl') }, async (context) => {
  const folder = await temporaryDirectory(context);
  const [one, other] = [testAuthority().issue(), testAuthority().issue()];
  await writeFile(join(folder, 'cert.pem'), one.cert);
  await writeFile(join(folder, 'key.pem'), one.key);
  await writeFile(join(folder, 'other.pem'), other.key);
  await writeFile(join(folder, 'none.pem'), 'nothing');
  await mkdir(join(folder, 'folder'));
  const load = (cert: string, key: string) =>
    interpret(
      text([
        'service=https',
        'tlsverify=yes',
        `tlscafile="${folder}/cert.pem"`,
        `tlscertfile="${folder}/${cert}"`,
        `tlskeyfile="${folder}/${key}"`,
      ]),
      { strict: false },
    );
  const errors = async (cert: string, key: string) =>
    (await load(cert, key)).diagnostics.map(({ code, span }) => `${code} ${span.line}`);
  assert.deepEqual(await errors('gone.pem', 'key.pem'), ['unreadable-file 6']);
  assert.deepEqual(await errors('cert.pem', 'folder'), ['unreadable-file 7']);
  assert.deepEqual(await errors('none.pem', 'key.pem'), ['bad-certificate 6']);
  assert.deepEqual(await errors('cert.pem', 'none.pem'), ['bad-key 7']);
  assert.deepEqual(await errors('cert.pem', 'other.pem'), ['bad-key 7']);

  const before = (await load('cert.pem', 'key.pem')).config;
  assert.ok(before);
  assert.doesNotMatch(JSON.stringify(showConfig(before)), /BEGIN/);
  await writeFile(join(folder, 'cert.pem'), other.cert);
  await writeFile(join(folder, 'key.pem'), other.key);
  const after = (await load('cert.pem', 'key.pem')).config;
  assert.ok(after);
  const [first, second] = [before, after].map(({ virtuals: [virtual] }) => {
    assert.ok(virtual);
    const keyed = checksOf(virtual)(realOf(virtual));
    assert.ok(keyed);
    assert.match(keyed.check.tls?.client?.key.text ?? '', /PRIVATE KEY/);
    return keyed.key;
  });
  assert.notEqual(first, second);
});
