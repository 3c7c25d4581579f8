/** `check-now`: runs the checks of a server. */

import { parseArgs } from 'node:util';
import type { Checked } from '../status/model.js';
import { applyStyle } from '../terminal/fitting.js';
import { placeText } from '../terminal/place.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, failed, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { surfaceOf } from './surface.js';

/** Milliseconds; the daemon gives each check up in its own time. */
const patience = 660_000;

export async function checkNow(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' } },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('check-now: needs one SERVER');
  const client = await daemonClient(command);
  const { colour } = surfaceOf(process.stdout);
  let code = done;
  for await (const data of client.stream('check-now', { server, virtual: values.virtual ?? null }, patience)) {
    const { result, why, ...place } = data as Checked;
    const verdict = result === null ? (why ?? '') : verdictOf(result, colour);
    process.stdout.write(`${printable(placeText(place))}: ${verdict}\n`);
    if (result !== null && result.ok !== true) code = failed;
  }
  return code;
}

const words = {
  true: { text: 'passed', style: 'green' },
  false: { text: 'failed', style: 'red' },
  null: { text: 'no verdict', style: 'yellow' },
} as const;

function verdictOf({ ok, reason, duration }: NonNullable<Checked['result']>, colour: boolean): string {
  const word = applyStyle(words[String(ok) as keyof typeof words], colour);
  return `${word}: ${printable(reason)}, after ${Math.round(duration)} ms`;
}
