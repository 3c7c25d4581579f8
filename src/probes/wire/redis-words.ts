/** A command of Redis as people write it: words with quotes, as `redis-cli` and the server itself take them. */

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** What stands between blanks, with quotes anywhere in it; behind a closing one it is at its end. */
const word = /[\t-\r ]*((?:"(?:\\.|[^"\\])*"(?![^\t-\r ])|'(?:\\'|\\(?!')|[^'\\])*'(?![^\t-\r ])|[^\t-\r "'])+)/suy;
const part = /"((?:\\.|[^"\\])*)"|'((?:\\'|\\(?!')|[^'\\])*)'|([^"']+)/gsu;

/** Its words as the bytes that they stand for; null where a quote has no end, or the word goes on behind it. */
export function redisWords(command: string): readonly Buffer[] | null {
  const text = command.replace(/[\t-\r ]+$/, '');
  const words: Buffer[] = [];
  word.lastIndex = 0;
  while (word.lastIndex < text.length) {
    const [, found] = word.exec(text) ?? [];
    if (found === undefined) return null;
    words.push(
      Buffer.concat([...found.matchAll(part)].map(([, double, single, bare]) => bytesOf(double, single, bare))),
    );
  }
  return words;
}

function bytesOf(double: string | undefined, single: string | undefined, bare = ''): Buffer {
  if (double !== undefined) return unescapeWord(double);
  return Buffer.from(single === undefined ? bare : single.replaceAll("\\'", "'"));
}

/** `\xhh` is a byte, whatever stands around it. */
function unescapeWord(text: string): Buffer {
  const pieces = text.split(/\\(x[\da-fA-F]{2}|.)/su);
  return Buffer.concat(
    pieces.map((piece, index) => {
      if (index % 2 === 0) return Buffer.from(piece);
      return /^x../u.test(piece) ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(escapes[piece] ?? piece);
    }),
  );
}
