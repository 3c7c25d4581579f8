/** Random patterns in Perl's syntax, mostly well-formed, over a small alphabet so that subjects match. */

import fc from 'fast-check';

const modifiers = fc.constantFrom('i', 'm', 's', 'x', 'xx', 'n', 'im', 'i-s', '-i', '^', '^i', '-', 'a', 'p');

const element = fc.constantFrom(
  ...['a', 'b', 'c', 'A', 'B', '-', '^', ']', '[', ' ', '.', '1', '_', '\\]', '\\-', '\\n', '\\d', '\\W', '\\S', '\\s'],
  ...['\\w', '\\h', '\\H', '\\v', '\\V', '\\b', '\\x41', '\\x{61}', '\\o{142}', '\\101', '\\1', '\\N{U+62}', '\\cA'],
  ...['a-c', 'A-b', '0-9', 'a-\\d', '\\w-z', '!--', '[:alpha:]', '[:^digit:]', '[:upper:]', '[:space:]', '[:punct:]'],
  ...['[:foo:]', '[:', ':]', '[.a.]', '\\p{Lu}', '\\PL', '\\p{^Alpha}', '\\R', '\\Q', '\\\\', '#', 'é', '\t', '{', '}'],
);

const brackets = fc
  .tuple(fc.constantFrom('', '', '^'), fc.array(element, { minLength: 1, maxLength: 4 }))
  .map(([caret, elements]) => `[${caret}${elements.join('')}]`);

const single = fc.constantFrom(
  ...[
    'a',
    'b',
    'c',
    'A',
    'B',
    '1',
    '_',
    '-',
    ' ',
    '#',
    '{',
    '}',
    ']',
    ',',
    'ab',
    'é',
    '\t',
    '.',
    '^',
    '$',
    '\\A',
    '\\z',
  ],
  ...[
    '\\Z',
    '\\G',
    '\\b',
    '\\B',
    '\\d',
    '\\D',
    '\\w',
    '\\W',
    '\\s',
    '\\S',
    '\\h',
    '\\H',
    '\\v',
    '\\V',
    '\\R',
    '\\N',
    '\\K',
  ],
  ...['\\n', '\\r', '\\t', '\\e', '\\x41', '\\x{ 42 }', '\\x{4_1}', '\\x', '\\o{101}', '\\0', '\\012', '\\101', '\\cA'],
  ...['\\N{U+61}', '\\p{L}', '\\P{L}', '\\pN', '\\p{IsUpper}', '\\p{Script=Latin}', '\\p{Greek}', '\\Q', '\\E', '\\Ua'],
  ...[
    '\\.',
    '\\{',
    '\\#',
    '\\ ',
    '\\"',
    '\\/',
    '\\y',
    '\\_',
    '(?#a)',
    '(*FAIL)',
    '\\Qa.b\\E',
    '{2}',
    '{a',
    '\\b{',
    '\\',
  ],
);

const reference = fc.constantFrom(
  ...[
    '\\1',
    '\\2',
    '\\3',
    '\\10',
    '\\18',
    '\\8',
    '\\g1',
    '\\g{1}',
    '\\g{-1}',
    '\\g{ -2 }',
    '\\g-1',
    '\\g{n}',
    '\\k<n>',
  ],
  ...['\\k{n}', "\\k'm'", '(?P=n)', '\\g{m}', '\\k', '\\g'],
);

const quantifier = fc.constantFrom(
  ...[
    '*',
    '+',
    '?',
    '{2}',
    '{0}',
    '{1,2}',
    '{,2}',
    '{ 1, 2 }',
    '{1,}',
    '{2,1}',
    '{,}',
    '{01}',
    '{a}',
    '{1,2,3}',
    '{70000}',
  ],
);

const opening = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('(', '(', '(?:', '(?:', '(?=', '(?!', '(?<=', '(?<!', '(?>', '(?|') },
  { weight: 2, arbitrary: fc.constantFrom('(?<n>', '(?<m>', "(?'n'", '(?P<m>', '(*pla:', '(*nlb:', '(*atomic:') },
  { weight: 2, arbitrary: modifiers.map((letters) => `(?${letters}:`) },
);

interface Patterns {
  readonly atom: string;
  readonly piece: string;
  readonly sequence: string;
  readonly alternation: string;
}

const { alternation } = fc.letrec<Patterns>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'group' },
    { weight: 10, arbitrary: single },
    { weight: 2, arbitrary: brackets },
    { weight: 2, arbitrary: reference },
    { weight: 1, arbitrary: modifiers.map((letters) => `(?${letters})`) },
    { weight: 6, arbitrary: fc.tuple(opening, tie('alternation')).map(([head, body]) => `${head}${body})`) },
  ),
  piece: fc
    .tuple(
      tie('atom'),
      fc.option(quantifier, { freq: 2, nil: '' }),
      fc.constantFrom('', '', '', '', '?', '+', ' +', ' ', '(?#b)', '*'),
    )
    .map(([atom, count, mode]) => atom + count + (count === '' && mode.length === 1 && mode !== ' ' ? '' : mode)),
  sequence: fc.array(tie('piece'), { maxLength: 4, depthIdentifier: 'group' }).map((pieces) => pieces.join('')),
  alternation: fc
    .tuple(tie('sequence'), fc.array(tie('sequence'), { maxLength: 1 }))
    .map(([first, rest]) => [first, ...rest].join('|')),
}));

/** Whole patterns, and now and then one with a character torn out. */
export const perlPattern: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '', '', '(?i)', '(?x)', '(?m)', '(?s)'), alternation, fc.nat(60))
  .map(([head, body, torn]) => {
    const whole = head + body;
    return torn < 4 && whole.length > torn ? whole.slice(0, torn) + whole.slice(torn + 1) : whole;
  });

const letter = fc.constantFrom(
  ...['a', 'a', 'a', 'b', 'b', 'b', 'c', 'A', 'B', '1', '_', '-', ' ', '\n', '\n', '\r', '\t', '{', '}', '2', ',', '.'],
  ...['\x01', '\x00', '#', '\x85', '\xa0', 'é', 'É', '\u2028', '^', ']'],
);

export const perlSubject: fc.Arbitrary<string> = fc.array(letter, { maxLength: 8 }).map((letters) => letters.join(''));
