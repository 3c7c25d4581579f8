import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import { parseServices } from '../../../src/system/port-names.js';

const services = parseServices('http 80/tcp\nhttps 443/tcp\n');
const virtual = 'virtual=192.0.2.1:80\n';
const real = '\treal=10.0.0.1:80 gate\n';

interface Mend {
  readonly name: string;
  readonly code: string;
  readonly text: string;
  /** Line, column and length of the warning. */
  readonly at: readonly [number, number, number];
  /** What the strict grammar takes to mean the same. */
  readonly means: string;
}

const mends: readonly Mend[] = [
  {
    name: 'a comment after a global value',
    code: 'trailing-comment',
    text: `quiescent=yes # always\n${virtual}${real}`,
    at: [1, 15, 8],
    means: `quiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'a comment after a value of a section, where the blank before it is left over',
    code: 'trailing-comment',
    text: `${virtual}\tquiescent=yes # always\n${real}`,
    at: [2, 16, 8],
    means: `${virtual}\tquiescent=yes\n${real}`,
  },
  {
    name: 'a comment after a quoted string',
    code: 'trailing-comment',
    text: `${virtual}\tnetmask="255.255.255.0" # net\n\tpersistent=60\n${real}`,
    at: [2, 26, 5],
    means: `${virtual}\tnetmask=255.255.255.0\n\tpersistent=60\n${real}`,
  },
  {
    name: 'blanks at the end',
    code: 'trailing-blanks',
    text: `autoreload=no  \n${virtual}${real}`,
    at: [1, 14, 2],
    means: `autoreload=no\n${virtual}${real}`,
  },
  {
    name: 'carriage returns',
    code: 'carriage-return',
    text: `autoreload=yes\r\nquiescent=yes\r\n${virtual}${real}`,
    at: [1, 15, 1],
    means: `autoreload=yes\nquiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'a byte order mark',
    code: 'byte-order-mark',
    text: `\ufeffautoreload=yes\n${virtual}${real}`,
    at: [1, 1, 1],
    means: `autoreload=yes\n${virtual}${real}`,
  },
  {
    name: 'two blanks of indentation',
    code: 'short-indentation',
    text: `${virtual}  quiescent=yes\n  real=10.0.0.1:80 gate\n`,
    at: [2, 1, 2],
    means: `${virtual}\tquiescent=yes\n${real}`,
  },
  {
    name: 'no indentation',
    code: 'no-indentation',
    text: `${virtual}real=10.0.0.1:80 gate\nservice=http\n`,
    at: [2, 1, 4],
    means: `${virtual}${real}\tservice=http\n`,
  },
  {
    name: 'no indentation, and a directive that is global elsewhere, before any that is not',
    code: 'no-indentation',
    text: `${virtual}quiescent=yes\nreal=10.0.0.1:80 gate\n\ncleanstop=no\n`,
    at: [2, 1, 9],
    means: `${virtual}\tquiescent=yes\n${real}\ncleanstop=no\n`,
  },
  {
    name: 'an indented line after a line at the margin',
    code: 'no-indentation',
    text: `${virtual}scheduler=rr\n${real}`,
    at: [2, 1, 9],
    means: `${virtual}\tscheduler=rr\n${real}`,
  },
  {
    name: 'a blank line in a section',
    code: 'detached-line',
    text: `${virtual}${real}\n\tquiescent=yes\n\tcleanstop=no\n`,
    at: [4, 1, 1],
    means: `${virtual}${real}\tquiescent=yes\n\tcleanstop=no\n`,
  },
  {
    name: 'a line of blanks in a section',
    code: 'blanks-in-section',
    text: `${virtual}${real}      \n\tquiescent=yes\n`,
    at: [3, 1, 6],
    means: `${virtual}${real}\tquiescent=yes\n`,
  },
  {
    name: 'a line of tabs in a section',
    code: 'blanks-in-section',
    text: `${virtual}${real}\t\t\n\tquiescent=yes\n`,
    at: [3, 1, 2],
    means: `${virtual}${real}\tquiescent=yes\n`,
  },
  {
    name: 'a global directive in a section',
    code: 'indented-global',
    text: `${virtual}\tautoreload=yes\n${real}`,
    at: [2, 1, 1],
    means: `autoreload=yes\n${virtual}${real}`,
  },
  {
    name: 'an indented global directive before any section',
    code: 'indented-global',
    text: `  quiescent=yes\n${virtual}${real}`,
    at: [1, 1, 2],
    means: `quiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'an indented virtual',
    code: 'indented-global',
    text: `${virtual}${real}  virtual=192.0.2.2:80\n${real}`,
    at: [3, 1, 2],
    means: `${virtual}${real}virtual=192.0.2.2:80\n${real}`,
  },
  {
    name: 'an unquoted string',
    code: 'unquoted-string',
    text: `${virtual}\trequest=index.html\n${real}`,
    at: [2, 10, 10],
    means: `${virtual}\trequest="index.html"\n${real}`,
  },
  {
    name: 'an unquoted global string with a comment',
    code: 'unquoted-string',
    text: `logfile=local0 # syslog\n${virtual}${real}`,
    at: [1, 9, 6],
    means: `logfile="local0"\n${virtual}${real}`,
  },
  {
    name: 'single quotes',
    code: 'single-quotes',
    text: `${virtual}\treceive='it works'\n${real}`,
    at: [2, 10, 10],
    means: `${virtual}\treceive="it works"\n${real}`,
  },
  {
    name: 'single quotes of a real server',
    code: 'single-quotes',
    text: `${virtual}\treal=10.0.0.1:80 gate 5 'a.html', 'ok'\n`,
    at: [2, 26, 14],
    means: `${virtual}\treal=10.0.0.1:80 gate 5 "a.html", "ok"\n`,
  },
  {
    name: 'typographic quotes',
    code: 'smart-quotes',
    text: `${virtual}\treceive=“ok”\n${real}`,
    at: [2, 10, 4],
    means: `${virtual}\treceive="ok"\n${real}`,
  },
  {
    name: 'quotes around a word',
    code: 'quoted-value',
    text: `quiescent="yes"\n${virtual}${real}`,
    at: [1, 11, 5],
    means: `quiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'capitals in a keyword',
    code: 'capitals',
    text: `Quiescent=yes\n${virtual}${real}`,
    at: [1, 1, 9],
    means: `quiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'capitals in a yes',
    code: 'capitals',
    text: `quiescent=YES\n${virtual}${real}`,
    at: [1, 11, 3],
    means: `quiescent=yes\n${virtual}${real}`,
  },
  {
    name: 'capitals in a scheduler',
    code: 'capitals',
    text: `${virtual}\tscheduler=WLC\n${real}`,
    at: [2, 12, 3],
    means: `${virtual}\tscheduler=wlc\n${real}`,
  },
  {
    name: 'capitals in a forwarding method',
    code: 'capitals',
    text: `${virtual}\treal=10.0.0.1:80 GATE 3\n`,
    at: [2, 19, 4],
    means: `${virtual}\treal=10.0.0.1:80 gate 3\n`,
  },
  {
    name: 'the protocol of a firewall mark for an address',
    code: 'protocol-fwm',
    text: `${virtual}\tprotocol=fwm\n${real}`,
    at: [2, 11, 3],
    means: `${virtual}${real}`,
  },
  {
    name: 'the protocol of a firewall mark for DNS, which stays UDP',
    code: 'protocol-fwm',
    text: `virtual=192.0.2.1:53\n\tprotocol = fwm\n${real}`,
    at: [2, 13, 3],
    means: `virtual=192.0.2.1:53\n${real}`,
  },
];

