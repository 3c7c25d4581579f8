import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import { parseServices } from '../../../src/system/port-names.js';

const services = parseServices('http 80/tcp\n');
const virtual = 'virtual=192.0.2.1:80\n';
const real = '\treal=10.0.0.1:80 gate\n';

interface Advice {
  readonly code: string;
  readonly text: string;
  /** Line, column and length. */
  readonly at: readonly [number, number, number];
}

/** All of these are accepted, in strict mode as well. */
const advice: readonly Advice[] = [
  { code: 'port-missing', text: `virtual=192.168.1.10\n\tservice=http\n${real}`, at: [1, 9, 12] },
  { code: 'useless-mark', text: `virtual=0\n\tservice=http\n${real}`, at: [1, 9, 1] },
  { code: 'ignored-text', text: `virtual=192.0.2.1:80/tcp\n${real}`, at: [1, 21, 4] },
  { code: 'ignored-text', text: `${virtual}\treal=10.0.0.1:80 gate -w 7\n`, at: [2, 24, 2] },
  { code: 'ignored-text', text: `${virtual}\tscheduler=wlc //fast\n${real}`, at: [2, 16, 6] },
  { code: 'ignored-text', text: `${virtual}\trequest="/x" y\n${real}`, at: [2, 15, 1] },
  { code: 'misread-address', text: `${virtual}\treal=10.0.6.2::80 masq\n`, at: [2, 7, 12] },
  { code: 'misread-address', text: `${virtual}\treal=web_1:80 gate\n`, at: [2, 7, 8] },
  { code: 'unusual-address', text: `${virtual}\treal=010.0.0.1:80 gate\n`, at: [2, 7, 9] },
  { code: 'unusual-address', text: `virtual=10.1:80\n${real}`, at: [1, 9, 4] },
  { code: 'unusual-address', text: `${virtual}\tfallback=127.1\n${real}`, at: [2, 11, 5] },
  { code: 'address-missing', text: `fallback=:80\n${virtual}${real}`, at: [1, 10, 1] },
  { code: 'quoted-thresholds', text: `${virtual}\treal=10.0.0.1:80 gate 5 "l:10" "u:20"\n`, at: [2, 26, 13] },
  { code: 'receive-ignored', text: `${virtual}\treal=10.0.0.1:80 gate 5 "/a","ok" l:1\n`, at: [2, 31, 4] },
  { code: 'number-too-large', text: `${virtual}\treal=10.0.0.1:80 gate 70000\n`, at: [2, 24, 5] },
  {
    code: 'missing-statement',
    text: `virtual=192.0.2.1:3306\n\tservice=mysql\n\tlogin="monitor"\n\treal=10.0.0.1:3306 gate\n`,
    at: [1, 1, 22],
  },
  {
    code: 'missing-statement',
    text: `virtual=192.0.2.1:5432\n\tservice=pgsql\n\trequest="SELECT 1"\n\treal=10.0.0.1:5432 gate\n`,
    at: [1, 1, 22],
  },
  {
    code: 'useless-receive',
    text: `virtual=192.0.2.1:3306\n\tservice=mysql\n\tlogin="monitor"\n\trequest="SELECT 1"\n\treceive="1"\n\treal=10.0.0.1:3306 gate\n`,
    at: [5, 2, 7],
  },
  { code: 'status-line-in-receive', text: `${virtual}\treceive="HTTP/1.1 200 OK"\n${real}`, at: [2, 11, 15] },
  { code: 'deprecated', text: `checkcount=3\n${virtual}${real}`, at: [1, 1, 10] },
  { code: 'deprecated', text: `supervised\n${virtual}${real}`, at: [1, 1, 10] },
  { code: 'number-extracted', text: `checktimeout=3s\n${virtual}${real}`, at: [1, 14, 2] },
  { code: 'number-extracted', text: `checkinterval=-5\n${virtual}${real}`, at: [1, 15, 2] },
  { code: 'number-too-small', text: `checkinterval=00\n${virtual}${real}`, at: [1, 15, 2] },
  { code: 'number-too-large', text: `checkinterval=9999999\n${virtual}${real}`, at: [1, 15, 7] },
  { code: 'duplicate-real-server', text: `${virtual}${real}\treal=10.0.0.1:80 gate 2\n`, at: [3, 7, 18] },
  {
    code: 'duplicate-virtual',
    text: `${virtual}${real}\nvirtual=192.0.2.1:080\n\tservice=http\n${real}`,
    at: [4, 1, 21],
  },
  { code: 'unknown-scheduler', text: `${virtual}\tscheduler=fast\n${real}`, at: [2, 12, 4] },
  { code: 'useless-netmask', text: `${virtual}\tnetmask=255.255.255.0\n${real}`, at: [2, 2, 7] },
  { code: 'odd-netmask', text: `${virtual}\tpersistent=9\n\tnetmask=255.0.255.0\n${real}`, at: [3, 10, 11] },
  { code: 'useless-netmask', text: `${virtual}\tpersistent=9\n\tnetmask=999.0.0.0\n${real}`, at: [3, 10, 9] },
  { code: 'no-effect', text: `${virtual}\tload="high"\n${real}`, at: [2, 7, 6] },
  { code: 'useless-ops', text: `${virtual}\tops=yes\n${real}`, at: [2, 2, 3] },
  { code: 'port-not-mapped', text: `${virtual}\treal=10.0.0.1:8080 ipip\n`, at: [2, 7, 18] },
  { code: 'port-not-mapped', text: `${virtual}\tfallback=127.0.0.1:8080\n${real}`, at: [2, 11, 14] },
  { code: 'port-not-mapped', text: `fallback=127.0.0.1:8080\n${virtual}${real}`, at: [1, 10, 14] },
  {
    code: 'mapped-address',
    text: 'virtual6=[2001:db8::1]:80\n\tservice=http\n\treal6=[::ffff:a00:1]:80 masq\n',
    at: [3, 8, 22],
  },
  { code: 'never-checked', text: `virtual=192.0.2.1:4711\n\treal=10.0.0.1:4711 gate\n`, at: [1, 1, 22] },
  { code: 'no-real-servers', text: `${virtual}\n`, at: [1, 1, 20] },
  { code: 'absolute-request', text: `${virtual}\trequest="http://x/"\n${real}`, at: [2, 2, 7] },
  { code: 'quotes-kept', text: `maintenancedir="/etc/down"\n${virtual}${real}`, at: [1, 16, 11] },
  { code: 'empty-range', text: `${virtual}${real}\treal=0.0.0.8->0.0.0.12:80 gate\n`, at: [3, 7, 20] },
  { code: 'hash-cuts-string', text: `${virtual}\tvirtualhost="a#b"\n${real}`, at: [2, 16, 1] },
];

