/** Keeping secrets out of what is printed of a configuration file. */

import type { Secret } from '../file/directive.js';
import { directives } from '../file/directives.js';
import { settingRows } from '../settings/rows.js';

/** Of both files, since a line may stand in the wrong one. */
const secrets: readonly { readonly keyword: string; readonly secret: Secret | null }[] = [
  ...directives,
  ...settingRows.map(({ key, secret }) => ({ keyword: key, secret })),
];

function anyOf(expressionOf: (keyword: string, secret: Secret) => string): string {
  return secrets.flatMap(({ keyword, secret }) => (secret === null ? [] : [expressionOf(keyword, secret)])).join('|');
}

/** Where a secret may begin: behind its keyword, wherever that stands, and in whatever case. */
const keyword = new RegExp(String.raw`\b(?:${anyOf((word, { alike = word }) => alike)})\b[ \t]*=?`, 'i');

/** A first word that may be one of them, misspelt. Hiding too much does no harm. */
const misspelt = new RegExp(
  String.raw`^[#\s]*(?:${anyOf((word, { misspelt = consonants(word) }) => misspelt)})[^\w\s]*[ \t]*=?`,
  'i',
);

/** People lose vowels, and put other letters between: `logn`, `lohgin`. */
function consonants(word: string): string {
  return [...word.replace(/[aeiou]/g, '')].map((letter) => String.raw`${letter}\w*`).join('');
}

/** A key that is none, and says that it is about one. */
const telling = /^[^=]*?(?:token|pass|secret)[^=\s]*[^\w\s]*[ \t]*=?/i;

/** A password in an address: RFC 3986, section 3.2.1. */
const inAddress = /:\/\/[^\s/@:]*:(?=[^\s/]*@)/;

/**
 * The line with an asterisk for every character of the values of secrets, and of all that follows them: where a value
 * ends is unsure in a line that is wrong. Blanks and quotes stay, and so does the length.
 */
export function maskSecrets(line: string): string {
  const starts = [keyword, misspelt, telling, inAddress].flatMap((expression) => {
    const found = expression.exec(line);
    return found === null ? [] : [found.index + found[0].length];
  });
  if (starts.length === 0) {
    return line;
  }
  const start = Math.min(...starts);
  return line.slice(0, start) + line.slice(start).replace(/[^\s"']/g, '*');
}
