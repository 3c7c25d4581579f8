import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileOf, pageOf, pages } from '../../src/manual/pages.js';
import { verbRow } from '../../src/verbs/table.js';

test('a page is found by its topic and by its name, with or without the section', () => {
  for (const word of ['cf', 'ldirectord.cf', 'ldirectord.cf.5', 'ldirectord.cf(5)']) {
    assert.equal(pageOf(word)?.name, 'ldirectord.cf', word);
  }
  for (const page of pages) assert.equal(pageOf(fileOf(page)), page);
  assert.equal(pageOf('ldirectord.cf.8'), undefined);
});

test('no topic is a verb', () => {
  for (const { topic, name } of pages) assert.deepEqual([verbRow(topic), verbRow(name)], [undefined, undefined]);
});