for (const { name, code, text, at, means } of mends) {
  test(`${name} (${code})`, () => {
    const mended = parse(text, { strict: false, services });
    assert.deepEqual(
      mended.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
    const warnings = mended.diagnostics.filter((one) => one.code === code);
    assert.equal(warnings.length, 1);
    assert.deepEqual(warnings[0]?.span, { line: at[0], column: at[1], length: at[2] });
    const meant = parse(means, { strict: true, services });
    assert.notEqual(meant.config, null);
    assert.deepEqual(withoutSpans(mended.config), withoutSpans(meant.config));
    assert.equal(parse(text, { strict: true, services }).config, null);
  });
}

test('a # in a quoted string is part of it', () => {
  const { config, diagnostics } = parse(`${virtual}\tpasswd="a#b" # c\n${real}`, { strict: false, services });
  assert.equal(config?.virtuals[0]?.passwd, 'a#b');
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span]),
    [
      ['trailing-comment', { line: 2, column: 15, length: 3 }],
      ['hash-in-string', { line: 2, column: 11, length: 1 }],
    ],
  );
});

test('mends that a whole file or section needs are told once', () => {
  const crlf = `${virtual}\tquiescent=yes\n\tcleanstop=yes\n${real}`.replaceAll('\n', '\r\n');
  const flat = `${virtual}real=10.0.0.1:80 gate\nservice=http\nquiescent=yes\n`;
  assert.deepEqual(codesOf(crlf), ['carriage-return']);
  assert.deepEqual(codesOf(`${flat}\n${flat.replaceAll(':80', ':81')}`), ['no-indentation', 'no-indentation']);
});

test('several mends of one line are all told', () => {
  assert.deepEqual(codesOf(`${virtual}  Quiescent = YES # always\n${real}`), [
    'short-indentation',
    'capitals',
    'trailing-comment',
    'capitals',
  ]);
  assert.deepEqual(codesOf(`Quiescent = "YES" # always\n${virtual}${real}`), [
    'capitals',
    'trailing-comment',
    'quoted-value',
    'capitals',
  ]);
});

test('a comment in a section, which the reference allows, is no matter', () => {
  assert.deepEqual(codesOf(`${virtual}  real=10.0.0.1:80 gate # first\n`), ['short-indentation']);
  assert.deepEqual(codesOf(`${virtual}\treal=10.0.0.1:80 GATE # first\n`), ['capitals']);
});

test('a # in a string without quotes is part of it unless a blank stands before', () => {
  const { config } = parse(`${virtual}\tpasswd=a#b # c\n${real}`, { strict: false, services });
  assert.equal(config?.virtuals[0]?.passwd, 'a#b');
});

test('nothing that only looks like a mend is mended', () => {
  for (const text of [
    'quiescent=maybe\n',
    'real=10.0.0.1:80 gate\n',
    `${virtual}\treceive="open\n`,
    'virtual=nowhere\n',
  ]) {
    assert.equal(parse(text, { strict: false, services }).config, null, text);
  }
});

function codesOf(text: string): string[] {
  const { config, diagnostics } = parse(text, { strict: false, services });
  assert.notEqual(config, null);
  return diagnostics.map(({ code }) => code);
}

function withoutSpans(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'span' ? undefined : inner)));
}
