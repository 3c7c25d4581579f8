/** What goes wrong, and what people see meanwhile: on standard error. */

import { printable } from '../../terminal/printable.js';

export function tell(text: string): void {
  process.stderr.write(`ldirectord: setup: ${printable(text)}\n`);
}

/** On a terminal, how many of them are done; elsewhere nothing. */
export function progress(doing: string): { readonly onDone: () => void; readonly end: () => void } {
  if (process.stderr.isTTY !== true) return { onDone: () => {}, end: () => {} };
  let count = 0;
  return {
    onDone: () => {
      count += 1;
      process.stderr.write(`\r\u001b[K${doing}: ${count}`);
    },
    end: () => void process.stderr.write('\r\u001b[K'),
  };
}
