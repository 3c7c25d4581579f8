/** What the set-up does to a machine, one by one: changes of what the kernel has, and files for the next boot. */

import type { Change } from '../needs/change.js';
import { commandBack as changeBack, commandOf as changeCommand } from '../needs/commands.js';
import { quote } from '../quote.js';

export interface FileStep {
  readonly kind: 'write-file';
  readonly path: string;
  /** Null where there was none. */
  readonly before: string | null;
  readonly text: string;
  readonly mode: '644' | '755';
}

export type Step = Change | FileStep | { readonly kind: 'make-directory'; readonly path: string };

/** Beside the file while it is written: a dot keeps it from who reads the whole directory. */
export function unfinished(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/'))}/.ldirectord-new`;
}

export function commandOf(step: Step): string {
  switch (step.kind) {
    case 'write-file':
      return writing(step, step.text);
    case 'make-directory':
      return `mkdir -m 755 ${quote(step.path)}`;
    default:
      return changeCommand(step);
  }
}

/** Null where there is nothing of its own to take back. */
export function commandBack(step: Step): string | null {
  switch (step.kind) {
    case 'write-file':
      return step.before === null ? `rm -f ${quote(step.path)}` : writing(step, step.before);
    case 'make-directory':
      // Others can have put something there.
      return `rmdir ${quote(step.path)} 2>/dev/null || true`;
    default:
      return changeBack(step);
  }
}

/** The file is there whole or not at all. */
function writing({ path, mode }: FileStep, text: string): string {
  const fresh = quote(unfinished(path));
  return `printf %s ${quote(text)} >${fresh} && chmod ${mode} ${fresh} && mv -f ${fresh} ${quote(path)}`;
}
