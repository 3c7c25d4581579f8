/** `explain`: how a server is, and why. */

import { parseArgs } from 'node:util';
import type { Explanation } from '../status/model.js';
import { explanationText } from '../terminal/explanation.js';
import { type Command, done, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { surfaceOf } from './surface.js';

export async function explain(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('explain: needs one SERVER');
  const client = await daemonClient(command);
  const surface = surfaceOf(process.stdout);
  let between = '';
  for await (const data of client.stream('explain', { server, virtual: values.virtual ?? null })) {
    const text = values.json ? JSON.stringify(data) : explanationText(data as Explanation, Date.now(), surface);
    process.stdout.write(values.json ? `${text}\n` : `${between}${text}\n`);
    between = '\n';
  }
  return done;
}
