/** Unicode properties: the names that Perl takes in `\p{…}`, to those of JavaScript. */

/** General categories by short and long name. */
const categories = `
  c other, cc control, cf format, cn unassigned, co privateuse, cs surrogate, l letter, lc casedletter,
  ll lowercaseletter, lm modifierletter, lo otherletter, lt titlecaseletter, lu uppercaseletter, m mark,
  mc spacingmark, me enclosingmark, mn nonspacingmark, n number, nd decimalnumber, nl letternumber,
  no othernumber, p punctuation, pc connectorpunctuation, pd dashpunctuation, pe closepunctuation,
  pf finalpunctuation, pi initialpunctuation, po otherpunctuation, ps openpunctuation, s symbol,
  sc currencysymbol, sk modifiersymbol, sm mathsymbol, so othersymbol, z separator, zl lineseparator,
  zp paragraphseparator, zs spaceseparator`;

const category: ReadonlyMap<string, string> = new Map(
  categories.split(',').flatMap((entry) => {
    const [short = '', long = ''] = entry.trim().split(' ');
    const js = `\\p{${short === 'lc' ? 'LC' : short.charAt(0).toUpperCase() + short.slice(1)}}`;
    return [
      [short, js],
      [long, js],
    ] as const;
  }),
);

const wordCharacters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}';

/** Names that are no general category, in Perl's loose form: lower case, without blanks, `_` and `-`. */
const others: ReadonlyMap<string, string> = new Map([
  ['any', '\\p{Any}'],
  ['unicode', '\\p{Any}'],
  ['all', '\\p{Any}'],
  ['assigned', '\\p{Assigned}'],
  ['ascii', '\\p{ASCII}'],
  ['l&', '\\p{LC}'],
  ['alpha', '\\p{Alphabetic}'],
  ['alphabetic', '\\p{Alphabetic}'],
  ['xposixalpha', '\\p{Alphabetic}'],
  ['alnum', '\\p{Alphabetic}\\p{Nd}'],
  ['xposixalnum', '\\p{Alphabetic}\\p{Nd}'],
  ['digit', '\\p{Nd}'],
  ['xposixdigit', '\\p{Nd}'],
  ['upper', '\\p{Uppercase}'],
  ['uppercase', '\\p{Uppercase}'],
  ['xposixupper', '\\p{Uppercase}'],
  ['lower', '\\p{Lowercase}'],
  ['lowercase', '\\p{Lowercase}'],
  ['xposixlower', '\\p{Lowercase}'],
  ['title', '\\p{Lt}'],
  ['titlecase', '\\p{Lt}'],
  ['space', '\\p{White_Space}'],
  ['spaceperl', '\\p{White_Space}'],
  ['xposixspace', '\\p{White_Space}'],
  ['xperlspace', '\\p{White_Space}'],
  ['whitespace', '\\p{White_Space}'],
  ['word', wordCharacters],
  ['xposixword', wordCharacters],
  ['posixalpha', 'A-Za-z'],
  ['posixalnum', '0-9A-Za-z'],
  ['posixdigit', '0-9'],
  ['posixupper', 'A-Z'],
  ['posixlower', 'a-z'],
  ['posixspace', '\\x09-\\x0d\\x20'],
  ['posixword', '0-9A-Z_a-z'],
  ['posixpunct', '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e'],
  ['hexdigit', '\\p{Hex_Digit}'],
  ['hex', '\\p{Hex_Digit}'],
  ['xdigit', '\\p{Hex_Digit}'],
  ['asciihexdigit', '0-9A-Fa-f'],
  ['ahex', '0-9A-Fa-f'],
  ['posixxdigit', '0-9A-Fa-f'],
  ['punct', '\\p{P}'],
  ['cntrl', '\\p{Cc}'],
  ['dash', '\\p{Dash}'],
  ['emoji', '\\p{Emoji}'],
  ['idstart', '\\p{ID_Start}'],
  ['idcontinue', '\\p{ID_Continue}'],
  ['math', '\\p{Math}'],
]);

/** Under `i` these are all letters that have cases; `\p{Lt}` too. */
const cased: ReadonlySet<string> = new Set(['\\p{Lu}', '\\p{Ll}', '\\p{Lt}']);
const casedWords: ReadonlySet<string> = new Set(['\\p{Uppercase}', '\\p{Lowercase}']);
const casedAscii: ReadonlySet<string> = new Set(['A-Z', 'a-z']);

/**
 * The inside of a JavaScript class (flag `v`) for a property as Perl names it: `L`, `IsAlpha`, `Greek`,
 * `Script=Greek`, `gc:Lu`. Undefined where it is not known here.
 */
export function propertyClass(name: string, ignoreCase: boolean): string | undefined {
  const set = lookUp(name);
  if (set === undefined || !ignoreCase) {
    return set;
  }
  if (cased.has(set)) {
    return '\\p{LC}';
  }
  if (casedWords.has(set)) {
    return '\\p{Cased}';
  }
  return casedAscii.has(set) ? 'A-Za-z' : set;
}

function lookUp(name: string): string | undefined {
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
function script(property: string, name: string): string | undefined {
  const spelled = name
    .trim()
    .split(/[\s_-]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join('_');
  if (!/^[A-Za-z_]+$/.test(spelled)) {
    return undefined;
  }
  const set = `\\p{${property}=${spelled}}`;
  try {
    new RegExp(set, 'v');
    return set;
  } catch {
    return undefined;
  }
}
