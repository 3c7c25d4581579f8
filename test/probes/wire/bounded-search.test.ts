import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { translatePattern } from '../../../src/config/pattern/pattern.js';
import { Hindrance } from '../../../src/probes/failure.js';
import { releaseKept } from '../../../src/probes/release.js';
import { isFound, SearchOverrun } from '../../../src/probes/wire/bounded-search.js';
import { stepsOf } from '../../../src/probes/wire/search-cost.js';
import { exhaustDescriptors } from '../../helpers/resource-limits.js';

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
  after(releaseKept);

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
    // With one quantifier, or none.
    ['^(a|aa)+$', `${'a'.repeat(60)}!`],
    ['(\\w|_)+@', `${'x_'.repeat(30)}!`],
    ['^([a-z]|[a-z0-9])+;', 'status0ok'.repeat(8)],
    ['(?:a|a)'.repeat(40), `${'a'.repeat(39)}b`],
    ['(x+x+)+y', 'x'.repeat(60)],
    ['a*a*a*a*a*b', 'a'.repeat(5000)],
    ['.*\\1(q)?(z*)\\2!', 'z'.repeat(50_000)],
    ['[^q]+q', 'a'.repeat(1_000_000)],
  ] as const) {
    it(`gives up on ${pattern}`, () => {
      assert.throws(() => isFound(new RegExp(pattern, 'u'), text), SearchOverrun);
      // The next one is not held up by the one that was given up.
      assert.equal(isFound(new RegExp(pattern, 'u'), 'short'), new RegExp(pattern, 'u').test('short'));
    });
  }

  it('never answers with what was found before, however soon a search comes after the thread began', async () => {
    // The longer a text takes to be handed over, the likelier the thread looks for it meanwhile.
    const text = `${'x'.repeat(8_000_000)}aab`;
    for (let round = 0; round < 20; round += 1) {
      await releaseKept();
      assert.equal(isFound(/(?:a|aa)+b/u, text), true, `round ${round}`);
    }
  });

  it('has no verdict where no thread can be started, and ends nothing', async () => {
    await releaseKept();
    const regex = /(a|aa)+b/u;
    const giveBack = exhaustDescriptors(256);
    try {
      assert.throws(() => isFound(regex, 'aab'), Hindrance);
    } finally {
      giveBack();
    }
    await releaseKept();
    assert.equal(isFound(regex, 'aab'), true);
  });
});

describe('the bound of a search', () => {
  for (const [source, degree] of [
    ['Test Page', 1],
    ['é(?=\\n?$)', 1],
    ['\\d{1,3}\\.\\d{1,3}', 1],
    ['(?:OK|UP|(?:ab?c){2,4})', 1],
    ['a.*z', 2],
    ['[^\\]q]{3,}?q', 2],
    ['(.)\\1', 2],
    ['\\p{L}*\\u{2f}[)(+*]', 2],
    ['.*ok.*', 3],
    ['(?=(a{1,}))\\1b', 3],
  ] as const) {
    it(`of ${source} grows with the text to the power of ${degree}`, () => {
      const regex = new RegExp(source, 'u');
      assert.equal(Math.log2(stepsOf(regex, 2 ** 11) / stepsOf(regex, 2 ** 10)), degree);
    });
  }

  it('is none for a group that repeats without end', () => {
    for (const source of ['(?:a|b)*', '(a+)+', '(?:ab){2,}', '(?:(?:a)?)+', '(?<name>x)+?']) {
      assert.equal(stepsOf(new RegExp(source, 'u'), 10), Number.POSITIVE_INFINITY, source);
    }
  });

  it('counts the ways of groups one after another', () => {
    const steps = (groups: number) => stepsOf(new RegExp('(?:a|b)'.repeat(groups), 'u'), 100);
    assert.ok(steps(30) > 2 ** 30 && steps(3) < 10_000);
  });
});
