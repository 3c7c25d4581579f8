import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import type { Config, Virtual } from '../../../src/model/config.js';
import { parseServices } from '../../../src/system/port-names.js';
import { largeFile } from '../../helpers/large-file.js';

const services = parseServices('http 80/tcp\ndomain 53/tcp\ndomain 53/udp\ntftp 69/udp\n');
const virtual = 'virtual=192.0.2.1:80\n';
const real = '\treal=10.0.0.1:80 gate\n';

function configOf(text: string): Config {
  const { config, diagnostics } = parse(text, { strict: true, services });
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

function virtualOf(text: string): Virtual {
  const [first] = configOf(text).virtuals;
  assert.ok(first);
  return first;
}

function errorsOf(text: string, strict = false): string[] {
  const { config, diagnostics } = parse(text, { strict, services });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(config === null, errors.length > 0);
  return errors.map(({ code, span }) => `${span.line}:${span.column}+${span.length} ${code}`);
}

test('all errors are told, each at its characters', () => {
  const text = `quiescent=maybe
nosuch=1
virtual=192.0.2.1:nosuch
	real=10.0.0.1:80 route
	checktype=sometimes
	fallback=10.0.0.300

virtual=nowhere
	scheduler=5

virtual=192.0.2.2:80
	real=10.0.0.5->10.0.0.2:80 gate
	real6=[::1]:80 gate
`;
  const expected = [
    '1:11+5 not-yes-or-no',
    '2:1+6 unknown-directive',
    '3:19+6 bad-port',
    '4:19+5 unknown-forwarding',
    '5:12+9 unknown-checktype',
    '6:11+10 bad-address',
    '8:9+7 bad-address',
    '9:12+1 bad-scheduler',
    '12:7+21 bad-range',
    '13:2+5 wrong-family',
  ];
  assert.deepEqual(errorsOf(text), expected);
  assert.deepEqual(errorsOf(text, true).toSorted(), expected.toSorted());
});

test('after a wrong opening line the section is read for its errors alone', () => {
  const { config, diagnostics } = parse(`virtual=192.0.2.1:xx\n\treal=10.0.0.1:80 gate\n\tservice=http\n`, {
    strict: false,
    services,
  });
  assert.equal(config, null);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['bad-port'],
  );
});

test('a service that stands there twice is an error, in strict mode where the reference notices', () => {
  const text = `${virtual}${real}\n${virtual}${real}\nquiescent=no\n`;
  assert.deepEqual(errorsOf(text), ['4:1+20 duplicate-virtual']);
  assert.deepEqual(errorsOf(text, true), ['6:1+1 duplicate-virtual']);
  assert.deepEqual(errorsOf(`${virtual}${real}\n${virtual}${real}\tprotocol=udp\n`), []);
  assert.deepEqual(errorsOf('virtual=www:80\n\nvirtual6=www:80\n\n', true), []);
});

test('strict mode rejects a file that ends in an opening line', () => {
  assert.deepEqual(errorsOf(virtual, true), ['1:1+20 empty-section']);
  assert.deepEqual(errorsOf(virtual), []);
});

test('a wrong keyword near a right one gets it proposed', () => {
  const { diagnostics } = parse('checkinterval=1\nchekinterval=1\nautoreloadd=yes\nzzz=1\n', {
    strict: true,
    services,
  });
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      'there is no directive "chekinterval"; did you mean "checkinterval"?',
      'there is no directive "autoreloadd"; did you mean "autoreload"?',
      'there is no directive "zzz"',
    ],
  );
});

test('no message tells a secret', () => {
  const lines = ['login', 'passwd', 'secret'].flatMap((keyword) =>
    ['', '"', "'", '“'].map((quote) => `\t${keyword}=${quote}Hush-4711#x${quote} # Hush-4711`),
  );
  const text = `${virtual}${lines.join('\n')}\n`;
  for (const strict of [true, false]) {
    const { diagnostics } = parse(text, { strict, services });
    assert.ok(diagnostics.length >= lines.length / 2);
    for (const { message } of diagnostics) assert.doesNotMatch(message, /hush|4711/i);
  }
});

test('each timeout stands in for the other, and the section goes before the global one', () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ['', '', 5, 30],
    ['checktimeout=7\n', '', 7, 7],
    ['negotiatetimeout=8\n', '', 8, 8],
    ['checktimeout=7\nnegotiatetimeout=8\n', '', 7, 8],
    ['checktimeout=7\n', '\tnegotiatetimeout=9\n', 9, 9],
    ['negotiatetimeout=8\n', '\tchecktimeout=6\n', 6, 6],
    ['checktimeout=7\n', '\tchecktimeout=1\n\tnegotiatetimeout=2\n', 1, 2],
  ];
  for (const [global, own, check, negotiate] of cases) {
    const { checktimeout, negotiatetimeout } = virtualOf(global + virtual + own + real);
    assert.deepEqual([checktimeout, negotiatetimeout], [check, negotiate], global + own);
  }
});

