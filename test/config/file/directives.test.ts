import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directiveOf, directives, nearestKeyword } from '../../../src/config/file/directives.js';

test('each directive has one row, with a summary', () => {
  const keywords = directives.map(({ keyword }) => keyword);
  assert.equal(new Set(keywords).size, keywords.length);
  for (const { summary, keyword } of directives) {
    assert.ok(summary.length > 5 && !summary.endsWith('.'), keyword);
    assert.equal(directiveOf(keyword)?.summary, summary);
  }
});

test('no row says anything that breaks a table', () => {
  for (const { keyword, scope, fallback, summary } of directives) {
    assert.doesNotMatch(`${keyword}${scope}${fallback}${summary}`, /[|\n]/, keyword);
  }
});

test('the nearest keyword is near', () => {
  assert.equal(nearestKeyword('reall'), 'real');
  assert.equal(nearestKeyword('QUIESENT'), 'quiescent');
  assert.equal(nearestKeyword('check_interval'), 'checkinterval');
  assert.equal(nearestKeyword('password'), 'passwd');
  assert.equal(nearestKeyword('weight'), undefined);
  assert.equal(nearestKeyword('x'), undefined);
});
