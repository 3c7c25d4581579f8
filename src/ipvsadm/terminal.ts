/** Where a command line's input comes from, and where its words go. */

import { once } from 'node:events';

export interface Terminal {
  readonly input: () => AsyncIterable<string>;
  /** Settles when there is room for more. */
  readonly print: (text: string) => Promise<void>;
  /** A line, without its end. */
  readonly complain: (line: string) => void;
}

/** Exit status, as of a program that SIGPIPE ended: who was to read the output went away. */
const brokenPipe = 141;

/** This process' own. */
export function ownTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  stdout.on('error', () => process.exit(brokenPipe));
  return {
    input: () => stdin.setEncoding('utf8'),
    print: async (text) => {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    complain: (line) => void stderr.write(`${line}\n`),
  };
}
