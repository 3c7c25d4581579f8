/** The command line of the benchmark. */

import { parseArgs } from 'node:util';
import { parseCores } from './processes.js';

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** A commit of this program to compare with, instead of other programs; null for none. */
  readonly against: string | null;
  /** How often each peer does each work; null is what suits the size. */
  readonly rounds: number | null;
  /** Processors for those who check; null is what suits the machine. */
  readonly cores: readonly number[] | null;
  /** Works whose names contain one of these; all where empty. */
  readonly names: readonly string[];
}

export const usage = `usage: npm run bench -- [--quick] [--json] [--rounds N] [--cores LIST]
                          [--against COMMIT] [NAME ...]
  --quick       fewer servers, short windows, one round
  --json        JSON on standard output instead of the table
  --rounds N    how often each peer does each work
  --cores LIST  processors for those who check, such as 0,2-3
  --against COMMIT  this version beside that one, in turns, and beside no other program
  NAME          only works whose names contain it
`;

/** Throws an error with what is wrong. */
export function readArguments(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      rounds: { type: 'string' },
      cores: { type: 'string' },
      against: { type: 'string' },
    },
  });
  const { quick, json, help } = values;
  const { against = null } = values;
  return {
    quick,
    json,
    help,
    against,
    rounds: roundsOf(values.rounds),
    cores: coresOf(values.cores),
    names: positionals,
  };
}

function roundsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--rounds takes a number from 1 to 999, not '${text}'`);
  return Number(text);
}

function coresOf(text: string | undefined): number[] | null {
  if (text === undefined) return null;
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) throw new Error(`--cores takes a list such as 0,2-3, not '${text}'`);
  return parseCores(text);
}
