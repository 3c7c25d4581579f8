import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareInSlices } from '../../../src/config/differences.js';
import { parse } from '../../../src/config/file/parse.js';
import { showConfig } from '../../../src/config/show.js';
import { atOnce } from '../../../src/slices.js';
import { parseServices } from '../../../src/system/port-names.js';
import { configOf, parsed, virtualOf } from '../../helpers/configuration.js';

const opening = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n';

function section(...lines: readonly string[]): string {
  return opening + lines.map((line) => `\t${line}\n`).join('');
}

/** Of the diagnostics of a file, whose every line below the opening begins with a tab. */
function said(...lines: readonly string[]) {
  const text = section(...lines);
  return parsed(text).diagnostics.map(({ severity, code, span: { line, column, length } }) => {
    const at = text.split('\n')[line - 1] ?? '';
    return [severity, code, at.slice(column - 1, column - 1 + length)];
  });
}

/** What a line says. */
function read(line: string) {
  const [required] = virtualOf(section(`require = ${line}`)).require;
  assert.ok(required);
  const { kind, port, request, receive } = required;
  return [kind, port, request, receive?.source ?? null];
}

test('kind, port, request and receive, of which all but the kind can be left out', () => {
  assert.deepEqual(read('ping'), ['ping', null, '/', null]);
  assert.deepEqual(read('connect:8443'), ['connect', 8443, '/', null]);
  assert.deepEqual(read('http:8080 "/health"'), ['http', 8080, '/health', null]);
  assert.deepEqual(read('http:8080 "health" "ok"'), ['http', 8080, '/health', 'ok']);
  assert.deepEqual(read('http "" "ok"'), ['http', null, '/', 'ok']);
  assert.deepEqual(read('http "/x" ""'), ['http', null, '/x', null]);
  assert.deepEqual(read('http\t"/x",\t"a b"'), ['http', null, '/x', 'a b'], 'with a comma, as behind a real server');
});

test('quotes within a text are part of it', () => {
  assert.deepEqual(read('http:8080 "/health" ""status":"UP""'), ['http', 8080, '/health', '"status":"UP"']);
  assert.deepEqual(read(String.raw`redis "GET \"a b\""`), ['redis', null, String.raw`/GET \"a b\"`, null]);
});

test('lines add up, in their order', () => {
  const { require } = virtualOf(section('require=http "/a"', 'require=ping', 'require=http "/b"'));
  assert.deepEqual(
    require.map(({ request, kind }) => `${kind} ${request}`),
    ['http /a', 'ping /', 'http /b'],
  );
});

test('what is wrong is said with the word', () => {
  for (const [line, code, place] of [
    ['ftps:21', 'unknown-require', 'ftps'],
    ['none', 'unknown-require', 'none'],
    ['external', 'unknown-require', 'external'],
    ['HTTP', 'unknown-require', 'HTTP'],
    ['"/health"', 'unknown-require', '"'],
    ['ping:7', 'bad-require', ':7'],
    ['http:0', 'bad-port', ':0'],
    ['http:65536', 'bad-port', ':65536'],
    ['http:www', 'bad-port', ':www'],
    ['http: "/x"', 'bad-port', ':'],
    ['http:80 /health', 'bad-require', '/health'],
    ['http:80 "/health" ok', 'bad-require', 'ok'],
    ['http:80 "/health', 'bad-require', '"/health'],
    ['http:80"/health"', 'bad-require', '"/health"'],
    ['connect "/x"', 'bad-require', '/x'],
    ['ping "" "up"', 'bad-require', 'up'],
    ['smtp "EHLO"', 'bad-require', 'EHLO'],
    ['mysql "SELECT 1" "1"', 'bad-require', '1'],
    ['http "/" "a(b"', 'bad-pattern', '('],
  ] as const) {
    const [[severity, found, at] = [], ...rest] = said(`require=${line}`);
    assert.deepEqual([severity, found, rest.length], ['error', code, 0], line);
    assert.ok(at === place || (code === 'bad-pattern' && at !== undefined), `${line}: ${at}`);
  }
  const [nothing] = parsed(section('require=')).diagnostics;
  assert.equal(nothing?.code, 'unknown-require');
});

