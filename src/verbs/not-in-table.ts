/** Says what somebody waits for in vain. */

import { printable } from '../terminal/printable.js';

export function notInTable(file: string, verb: string, words: string): string {
  return `ldirectord: ${file}: ${verb}: not in the table yet: ${printable(words)}\n`;
}
