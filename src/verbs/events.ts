/** `events`: what happened of late, and what happens. */

import { parseArgs } from 'node:util';
import { eventSentences } from '../events.js';
import { streamLine } from '../observe/lines.js';
import { type Message, messagesOf } from '../observe/messages.js';
import type { Recorded } from '../status/chronicle.js';
import { printable } from '../status/printable.js';
import { type Command, done, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { surfaceOf } from './surface.js';

const defaultLines = 20;
/** All that the daemon keeps. */
const mostLines = 1_000;

export async function events(command: Command): Promise<number> {
  const { values } = parseArgs({
    args: [...command.args],
    options: {
      follow: { type: 'boolean', short: 'f', default: false },
      lines: { type: 'string', short: 'n', default: String(defaultLines) },
      json: { type: 'boolean', default: false },
    },
  });
  const last = /^\d+$/.test(values.lines) ? Number(values.lines) : Number.NaN;
  if (!(last <= mostLines)) throw usage(`events: -n must be a whole number from 0 to ${mostLines}`);
  const client = await daemonClient(command);
  const { colour } = surfaceOf(process.stdout);
  const given = { last, follow: values.follow };
  for await (const data of client.stream('events', given, values.follow ? null : undefined)) {
    const text = values.json ? `${JSON.stringify(data)}\n` : told(data as Recorded | { readonly lost: number }, colour);
    // The reader decides how fast: what it does not take stays with the daemon.
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return done;
}

function told(data: Recorded | { readonly lost: number }, colour: boolean): string {
  if ('lost' in data) return `${data.lost} events were lost: this was too slow\n`;
  const { at, event } = data;
  return linesOf(event)
    .map((message) => streamLine(message, new Date(at), colour))
    .join('');
}

/** A newer daemon may tell what this program has no words for. */
function linesOf(event: Recorded['event']): Message[] {
  if (Object.hasOwn(eventSentences, event.type)) return messagesOf(event);
  return [{ level: 'info', text: printable(JSON.stringify(event)) }];
}
