/**
 * Up means that the memcached server tells its version in text, after its login in text where `login` is set, that it
 * answers the command in `request`, as `get key` or `stats`, with anything but an error, and that the last reply matches
 * `receive`.
 */

import { answer, type Phase, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { type Dialogue, withDialogue } from '../wire/dialogue.js';
import { requireMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { oneLine } from '../wire/text-protocol.js';

/** Lines of one reply; `stats` has a hundred, `stats items` thousands. */
const lineCount = 10_000;

export function probeMemcached(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      if (check.login !== '') await logIn(dialogue, check);
      let reply = await ask(dialogue, 'version', 'query');
      const version = reply.toString('latin1');
      if (!version.startsWith('VERSION '))
        throw new ProbeFailure('query', `the server says "${dialogue.quoted(version)}"`);
      const request = oneLine(ownRequest(check), 'query');
      if (request !== '') reply = await ask(dialogue, request, 'query');
      requireMatch(dialogue, reply, check.receive, 'response');
      return `response: ${dialogue.quoted(reply.toString('latin1'))}`;
    }),
  );
}

/** The first `set` of a connection is taken for the login where the server was started with an auth file. */
async function logIn(dialogue: Dialogue, { login, passwd }: Check): Promise<void> {
  const words = `${login} ${passwd}`;
  dialogue.conceal(passwd);
  await ask(dialogue, `set login 0 0 ${Buffer.byteLength(words)}\r\n${words}`, 'login');
}

/** Sends a command and returns its reply. Rejects where that is an error. */
async function ask(dialogue: Dialogue, command: string, phase: Phase): Promise<Buffer> {
  dialogue.send(`${command}\r\n`);
  const parts: Buffer[] = [];
  for (let count = 0; count < lineCount; count += 1) {
    const text = await dialogue.line(phase);
    if (/^(?:CLIENT_ERROR|SERVER_ERROR|ERROR)\b/.test(text)) {
      throw new ProbeFailure(phase, `the server says "${dialogue.quoted(text)}"`);
    }
    parts.push(Buffer.from(`${text}\n`, 'latin1'));
    // The value follows its line, and can hold line ends itself.
    const length = /^(?:VALUE \S+ \d+|VA) (\d{1,9})\b/.exec(text)?.[1];
    if (length !== undefined) parts.push(await dialogue.bytes(Number(length) + 2, phase));
    if (!/^(?:STAT|VALUE|ITEM) /.test(text)) return Buffer.concat(parts);
  }
  throw new ProbeFailure(phase, `a reply of more than ${lineCount} lines`);
}
