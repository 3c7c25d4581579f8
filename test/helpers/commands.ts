/** Servers of lines of text, over whatever carries them. */

import type { Duplex } from 'node:stream';

/**
 * Says the greeting; each line then gets the answer of the first pattern that it matches, and nothing where none does.
 * It ends with who says farewell.
 */
export function commands(
  greeting: string,
  table: readonly (readonly [RegExp, string])[],
): (connection: Duplex) => void {
  return (connection) => {
    let unread = '';
    if (greeting !== '') connection.write(greeting);
    connection.on('data', (data: Buffer) => {
      const lines = `${unread}${data.toString('latin1')}`.split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) {
        const [, answer] = table.find(([pattern]) => pattern.test(line)) ?? [];
        if (answer !== undefined) connection.write(answer);
        if (/^(?:\S+ )?(?:QUIT|LOGOUT)/i.test(line)) connection.end();
      }
    });
  };
}