test('a "#" in quotes is part of the text, and said to be', () => {
  const { require } = virtualOf(section('require=http "/a#b" "c"'));
  assert.deepEqual([require[0]?.request, require[0]?.receive?.source], ['/a#b', 'c']);
  assert.deepEqual(said('require=http "/a#b" "c"'), [['warning', 'hash-in-string', '#']]);
});

test('strict mode names it as an extension', () => {
  const { diagnostics } = parse(section('require=ping'), { strict: true, services: parseServices('') });
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span.line, span.column]),
    [['extension', 3, 2]],
  );
});

test('it is shown as it is written, and so is what a reload changes of it', () => {
  const before = configOf(section('require=http:8080 "/a"'));
  const after = configOf(section('require=http:8080 "/b" "c"', 'require=ping'));
  const { virtual } = JSON.parse(JSON.stringify(showConfig(after)));
  assert.deepEqual(virtual[0].require, ['http:8080 "/b" "c"', 'ping']);
  assert.deepEqual(atOnce(compareInSlices(before, after)), [
    'virtual 192.0.2.1:80 (tcp): require http:8080 "/a" -> http:8080 "/b" "c",ping',
  ]);
  const moved = configOf(`\n\n${section('require=http:8080 "/a"')}`);
  assert.deepEqual(atOnce(compareInSlices(before, moved)), []);
  assert.equal('require' in JSON.parse(JSON.stringify(showConfig(configOf(opening)))).virtual[0], false);
});

test('what no mark or source can reach is an error with its place', () => {
  assert.deepEqual(said('checkmark=7', 'require=ping', 'require=connect:1', 'require=tftp "x"', 'require=oracle'), [
    ['error', 'wrong-checkmark', 'ping'],
    ['error', 'wrong-checkmark', 'tftp'],
    ['error', 'wrong-checkmark', 'oracle'],
  ]);
  assert.deepEqual(said('checksource=10.0.0.9', 'require=ping', 'require=tftp "x"'), [
    ['error', 'wrong-checksource', 'ping'],
  ]);
});

test('where servers are not asked at all it has no effect', () => {
  for (const lines of [['checktype=off'], ['checktype=on'], ['service=none']]) {
    assert.deepEqual(
      said(...lines, 'require=ping', 'require=http'),
      [['warning', 'useless-require', 'ping']],
      lines[0],
    );
  }
  for (const lines of [['checktype=connect'], ['checktype=3', 'service=none'], ['checktype=external']]) {
    assert.deepEqual(said(...lines, 'require=ping'), [], lines[0]);
  }
});

test('a database without a user, or without a statement, is said to fail', () => {
  assert.deepEqual(said('require=mysql:3306 "SELECT 1"'), [['warning', 'missing-statement', 'mysql:3306']]);
  assert.deepEqual(said('login="probe"', 'require=mysql'), [['warning', 'missing-statement', 'mysql']]);
  assert.deepEqual(said('login="probe"', 'require=mysql "SELECT 1"'), []);
});

test('a whole address is no path', () => {
  assert.deepEqual(said('require=http "http://a.example/"'), [['warning', 'absolute-request', 'http']]);
  assert.deepEqual(said('require=http_proxy "http://a.example/"'), []);
});

test('directives have an effect where a further check reads them', () => {
  const useless = (...lines: readonly string[]) => said(...lines).map(([, code]) => code);
  assert.deepEqual(useless('dnstype=MX'), ['useless-dnstype']);
  assert.deepEqual(useless('dnstype=MX', 'require=dns "example.com"'), []);
  assert.deepEqual(useless('requesthex=00', 'require=udp:514'), ['useless-hex'], 'what it sends stands in its line');
  assert.deepEqual(useless('tlsverify=yes'), ['useless-tls']);
  assert.deepEqual(useless('tlsverify=yes', 'require=https'), []);
  assert.deepEqual(useless('tlsverify=yes', 'require=pgsql "SELECT 1"', 'login="a"'), ['useless-tls']);
  const shown = (...lines: readonly string[]) =>
    JSON.parse(JSON.stringify(showConfig(configOf(section('checktype=connect', ...lines))))).virtual[0];
  const other = ['service=smtp'];
  assert.deepEqual([shown(...other).expectstatus, shown(...other).tlsverify], [undefined, undefined]);
  const { expectstatus, tlsverify } = shown(...other, 'require=https');
  assert.deepEqual([expectstatus, tlsverify], ['200-299', 'no']);
});
