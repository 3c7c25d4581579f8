/** `setup`: gives the director and the real servers what they need for the services of the file, and takes it back. */

import { parseArgs } from 'node:util';
import { findConfiguration } from '../../config/find.js';
import { PidFile, readPidFile, runtimePath } from '../../process/pid-file.js';
import { instancePath, lastingDirectory } from '../../process/state-directory.js';
import { type Command, failed, usage } from '../command.js';
import { interruption } from './interruption.js';
import { meet } from './meet.js';
import { openFleet } from './open-fleet.js';
import type { Run } from './run.js';
import { tell } from './tell.js';
import { undo } from './undo.js';

export async function setup(command: Command): Promise<number> {
  const asked = readArguments(command.args);
  const { file, name } = await findConfiguration(command.config);
  const journalPath = instancePath(await lastingDirectory(process.env), name, 'setup');
  if (!asked.apply && !asked.undo) return await go({ command, file, journalPath, asked });
  const lockPath = runtimePath(name, 'setup.lock', process.env);
  const lock = await PidFile.claim(lockPath);
  if (lock === null) {
    const holder = await readPidFile(lockPath);
    const who = holder.state === 'running' ? `, as process ${holder.pid}` : '';
    tell(`another one runs for ${file}${who}; wait for its end`);
    return failed;
  }
  try {
    return await go({ command, file, journalPath, asked });
  } finally {
    await lock.release();
  }
}

async function go(what: Omit<Run, 'going' | 'fleet'>): Promise<number> {
  const going = interruption();
  const fleet = openFleet(what.file, going);
  try {
    const run = { ...what, going, fleet };
    return await (run.asked.undo ? undo(run) : meet(run));
  } finally {
    await fleet.close();
    going.release();
  }
}

function readArguments(args: readonly string[]): Run['asked'] {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      real: { type: 'boolean', default: false },
      apply: { type: 'boolean', default: false },
      undo: { type: 'boolean', default: false },
      persist: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { real, ...rest } = values;
  if (positionals.length > 0 && !real) throw usage('setup: SERVER needs --real');
  if (rest.undo && (rest.apply || rest.persist)) throw usage('setup: --undo goes with neither --apply nor --persist');
  return { ...rest, servers: real ? positionals : null };
}
