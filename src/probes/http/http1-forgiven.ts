/** Heads of responses that are not as RFC 9112 has them, and that browsers, curl and the reference understand. */

/** Of any version, in any case, with any number of blanks, and nothing else before it: the three digits would be a guess. */
const statusLine = /^(?:HTTP\/(\d+)(?:\.(\d+))?|ICY)[\t ]+([1-9]\d\d)(?:[\t ]+(.*))?$/is;
/** A blank before the colon is no part of the name (section 5.1). */
const field = /^([^\t :]+)[\t ]*:(.*)$/;
/** A line that goes on is an old form of one (section 5.2). */
const folds = /\r?\n[\t ]+/g;
/** What counts as a blank in a value (RFC 9110, section 5.5). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\0-\x08\x0b-\x1f\x7f]/g;

/**
 * The head that was meant, in the form that the RFC has for it; as it is where it has no status. Lines that are no
 * headers are passed over, as are those right below the status line that begin with a blank (section 2.2).
 */
export function forgive(said: string): string {
  const feed = said.indexOf('\n') + 1;
  const [, major, minor, code, phrase = ''] = statusLine.exec(ended(said.slice(0, feed))) ?? [];
  if (code === undefined) return said;
  // What another version promises about the connection is not known.
  const persists = major === '1' && Number(minor) > 0;
  const fields = said.slice(feed).replaceAll(folds, ' ').split('\n').map(clean).flatMap(written);
  return `HTTP/1.${persists ? 1 : 0} ${code} ${blank(phrase)}\r\n${fields.join('')}\r\n`;
}

/** A line without its end. */
function ended(line: string): string {
  return line.replace(/\r?\n?$/, '');
}

function blank(text: string): string {
  return text.replaceAll(controls, ' ');
}

function clean(line: string): string {
  return blank(ended(line));
}

function written(line: string): string[] {
  const [, name, value] = field.exec(line) ?? [];
  return name === undefined ? [] : [`${name}:${value}\r\n`];
}
