/** What the command line asks for, and how a verb ends. */

import type { BackendName } from '../ipvs/capabilities.js';

export interface Command {
  /** As given; undefined for the default. */
  readonly config: string | undefined;
  readonly debug: boolean;
  readonly foreground: boolean;
  readonly strict: boolean;
  /** Undefined for what the settings say. */
  readonly backend: BackendName | undefined;
  /** The words after the verb, where they are its own. */
  readonly args: readonly string[];
}

/** Exit statuses that all verbs share. */
export const done = 0;
/** It could not be done; `status`: a pid file stands whose process is gone. */
export const failed = 1;
/** The command line or the configuration is wrong. */
export const unusable = 2;
/** Of `status`. */
export const stopped = 3;
/** Of `plan`. */
export const changes = 4;
/** Of `status --ready`. */
export const unready = 5;

/**
 * Ends the daemon and leaves the table as the file asks for, for the next daemon to adopt. Perl's ldirectord does
 * not catch it and dies on the spot: its table stays, too.
 */
export const handOverSignal: NodeJS.Signals = 'SIGUSR2';

/** The words that hand `--backend` on; none where the settings decide. */
export function backendOption({ backend }: Pick<Command, 'backend'>): string[] {
  return backend === undefined ? [] : ['--backend', backend];
}

export type Verb = (command: Command) => Promise<number>;

/** The command line makes no sense. */
export function usage(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_USAGE' });
}

/** What is said of an error that ends the program, and its exit status; `verb` is empty where there was none yet. */
export function failure(error: unknown, verb: string): { readonly words: string; readonly status: number } {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  const isParsing = code.startsWith('ERR_PARSE_ARGS');
  if (code !== 'ERR_USAGE' && !isParsing) return { words: `ldirectord: ${message}\n`, status: failed };
  // Node goes on about what one may have meant, in sentences of its own.
  const [fault = ''] = isParsing ? message.split(/\.?\n|\. /) : [message];
  const help = ['ldirectord', verb, '--help'].filter((word) => word !== '').join(' ');
  return { words: `ldirectord: ${fault}\nTry '${help}'.\n`, status: unusable };
}