for (const { code, text, at } of advice) {
  for (const strict of [true, false]) {
    test(`${code} at ${at.join(':')}, ${strict ? 'strict' : 'default'} mode`, () => {
      const { config, diagnostics } = parse(text, { strict, services });
      assert.notEqual(config, null);
      assert.deepEqual(
        diagnostics.map((one) => [one.severity, one.code, one.span]),
        [['warning', code, { line: at[0], column: at[1], length: at[2] }]],
      );
    });
  }
}

test('a usual file gets no warning', () => {
  const usual = `checktimeout=3
checkinterval=1
autoreload=yes
logfile="local0"
quiescent=yes

# The shop
virtual=192.0.2.1:80 # public
	real=10.0.0.1:80 gate 5
	real=10.0.0.2:80 gate "index.html", "ok" l:10 u:20
	fallback=127.0.0.1:80 gate
	service=http
	scheduler=wlc
	persistent=600
	netmask=255.255.255.0
	checktype=3
	receive="It works"

virtual=5
	real=10.0.0.1 masq
	service=http
	checkport=80

virtual6=[2001:db8::1]:53
	real6=[2001:db8::2]:53 gate
	ops=yes
`;
  assert.deepEqual(parse(usual, { strict: true, services }).diagnostics, []);
  assert.deepEqual(parse(usual, { strict: false, services }).diagnostics, []);
});

test('a global fallback whose port some services do not lead to is told once, with the first of these', () => {
  const section = (port: number, more = ''): string =>
    `virtual=192.0.2.1:${port}\n\treal=10.0.0.1:${port} gate\n${more}`;
  const own = '\tfallback=127.0.0.1:81 masq\n';
  const text = `fallback=127.0.0.1:80\n${section(80)}${section(443)}${section(8080)}${section(8081, own)}`;
  const { diagnostics } = parse(text, { strict: false, services });
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'port-not-mapped').map(({ message, span }) => [message, span.line]),
    [['with gate packets keep the port 443; only masq can change it to 80: so for the virtual service in line 4', 1]],
  );
});

test('a global fallback below the sections is told as one above them is', () => {
  const sections = [80, 443].map((port) => `virtual=192.0.2.1:${port}\n\treal=10.0.0.1:${port} gate\n`).join('');
  const { diagnostics } = parse(`${sections}fallback=127.0.0.1:8083\n`, { strict: false, services });
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'port-not-mapped').map(({ message, span }) => [message, span.line]),
    [['with gate packets keep the port 80; only masq can change it to 8083: so for the virtual service in line 1', 5]],
  );
});