test('a global line below a section holds for the section', () => {
  const text = `${virtual}${real}\nquiescent=yes\nfailurecount=3\nemailalert=a@example.net\nfallback=127.0.0.1\n`;
  const { quiescent, failurecount, emailalert, fallbacks } = virtualOf(text);
  assert.deepEqual([quiescent, failurecount, emailalert], [true, 3, ['a@example.net']]);
  assert.equal(fallbacks[0]?.port, 80);
});

test('a fallback without a port takes that of its service', () => {
  assert.equal(virtualOf(`virtual=192.0.2.1:domain\n\tfallback=127.0.0.1\n`).fallbacks[0]?.port, 53);
  assert.equal(virtualOf(`virtual=5\n\tfallback=127.0.0.1\n`).fallbacks[0]?.port, 0);
  assert.equal(virtualOf(`fallback=127.0.0.1:81\n${virtual}${real}`).fallbacks[0]?.port, 81);
  assert.equal(virtualOf(`fallback=127.0.0.1\nvirtual6=[::1]:80\n\tquiescent=no\n`).fallbacks[0], undefined);
  assert.equal(configOf('fallback=127.0.0.1\n').global.fallbacks[0]?.port, 0);
});

test('addresses are canonical, and names stay open', () => {
  const { endpoint, realServers } = virtualOf(
    'virtual6=[2001:DB8:0:0:0:0:0:1]:80\n\treal6=web1:80 gate\n\treal6=[2001:DB8::A]:80 gate\n',
  );
  assert.deepEqual(endpoint, {
    protocol: 'tcp',
    host: { name: '2001:DB8:0:0:0:0:0:1', address: '2001:db8::1' },
    port: 80,
  });
  assert.deepEqual(
    realServers.map(({ host }) => host),
    [
      { name: 'web1', address: null },
      { name: '2001:DB8::A', address: '2001:db8::a' },
    ],
  );
});

test('a range of addresses is expanded, one of names is kept', () => {
  const addresses = virtualOf(`${virtual}\treal=10.0.0.254->10.0.1.1:80 gate 5\n`).realServers;
  assert.deepEqual(
    addresses.map(({ host, weight }) => `${host.address} ${weight}`),
    ['10.0.0.254 5', '10.0.0.255 5', '10.0.1.0 5', '10.0.1.1 5'],
  );
  const [names] = virtualOf(`${virtual}\treal=web1->web9:80 gate\n`).realServers;
  assert.deepEqual([names?.host.name, names?.through?.name], ['web1', 'web9']);
});

test('a range too large to be meant is an error', () => {
  assert.deepEqual(errorsOf(`${virtual}\treal=10.0.0.0->10.1.0.0:80 gate\n`), ['2:7+21 bad-range']);
  assert.equal(virtualOf(`${virtual}\treal=10.0.0.0->10.0.255.255:80 gate\n`).realServers.length, 65_536);
});

test('a command of blanks alone is no mistake of form, as in the reference, and is warned of', () => {
  for (const keyword of ['checkcommand', 'fallbackcommand'] as const) {
    const { config, diagnostics } = parse(`${virtual}${real}\t${keyword}=" "\n`, { strict: true, services });
    assert.equal(config?.virtuals[0]?.[keyword], ' ');
    assert.deepEqual(
      diagnostics.map(({ severity, code, span }) => `${severity} ${code} ${span.line}`),
      ['warning empty-value 3'],
    );
    assert.deepEqual(errorsOf(`${virtual}\t${keyword}=""\n`, true), [`2:${keyword.length + 3}+2 empty-value`]);
  }
});

test('states of mails are a list, and none is the empty one', () => {
  assert.deepEqual(configOf('emailalertstatus=none\n').global.emailalertstatus, []);
  assert.deepEqual(configOf('emailalertstatus=stopping, starting\n').global.emailalertstatus, ['starting', 'stopping']);
  assert.equal(configOf('').global.emailalertstatus.length, 4);
});

test('a large file is read quickly', (t) => {
  const text = largeFile();
  const start = performance.now();
  const { config } = parse(text, { strict: false, services });
  const elapsed = performance.now() - start;
  const servers = config?.virtuals.reduce((sum, { realServers }) => sum + realServers.length, 0);
  t.diagnostic(`${config?.virtuals.length} services with ${servers} real servers in ${Math.round(elapsed)} ms`);
  assert.deepEqual([config?.virtuals.length, servers], [2277, 37_205]);
  assert.ok(elapsed < 10_000);
});

test('a line of any content is read in time, and one that is too long is an error', () => {
  const half = 4_990;
  const lines = [
    ' '.repeat(2 * half),
    `\treal=10.0.0.1:80 gate${' '.repeat(2 * half - 30)}x`,
    `\treal=${'a'.repeat(2 * half)}`,
    `\treal=10.0.0.1:80 gate 5 ${'" '.repeat(half - 20)}`,
    `\tpasswd='${"' ".repeat(half - 20)}`,
    `quiescent=${'yes '.repeat(half / 2)}`,
    `${'x'.repeat(half)}=1`,
  ];
  const start = performance.now();
  for (const line of lines) assert.doesNotMatch(errorsOf(`${virtual}${line}\n`).join(), /too-long/);
  assert.ok(performance.now() - start < 60_000);
  assert.deepEqual(errorsOf(`#${'x'.repeat(10_000)}\n`), ['1:1+10001 line-too-long']);
});
