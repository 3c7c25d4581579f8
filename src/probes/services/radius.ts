/**
 * Whether a RADIUS server accepts a user (RFC 2865). The answer's authenticator proves that it knows the secret;
 * an answer without that proof is passed over, as the RFC demands.
 */

import { randomBytes, randomInt } from 'node:crypto';
import { afterwards, answer, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';
import { type AccessRequest, encodeAccessRequest, isGenuine, replyMessages } from '../wire/radius-packet.js';

/** RFC 2865, section 3. */
const codes = { accept: 2, reject: 3, challenge: 11 } as const;
const phase: Phase = 'login';

export function probeRadius(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const { address, port, route, negotiateTimeout: timeout } = check;
    const asked: AccessRequest = {
      identifier: randomInt(256),
      authenticator: randomBytes(16),
      user: Buffer.from(check.login),
      password: Buffer.from(check.passwd),
      secret: Buffer.from(check.secret),
    };
    const request = encodeAccessRequest(asked);
    let forged = '';
    const read = (said: Buffer): string | null => {
      // Of another request: the kernel can give a port twice.
      if (said[1] !== asked.identifier) return null;
      if (isGenuine(said, asked)) return judge(said, check);
      forged = 'an answer that does not prove to know the secret: is the secret the same on both sides?';
      return null;
    };
    return await askDatagram({ address, port, route, request, timeout, phase, read }, signal).catch(
      (error: unknown) => {
        throw afterwards(error, forged);
      },
    );
  });
}

function judge(said: Buffer, { passwd, secret }: Check): string {
  const code = said.readUInt8(0);
  if (code === codes.accept) return 'login: accepted (Access-Accept)';
  const text = replyMessages(said);
  // A server can repeat what it was sent.
  const message = [passwd, secret].filter((one) => one !== '').reduce((rest, one) => rest.replaceAll(one, '***'), text);
  const quote = message === '' ? '' : `: "${printable(message)}"`;
  if (code === codes.reject) throw new ProbeFailure(phase, `refused (Access-Reject)${quote}`);
  if (code === codes.challenge) {
    throw new ProbeFailure(phase, `the server asks for more than a password (Access-Challenge)${quote}`);
  }
  throw new ProbeFailure(phase, `an answer with code ${code}`);
}
