/**
 * Up means that the Redis server answers PING with anything but an error, after AUTH where `passwd` is set, that it so
 * answers the command in `request` too, and that the last reply, its strings and numbers, one a line, matches `receive`.
 */

import { answer, type Phase, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import { requireMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { redisWords } from '../wire/redis-words.js';

/** Strings and numbers of one reply. */
const partBound = 10_000;

export function probeRedis(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      const words = redisWords(ownRequest(check));
      if (words === null) throw new ProbeFailure('request', 'quotes that do not pair, or that end within a word');
      if (check.passwd !== '') await logIn(dialogue, check);
      let reply = await ask(dialogue, ['PING'], 'query');
      if (words.length > 0) reply = await ask(dialogue, words, 'query');
      requireMatch(dialogue, reply, check.receive, 'response');
      return `response: ${dialogue.quoted(reply.toString('latin1'))}`;
    }),
  );
}

/** With a name since Redis 6, without one before and for the user `default`. */
async function logIn(dialogue: Dialogue, { login, passwd }: Check): Promise<void> {
  dialogue.conceal(passwd);
  await ask(dialogue, ['AUTH', ...(login === '' ? [] : [login]), passwd], 'login');
}

/**
 * Sends a command as an array of strings, as programs do: they can hold any bytes, and proxies such as twemproxy know
 * nothing else. A line of words is for people at a terminal.
 */
function ask(dialogue: Dialogue, words: readonly (string | Buffer)[], phase: Phase): Promise<Buffer> {
  const parts = words.flatMap((word) => ['$', String(Buffer.byteLength(word)), '\r\n', word, '\r\n']);
  dialogue.send(Buffer.concat([`*${words.length}\r\n`, ...parts].map((part) => Buffer.from(part))));
  return read(dialogue, phase);
}

/** One reply in the protocol that every version speaks at first (RESP2). Rejects where it is an error. */
async function read(dialogue: Dialogue, phase: Phase): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let awaited = 1; awaited > 0; awaited -= 1) {
    const text = await dialogue.line(phase);
    const rest = text.slice(1);
    const length = /^[$*](-1|\d{1,9})$/.exec(text)?.[1];
    if (text.startsWith('*') && length !== undefined) {
      awaited += Math.max(0, Number(length));
      if (parts.length + awaited > partBound) throw new ProbeFailure(phase, `a reply of more than ${partBound} parts`);
    } else if (text.startsWith('$') && length !== undefined) {
      parts.push(length === '-1' ? Buffer.alloc(0) : await bulk(dialogue, Number(length), phase));
    } else if (/^[+:]/.test(text) || (text.startsWith('-') && awaited > 1)) {
      parts.push(Buffer.from(rest, 'latin1'));
    } else {
      throw new ProbeFailure(phase, `the server says "${dialogue.quoted(text.startsWith('-') ? rest : text)}"`);
    }
  }
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [newline, part])));
}

const newline = Buffer.from('\n');

async function bulk(dialogue: Dialogue, length: number, phase: Phase): Promise<Buffer> {
  const bytes = await dialogue.bytes(length + 2, phase);
  return bytes.subarray(0, length);
}
