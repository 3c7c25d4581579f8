/** Takes back what the journal says that earlier runs have changed, whatever the configuration says by now. */

import { undoAll } from '../../path/setup/apply.js';
import { type Entry, readJournal } from '../../path/setup/journal.js';
import { done, failed } from '../command.js';
import { surfaceOf } from '../surface.js';
import type { Run } from './run.js';
import { calledOf, undoneJson, undoneLine, undoneLines } from './show.js';
import { progress, tell } from './tell.js';

export async function undo({ journalPath, asked, going, fleet }: Run): Promise<number> {
  const { journal, fault } = await readJournal(journalPath);
  if (fault !== null) {
    tell(fault);
    return failed;
  }
  const { meant, unknown } = entriesCalled(asked.servers ?? [], journal.entries);
  for (const called of unknown) tell(`${called}: nothing was set up on it`);
  if (meant.length === 0) {
    if (unknown.length === 0) process.stderr.write('nothing was set up\n');
    return done;
  }
  const undoing = progress('taken back');
  const outcomes = await undoAll(journalPath, journal, meant, fleet, { ...going, onDone: undoing.onDone });
  undoing.end();
  let isWhole = true;
  for (const { server, result: undone } of outcomes) {
    if (undone?.fault !== null) isWhole = false;
    if (asked.json) process.stdout.write(`${undoneJson(server, undone)}\n`);
    else if (undone !== null && undone.steps.length > 0) {
      process.stdout.write(`${undoneLines(server, undone.steps, surfaceOf(process.stdout)).join('\n')}\n`);
    }
    for (const { seen } of undone?.left ?? []) tell(`${calledOf(server)}: left as it is: ${seen}`);
    tell(undoneLine(server, undone));
  }
  return isWhole ? done : failed;
}

/** Without names, all of them. */
function entriesCalled(
  called: readonly string[],
  entries: readonly Entry[],
): { readonly meant: readonly Entry[]; readonly unknown: readonly string[] } {
  if (called.length === 0) return { meant: entries, unknown: [] };
  const isCalled = (entry: Entry, name: string): boolean => entry.server === name || entry.addresses.includes(name);
  return {
    meant: entries.filter((entry) => called.some((name) => isCalled(entry, name))),
    unknown: called.filter((name) => !entries.some((entry) => isCalled(entry, name))),
  };
}
