/** `events`: what happened of late, and what happens. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventSentences } from '../events.js';
import { withAddress } from '../model/names.js';
import { inFileNames } from '../observe/file-names.js';
import { streamLine } from '../observe/lines.js';
import { type Message, messagesOf } from '../observe/messages.js';
import type { Recorded } from '../status/chronicle.js';
import type { Surface } from '../terminal/fitting.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, usage } from './command.js';
import { type DaemonClient, daemonClient, isAway, isUnreachable } from './daemon-client.js';
import { surfaceOf } from './surface.js';

const defaultLines = 20;
/** All that the daemon keeps. */
const mostLines = 1_000;
/** Milliseconds for which a daemon that is followed may be away, as while it is restarted. */
const longestAbsence = 60_000;
/** Milliseconds between two attempts to reach it. */
const pause = 500;

/** Columns of the date before each line. */
const dateWidth = 27;

type Told = Recorded | { readonly lost: number };

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
  const surface = surfaceOf(process.stdout);
  const answers = values.follow ? follow(client, last) : client.stream('events', { last });
  for await (const data of answers as AsyncIterable<Told>) {
    const text = values.json ? `${JSON.stringify(data)}\n` : tell(data, surface);
    // The reader decides how fast: what it does not take stays with the daemon.
    if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return done;
}

/** Goes on over a restart, with all that the next daemon has told by then. */
async function* follow(client: DaemonClient, last: number): AsyncGenerator<Told> {
  let given = { last, follow: true };
  let latest: Pick<Recorded, 'number' | 'at'> = { number: Number.POSITIVE_INFINITY, at: Date.now() };
  let away = Number.NEGATIVE_INFINITY;
  for (let isFirst = true; ; isFirst = false) {
    try {
      for await (const data of client.stream('events', given, null) as AsyncGenerator<Told>) {
        if (!('lost' in data)) {
          // The same daemon as before tells it again. Another one counts anew, and came later.
          if (!isFirst && data.number <= latest.number && data.at <= latest.at) continue;
          latest = data;
        }
        yield data;
      }
      away = performance.now();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (!isUnreachable(error)) away = performance.now();
      // From the start on, or for too long.
      else if (performance.now() - away > longestAbsence) throw error;
    }
    given = { last: mostLines, follow: true };
    await sleep(pause);
  }
}

function tell(data: Told, surface: Surface): string {
  if ('lost' in data) return `${data.lost} events were lost: this was too slow\n`;
  const { at, event } = data;
  return linesOf(event, surface)
    .map((message) => streamLine(message, new Date(at), surface.colour))
    .join('');
}

/** A newer daemon may tell what this program has no words for. In a pipe the words are the log's, for scripts. */
function linesOf(event: Recorded['event'], { width }: Surface): Message[] {
  if (Object.hasOwn(eventSentences, event.type)) {
    if (width === null) return messagesOf(event);
    const whole = messagesOf(inFileNames(event, withAddress));
    return whole.every(({ text }) => dateWidth + text.length <= width) ? whole : messagesOf(inFileNames(event));
  }
  return [{ level: 'info', text: printable(JSON.stringify(event)) }];
}
