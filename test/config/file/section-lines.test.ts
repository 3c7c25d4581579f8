import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionLines } from '../../../src/config/file/section-lines.js';
import { configOf, realOf } from '../../helpers/configuration.js';

const text = `checkinterval=5
virtual=192.0.2.1:80
	# web1 is old
	real=10.0.0.1:80 gate
	real=10.0.0.2:80 gate 3

	service=http
	passwd="hunter2"
# between
	request="/"
virtual=192.0.2.2:80
	real=10.0.0.1:80 gate
`;

test('of a section: the virtual’s lines and the one server’s, with their numbers, without secrets', () => {
  const config = configOf(text);
  const [first, second] = config.virtuals;
  assert.ok(first && second);
  assert.deepEqual(
    sectionLines(text, config, first, realOf(first, 1)).map(({ line, text: shown }) => `${line}:${shown}`),
    [
      '2:virtual=192.0.2.1:80',
      '5:\treal=10.0.0.2:80 gate 3',
      '7:\tservice=http',
      '8:\tpasswd="*******"',
      '10:\trequest="/"',
    ],
  );
  assert.deepEqual(
    sectionLines(text, config, second, realOf(second)).map(({ line }) => line),
    [11, 12],
  );
});

test('a fallback of the global section comes first', () => {
  const globally = `fallback=127.0.0.1:80\n${text}`;
  const config = configOf(globally);
  const [first] = config.virtuals;
  const [fallback] = first?.fallbacks ?? [];
  assert.ok(first && fallback);
  assert.deepEqual(
    sectionLines(globally, config, first, fallback).map(({ line }) => line),
    [1, 3, 8, 9, 11],
  );
});
