import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { translatePattern } from '../../../src/config/pattern.js';
import { isFound, SearchOverrun } from '../../../src/probes/wire/bounded-search.js';

/** Patterns as people write them in a configuration. */
const patterns = [
  'OK',
  'Test Page',
  '^HTTP',
  'a.*z',
  'x+y*',
  '(a|b)+c',
  '\\d{3}',
  '[*+?{]',
  '\\+',
  '(?i)ok',
  '(.)\\1',
  'é$',
];

function regexOf(source: string): RegExp {
  const translation = translatePattern(source);
  assert.ok(translation.ok);
  return translation.regex;
}

describe('isFound', () => {
  it('is what the expression itself says, whichever way it is searched', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abcxyzOK*+?{19 é\n'), maxLength: 40 });
    fc.assert(
      fc.property(fc.constantFrom(...patterns), text, fc.boolean(), (pattern, short, isLong) => {
        const searched = isLong ? short.repeat(300) : short;
        const regex = regexOf(pattern);
        assert.equal(isFound(regex, searched), searched.search(regex) >= 0);
      }),
    );
  });

  for (const [pattern, text] of [
    ['^(a+)+$', `${'a'.repeat(40)}!`],
    ['(x+x+)+y', 'x'.repeat(60)],
    ['a*a*a*a*a*b', 'a'.repeat(5000)],
    ['.*\\1(q)?(z*)\\2!', 'z'.repeat(50_000)],
    ['[^q]+q', 'a'.repeat(1_000_000)],
  ] as const) {
    it(`gives up on ${pattern}`, () => {
      assert.throws(() => isFound(new RegExp(pattern, 'u'), text), SearchOverrun);
      assert.equal(isFound(new RegExp(pattern, 'u'), 'short'), new RegExp(pattern, 'u').test('short'));
    });
  }
});
