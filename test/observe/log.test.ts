import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ctime, streamLog } from '../../src/observe/log.js';

function written(colour: boolean): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const log = streamLog(stream, { colour });
  log({ type: 'terminated', cause: 'signal: TERM' });
  log({ type: 'table-failed', object: '192.0.2.1:80', failure: { code: 'EACCES', message: 'no right to listen' } });
  return text;
}

test('plain lines with a date in a pipe', () => {
  const lines = written(false).split('\n');
  assert.match(lines[0] ?? '', /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] Linux Director Daemon terminated/);
  assert.equal(lines[1]?.replace(/^\[.*?\] /, ''), '192.0.2.1:80: no right to listen (EACCES)');
});

test('colours on a terminal, around the same text', () => {
  const coloured = written(true);
  assert.ok(coloured.includes('\u001b[31m192.0.2.1'));
  const withoutDates = (text: string) => text.replaceAll(/\[.*?\]/g, '');
  assert.equal(withoutDates(stripVTControlCharacters(coloured)), withoutDates(written(false)));
});

test('dates are as ctime(3) writes them', () => {
  assert.equal(ctime(new Date(2026, 10, 1, 8, 4, 9)), 'Sun Nov  1 08:04:09 2026');
});
