/** Programs that a configuration names or needs: which they are, and a warning for each that is not there. */

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Config, Span } from '../model/config.js';
import { spanIn } from '../model/section-span.js';
import type { Diagnostic } from './diagnostics/diagnostics.js';
import type { Places } from './file/reader.js';

export interface NamedProgram {
  /** A path, or a name to be found in PATH. */
  readonly program: string;
  /** Perl reads the file of a check of its own, which need not be executable. */
  readonly use: 'executed' | 'read';
  /** What names it: a directive, or a value of one. */
  readonly by: string;
  /** What comes of it where the program is not there. */
  readonly otherwise: string;
  readonly span: Span;
}

const staysDown = 'its real servers stay down';
const neverRuns = 'it never runs';

/** `sections` are those of the virtual services, in the same order. */
export function programsIn(config: Config, { globalPlaces, sections }: Places): NamedProgram[] {
  const { global, virtuals } = config;
  const found: NamedProgram[] = [];
  const add = (program: string | null, rest: Omit<NamedProgram, 'program' | 'span'>, span: Span | undefined): void => {
    // Of one of blanks alone was warned where it was read.
    if (program?.trim() && span !== undefined) found.push({ program, ...rest, span });
  };
  const command = (text: string | null, by: string, span: Span | undefined): void =>
    add(text === null ? null : firstWord(text), { use: 'executed', by, otherwise: neverRuns }, span);
  command(global.callback, 'callback', globalPlaces.get('callback'));
  command(global.fallbackcommand, 'fallbackcommand', globalPlaces.get('fallbackcommand'));
  let needsPerl = false;
  for (const [index, virtual] of virtuals.entries()) {
    const places = sections[index]?.places;
    // One that is inherited was named by the global section.
    command(virtual.fallbackcommand, 'fallbackcommand', places?.get('fallbackcommand'));
    const { checktype, checkcommand } = virtual;
    const at = places?.get('checkcommand');
    if (checktype === 'external') add(checkcommand, { use: 'executed', by: 'checkcommand', otherwise: staysDown }, at);
    if (checktype !== 'external-perl') continue;
    add(checkcommand, { use: 'read', by: 'checkcommand', otherwise: staysDown }, at);
    const by = 'checktype=external-perl';
    if (!needsPerl) add('perl', { use: 'executed', by, otherwise: 'real servers stay down' }, spanIn(config, virtual));
    needsPerl = true;
  }
  return found;
}

/** A warning for each that is not there. Never rejects. */
export async function missingPrograms(programs: readonly NamedProgram[]): Promise<Diagnostic[]> {
  const answers = new Map<string, string | null>();
  const found: Diagnostic[] = [];
  for (const { program, use, by, otherwise, span } of programs) {
    const key = `${use} ${program}`;
    const known = answers.get(key);
    const why = known === undefined ? await wrongWith(program, use) : known;
    answers.set(key, why);
    if (why === null) continue;
    found.push({ severity: 'warning', code: 'missing-program', message: `${by}: ${why}: ${otherwise}`, span });
  }
  return found;
}

/**
 * The program that a command begins with, where that can be told without a shell: an absolute path, in plain words or
 * in quotes. A word without a slash may be the shell's own.
 */
function firstWord(command: string): string | null {
  const [, double, single, plain] =
    /^(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\;&|<>()*?[\]{}~#]+))(?:\s|[;&|<>]|$)/.exec(command) ?? [];
  const word = double ?? single ?? plain ?? '';
  return isAbsolute(word) ? word : null;
}

async function wrongWith(program: string, use: NamedProgram['use']): Promise<string | null> {
  if (program.includes('/')) return wrongFile(program, use);
  // As a path of Perl's own, which looks in its folders.
  if (use === 'read') return null;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if ((await wrongFile(join(folder, program), use)) === null) return null;
  }
  return `${program} is not in PATH`;
}

async function wrongFile(path: string, use: NamedProgram['use']): Promise<string | null> {
  // Nobody knows from where a relative path will be looked for.
  if (!isAbsolute(path)) return null;
  try {
    await access(path, use === 'read' ? constants.R_OK : constants.X_OK);
    return (await stat(path)).isDirectory() ? `${path} is a directory` : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return `${path} ${use === 'read' ? 'cannot be read' : 'is not executable'}`;
    return code === 'ENOENT' || code === 'ENOTDIR' ? `${path} does not exist` : `${path} cannot be looked at (${code})`;
  }
}
