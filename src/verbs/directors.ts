/** `directors`: who is there, and in what they differ. */

import { parseArgs } from 'node:util';
import { type DirectorStatus, differ, type SharedStatus } from '../status/shared-status.js';
import { directorsText } from '../terminal/directors.js';
import { type Command, changes, done } from './command.js';
import { daemonClient } from './daemon-client.js';
import { surfaceOf } from './surface.js';

export async function directors(command: Command): Promise<number> {
  const { values } = parseArgs({ args: [...command.args], options: { json: { type: 'boolean', default: false } } });
  const client = await daemonClient(command);
  let head: Omit<SharedStatus, 'directors'> | null = null;
  const all: DirectorStatus[] = [];
  for await (const data of client.stream('directors')) {
    if (head === null) head = data as Omit<SharedStatus, 'directors'>;
    else all.push(data as DirectorStatus);
  }
  if (head === null) throw new Error('the daemon answered nothing');
  const shared: SharedStatus = { ...head, directors: all };
  const text = values.json
    ? JSON.stringify(shared, null, 2)
    : directorsText(shared, Date.now(), surfaceOf(process.stdout)).join('\n');
  process.stdout.write(`${text}\n`);
  return differ(shared) ? changes : done;
}
