import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ControlError, parseRequest, requestLine } from '../../src/control/protocol.js';

test('a request is read as it was written', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), (id, verb, others) => {
      const given = Object.fromEntries(Object.entries(others).filter(([key]) => !['v', 'id', 'verb'].includes(key)));
      const read = parseRequest(requestLine(id, verb, given).trimEnd());
      assert.equal(read.id, id);
      assert.equal(read.verb, verb);
      assert.equal(JSON.stringify(read.given), JSON.stringify(given));
    }),
    { numRuns: 50 },
  );
});

test('whatever else comes is refused by a code', () => {
  const refused = (line: string, code?: string): void => {
    assert.throws(
      () => parseRequest(line),
      (error) => error instanceof ControlError && (code === undefined || error.code === code),
    );
  };
  for (const line of ['', '[]', 'null', '1', '{"v":1}', '{"v":1,"verb":5}', '{"v":1,"id":{},"verb":"list"}']) {
    refused(line, 'bad-request');
  }
  refused('{"v":2,"id":1,"verb":"list"}', 'bad-version');
  refused('{"id":1,"verb":"list"}', 'bad-version');
  fc.assert(
    fc.property(fc.string(), (line) => refused(line)),
    { numRuns: 100 },
  );
});
