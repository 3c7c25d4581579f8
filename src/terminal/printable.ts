/** What most lines are made of alone, found out in half the time. */
const harmless = /^[ -~]*$/;

/**
 * What a server answered, or a file held, must not end a line, steer a terminal, turn the rest of a line around or hide
 * in it: control and format characters, the separators of lines and paragraphs, and halves of pairs.
 */
export function printable(text: string): string {
  return harmless.test(text) ? text : escaped(text);
}

/** Apart, with its properties of Unicode: V8 takes long to read them, and most texts need none. */
function escaped(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
  });
}
