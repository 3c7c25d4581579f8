/** argv, taken apart: options for the program, the configuration, the verb, and what belongs to the verb. */

import { parseArgs } from 'node:util';
import { backendNames } from '../ipvs/capabilities.js';
import { type Command, usage } from './command.js';

export interface CommandLine {
  readonly help: boolean;
  readonly version: boolean;
  /** Empty where help or version is all that was asked for. */
  readonly verb: string;
  readonly command: Command;
}

export interface KnownVerb {
  /** Whether the words after it are its own. */
  readonly takesArguments: boolean;
  /** Whether the word after it may be a verb’s name and is none. */
  readonly isAboutVerbs?: boolean;
}

const options = {
  debug: { type: 'boolean', short: 'd', default: false },
  foreground: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  backend: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const;

/** Throws a usage error where it makes no sense; `find` knows the verbs. */
export function readCommandLine(argv: readonly string[], find: (name: string) => KnownVerb | undefined): CommandLine {
  const args = argv.map((word) => (word === '-?' ? '-h' : word));
  const place = verbPlace(args, find);
  const known = place && find(place.verb);
  const own = known?.takesArguments ? args.slice(place?.index ?? 0).slice(1) : [];
  const { values, positionals } = parseArgs({
    args: args.slice(0, args.length - own.length),
    allowPositionals: true,
    options,
  });
  const { debug, foreground, strict, help, version } = values;
  const backend = backendNames.find((name) => name === values.backend);
  if (values.backend !== undefined && !backend) {
    throw usage(`no such backend: '${values.backend}'; there are ${backendNames.join(', ')}`);
  }
  const command = { config: place?.config, debug, foreground, strict, backend, args: own };
  const verb = place?.verb ?? '';
  if (help || version || own.includes('--help') || own.includes('-h')) {
    return { help: !version, version, verb, command };
  }
  if (place === null) {
    const last = positionals.at(-1);
    throw usage(last === undefined ? 'needs a VERB' : `no such verb: '${last}'`);
  }
  const words = place.config === undefined ? 1 : 2;
  if (positionals.length > words) throw usage('too many arguments');
  return { help: false, version: false, verb, command };
}

interface Place {
  readonly config: string | undefined;
  readonly verb: string;
  /** Of the verb among the words. */
  readonly index: number;
}

/** Null where no verb stands at its place. */
function verbPlace(args: readonly string[], find: (name: string) => KnownVerb | undefined): Place | null {
  const { tokens } = parseArgs({ args: [...args], allowPositionals: true, strict: false, tokens: true, options });
  const [first, second, ...more] = tokens.filter((token) => token.kind === 'positional');
  if (first === undefined) return null;
  const firstVerb = find(first.value);
  const secondVerb = second && find(second.value);
  // As Perl's ldirectord has it: of two words the last is the verb, whatever the configuration is called.
  const isTwo = second !== undefined && more.length === 0 && secondVerb?.takesArguments === false;
  const isPair = isTwo && firstVerb?.isAboutVerbs !== true;
  if (firstVerb !== undefined && !isPair) return { config: undefined, verb: first.value, index: first.index };
  if (second === undefined || secondVerb === undefined) return null;
  return { config: first.value, verb: second.value, index: second.index };
}
