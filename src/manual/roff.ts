/** Characters that mean something to troff, and how they are written so that they stand for themselves. */

/** As text of a page: ASCII alone, whatever the terminal that wrote it. */
export function escapeText(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll(/[^\x20-\x7e]/gu, (character) => `\\[u${hexOf(character)}]`);
}

/** As something to be copied: a hyphen is a minus to troff. */
export function escapeLiteral(text: string): string {
  return escapeText(text).replaceAll('-', '\\-');
}

/** As a line of its own, which must not begin a request. */
export function asLine(escaped: string): string {
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

const marks: Readonly<Record<string, string>> = { e: '\\', '-': '-', '(dq': '"', '&': '', fB: '', fP: '' };

/** What the reader sees of an escaped text, without its fonts. */
export function asRead(text: string): string {
  return text
    .replaceAll(/\\\[u([\dA-F]+)\]/g, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)))
    .replaceAll(/\\(e|-|&|\(dq|f[BP])/g, (_, mark: string) => marks[mark] ?? '');
}

function hexOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
