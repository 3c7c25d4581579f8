/** Unicode properties: the names that Perl takes in `\p{…}`, to those of JavaScript. */

import { type CharacterSet, pairs, renderSet } from './characters.js';

/** General categories by short and long name. */
const categories = `
  c other, cc control, cf format, cn unassigned, co privateuse, cs surrogate, l letter, lc casedletter,
  ll lowercaseletter, lm modifierletter, lo otherletter, lt titlecaseletter, lu uppercaseletter, m mark,
  mc spacingmark, me enclosingmark, mn nonspacingmark, n number, nd decimalnumber, nl letternumber,
  no othernumber, p punctuation, pc connectorpunctuation, pd dashpunctuation, pe closepunctuation,
  pf finalpunctuation, pi initialpunctuation, po otherpunctuation, ps openpunctuation, s symbol,
  sc currencysymbol, sk modifiersymbol, sm mathsymbol, so othersymbol, z separator, zl lineseparator,
  zp paragraphseparator, zs spaceseparator`;

const category: ReadonlyMap<string, CharacterSet> = new Map(
  categories.split(',').flatMap((entry) => {
    const [short = '', long = ''] = entry.trim().split(' ');
    const set = properties(short === 'lc' ? 'LC' : short.charAt(0).toUpperCase() + short.slice(1));
    return [
      [short, set],
      [long, set],
    ] as const;
  }),
);

function properties(...names: string[]): CharacterSet {
  return { ranges: [], properties: names.map((name) => `\\p{${name}}`) };
}

const alphabetic = properties('Alphabetic');
const alphanumeric = properties('Alphabetic', 'Nd');
const digits = properties('Nd');
const uppercase = properties('Uppercase');
const lowercase = properties('Lowercase');
const titlecase = properties('Lt');
const whiteSpace = properties('White_Space');
const hexDigit = properties('Hex_Digit');
const wordCharacters = properties('Alphabetic', 'M', 'Nd', 'Pc', 'Join_Control');
const casedLetter = properties('LC');
const any = properties('Any');
const asciiHexDigit = pairs('09AFaf');

/** Names that are no general category, in Perl's loose form: lower case, without blanks, `_` and `-`. */
const others: ReadonlyMap<string, CharacterSet> = new Map([
  ['any', any],
  ['unicode', any],
  ['all', any],
  ['assigned', properties('Assigned')],
  ['ascii', properties('ASCII')],
  ['l&', casedLetter],
  ['alpha', alphabetic],
  ['alphabetic', alphabetic],
  ['xposixalpha', alphabetic],
  ['alnum', alphanumeric],
  ['xposixalnum', alphanumeric],
  ['digit', digits],
  ['xposixdigit', digits],
  ['upper', uppercase],
  ['uppercase', uppercase],
  ['xposixupper', uppercase],
  ['lower', lowercase],
  ['lowercase', lowercase],
  ['xposixlower', lowercase],
  ['title', titlecase],
  ['titlecase', titlecase],
  ['space', whiteSpace],
  ['spaceperl', whiteSpace],
  ['xposixspace', whiteSpace],
  ['xperlspace', whiteSpace],
  ['whitespace', whiteSpace],
  ['word', wordCharacters],
  ['xposixword', wordCharacters],
  ['posixalpha', pairs('AZaz')],
  ['posixalnum', pairs('09AZaz')],
  ['posixdigit', pairs('09')],
  ['posixupper', pairs('AZ')],
  ['posixlower', pairs('az')],
  ['posixspace', pairs('\t\r  ')],
  ['posixword', pairs('09AZ__az')],
  ['posixpunct', pairs('!/:@[`{~')],
  ['hexdigit', hexDigit],
  ['hex', hexDigit],
  ['xdigit', hexDigit],
  ['asciihexdigit', asciiHexDigit],
  ['ahex', asciiHexDigit],
  ['posixxdigit', asciiHexDigit],
  ['punct', properties('P')],
  ['cntrl', properties('Cc')],
  ['dash', properties('Dash')],
  ['emoji', properties('Emoji')],
  ['idstart', properties('ID_Start')],
  ['idcontinue', properties('ID_Continue')],
  ['math', properties('Math')],
]);

/** What a set becomes where case is ignored. */
const uncased: ReadonlyMap<string, CharacterSet> = new Map([
  ['[\\p{Lu}]', casedLetter],
  ['[\\p{Ll}]', casedLetter],
  ['[\\p{Lt}]', casedLetter],
  ['[\\p{Uppercase}]', properties('Cased')],
  ['[\\p{Lowercase}]', properties('Cased')],
  ['[A-Z]', pairs('AZaz')],
  ['[a-z]', pairs('AZaz')],
]);

/**
 * The set for a property as Perl names it: `L`, `IsAlpha`, `Greek`, `Script=Greek`, `gc:Lu`. Undefined
 * where it is not known here.
 */
export function propertyClass(name: string, ignoreCase: boolean): CharacterSet | undefined {
  const set = lookUp(name);
  return set !== undefined && ignoreCase ? (uncased.get(renderSet(set)) ?? set) : set;
}

function lookUp(name: string): CharacterSet | undefined {
  const [key = '', value] = name.split(/[=:]/, 2);
  const property = loose(key);
  if (value === undefined) {
    const single = property.replace(/^is/, '');
    // `L_` is `L&`; every other underscore means nothing.
    const known = /^\s*(is)?l_\s*$/i.test(name) ? others.get('l&') : (category.get(single) ?? others.get(single));
    return known ?? script('Script_Extensions', key.replace(/^\s*is[ _-]*/i, ''));
  }
  if (property === 'gc' || property === 'generalcategory' || property === 'category') {
    return /^\s*l[&_]\s*$/i.test(value) ? others.get('l&') : category.get(loose(value));
  }
  if (property === 'sc' || property === 'script') {
    return script('Script', value);
  }
  return property === 'scx' || property === 'scriptextensions' ? script('Script_Extensions', value) : undefined;
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** JavaScript wants scripts in one spelling: `Old_Italic`, `Grek`. */
function script(property: string, name: string): CharacterSet | undefined {
  const spelled = name
    .trim()
    .split(/[\s_-]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('_');
  if (!/^[A-Za-z_]+$/.test(spelled)) {
    return undefined;
  }
  const set = properties(`${property}=${spelled}`);
  try {
    new RegExp(renderSet(set), 'u');
    return set;
  } catch {
    return undefined;
  }
}
