/** What a terminal in raw mode sends for keys. */

const sequences: Readonly<Record<string, string>> = {
  '\x03': 'ctrl-c',
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x1b': 'escape',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1b[5~': 'pageup',
  '\x1b[6~': 'pagedown',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
};

/** The keys in what was read: by name, or the character itself. Keys without a name here are left out. */
export function keysOf(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what terminals send.
  const pieces = text.match(/\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z])?|./gsu) ?? [];
  return pieces.flatMap((piece) => sequences[piece] ?? (/^\P{Cc}$/u.test(piece) ? [piece] : []));
}
