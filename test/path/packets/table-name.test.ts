import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableName } from '../../../src/path/packets/table-name.js';

test('each instance has a table of its own, with a name that nft takes', () => {
  assert.equal(tableName('ldirectord.cf'), 'ldirectord');
  assert.equal(tableName('web.cf'), 'ldirectord_web.cf');
  const instances = [
    'web.cf',
    'web_cf',
    'web cf',
    'web;cf',
    'wéb.cf',
    `${'x'.repeat(250)}.cf`,
    `${'x'.repeat(250)}.cg`,
  ];
  const names = instances.map(tableName);
  assert.equal(new Set(names).size, instances.length);
  for (const name of names) assert.match(name, /^[a-z][\w.-]{0,200}$/);
});
