import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskSecrets } from '../../../src/config/diagnostics/mask.js';

const masked: readonly (readonly [string, string])[] = [
  ['  passwd = "s3cret"', '  passwd = "******"'],
  ["\tlogin='me' # mine", "\tlogin='**' * ****"],
  ['  secret=abc', '  secret=***'],
  ['  PassWd=abc', '  PassWd=***'],
  ['passwd abc', 'passwd ***'],
  ['passwd: abc', 'passwd* ***'],
  ['pasword = abc', 'pasword = ***'],
  ['sceret = "a=b"', 'sceret = "***"'],
  ['logn=abc', 'logn=***'],
  ['httptoken = abc', 'httptoken = ***'],
  ['http_tokn: abc', 'http_tokn: ***'],
  ['http-token = abc', 'http-token = ***'],
  ['http_token: abc', 'http_token: ***'],
  ['http token = abc', 'http token = ***'],
  ['api.Token abc', 'api.Token ***'],
  ['mysql_pass = "abc"', 'mysql_pass = "***"'],
  ['clientSecretKey=abc', 'clientSecretKey=***'],
  ['# passwd=abc', '# passwd=***'],
  ['  service=ftp passwd="a" login="b"', '  service=ftp passwd="*" ******"*"'],
  ['  passwd = “abc”', '  passwd = *****'],
  ['  passwd = "abc', '  passwd = "***'],
  ['endpoints = https://me:abc@lb1:2379', 'endpoints = https://me:************'],
];

for (const [line, expected] of masked) {
  test(`masks ${line}`, () => {
    assert.equal(maskSecrets(line), expected);
  });
}

test('other lines stay as they are', () => {
  for (const line of [
    'virtual=10.0.0.1:80',
    '  scheduler=wlc',
    '  service=http',
    '  persistent=600',
    'logfile="local0"',
    '  request="/index?token=none"',
    '  fallbackcommand=/usr/bin/pass-on',
  ]) {
    assert.equal(maskSecrets(line), line);
  }
});

test('no value is seen, however the line is written, and nothing moves', () => {
  const secret = fc.stringMatching(/^[A-Z0-9]{6,12}$/);
  fc.assert(
    fc.property(
      fc.constantFrom('passwd', 'secret', 'login', 'PASSWD', 'Login', 'passwrd'),
      fc.constantFrom('=', ' = ', ' ', '\t=\t', '==', ' =  = '),
      fc.constantFrom('', '"', "'", '“', '""', '#'),
      secret,
      fc.stringMatching(/^[ \t]{0,4}$/),
      (word, sign, quote, value, indentation) => {
        const line = `${indentation}${word}${sign}${quote}${value}${quote}`;
        const shown = maskSecrets(line);
        assert.equal(shown.length, line.length);
        assert.ok(!shown.includes(value), shown);
      },
    ),
  );
});
