/** Whether a TFTP server gives a file (RFC 1350), and whether its contents match `receive`. */

import { answer, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { matches, requireMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { readRemoteFile } from '../wire/tftp-transfer.js';

/** Bytes of a file that are searched; each 512 of them take a round trip. */
const bound = 64 * 1024;

/** Without `receive` the first block is enough; with it, blocks are read until they match or the file ends. */
export function probeTftp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const name = ownRequest(check);
    if (name === '' || name.includes('\0')) throw new ProbeFailure('request', 'no name of a file: set request');
    const { address, port, route, negotiateTimeout: timeout, receive } = check;
    const enough = (soFar: Buffer) => receive === null || soFar.length >= bound || matches(soFar, receive);
    const contents = await readRemoteFile({ address, port, source: route.source, name, timeout }, enough, signal);
    requireMatch({ quoted: printable }, contents, receive, 'response');
    return `response: ${receive === null ? '' : 'a match in '}${contents.length} bytes`;
  });
}
