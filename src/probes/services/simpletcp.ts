/**
 * Up means: the answer to `request` matches `receive` as a whole or in one of its lines, or, without `receive`, there
 * is any, before the check's time is over. Over the virtual service's protocol, on a connection of its own.
 */

import { afterwards, answer, type Phase, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';
import { withDialogue } from '../wire/dialogue.js';
import { searchByLine } from '../wire/line-search.js';
import { mismatch, readMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';

/** Bytes of an answer that are searched. */
const bound = 64 * 1024;
const phase: Phase = 'response';

export function probeSimpleTcp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() => {
    // The only escape that the manual knows.
    const request = ownRequest(check).replaceAll('\\n', '\n');
    return check.protocol === 'udp' ? overUdp(check, request, signal) : overTcp(check, request, signal);
  });
}

/**
 * The answer may come in pieces, and the connection may stay open: it is read until it matches. Without `request` the
 * server speaks first.
 */
function overTcp(check: Check, request: string, signal: AbortSignal): Promise<string> {
  const { receive } = check;
  return withDialogue(check, signal, async (dialogue) => {
    if (request !== '') dialogue.send(request);
    // As the reference does: what inetd starts, and all that reads up to the end, answers then.
    if (check.tls === null) dialogue.finish();
    const whole = (said: Buffer) => receive === null && said.length > 0;
    const search = receive === null ? {} : { search: searchByLine(receive) };
    return sentence(check, await readMatch(dialogue, { receive, phase, bound, whole, ...search }));
  });
}

/** Each datagram is an answer of its own. */
async function overUdp(check: Check, request: string, signal: AbortSignal): Promise<string> {
  const { address, port, route, receive, negotiateTimeout: timeout } = check;
  let other = '';
  const read = (said: Buffer): string | null => {
    if (said.length > 0 && (receive === null || searchByLine(receive)(said))) return sentence(check, said);
    if (receive !== null) other = mismatch({ quoted: printable }, said, receive, phase).what;
    return null;
  };
  const question = { address, port, route, request: Buffer.from(request), timeout, phase, read };
  return await askDatagram(question, signal).catch((error: unknown) => {
    throw afterwards(error, other);
  });
}

function sentence({ receive }: Check, said: Buffer): string {
  return `${phase}: ${receive === null ? '' : 'a match in '}${said.length} bytes`;
}
