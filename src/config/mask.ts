/** Keeping secrets out of what is printed of a configuration file. */

/** Where a secret may begin: behind its keyword, wherever that stands, and in whatever case. */
const keyword = /\b(?:passw\w*|secret|login|requestheader|httptoken)\b[ \t]*=?/i;

/** A first word that may be one of them, misspelt. Hiding too much does no harm. */
const misspelt = /^[#\s]*(?:p[as]\w*|s[ec]\w*t\w*|l\w*g\w*n\w*|r\w*h\w*d\w*r\w*|h\w*to?k\w*)[^\w\s]*[ \t]*=?/i;

/** A key that is none, and says that it is about one. */
const telling = /^[^=]*?(?:token|pass|secret)[^=\s]*[^\w\s]*[ \t]*=?/i;

/**
 * The line with an asterisk for every character of the values of passwd=, secret=, login=, requestheader= and httptoken=,
 * and of all that follows them: where a value ends is unsure in a line that is wrong. Blanks and quotes stay, and so
 * does the length.
 */
export function maskSecrets(line: string): string {
  const starts = [keyword, misspelt, telling].flatMap((expression) => {
    const found = expression.exec(line);
    return found === null ? [] : [found.index + found[0].length];
  });
  if (starts.length === 0) {
    return line;
  }
  const start = Math.min(...starts);
  return line.slice(0, start) + line.slice(start).replace(/[^\s"']/g, '*');
}
