/**
 * Whether a UDP service answers a payload, or, where nothing is expected, at least does not refuse it: services
 * such as syslog never answer. Then a server is down where an ICMP error comes, and up where nothing does.
 */

import { afterwards, answer, type Phase, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { askDatagram } from '../sockets/datagram.js';
import { matches } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';

/**
 * Milliseconds that silence lasts before it counts, at most: longer than the three seconds after which the
 * kernel gives a neighbour up (arp(7), mcast_solicit), so that a dead machine on the same network shows.
 */
const longestSilence = 5000;
/** The share of the time for the check that silence takes at most, so that it ends before the deadline. */
const silentShare = 0.8;
/** Bytes that a reason shows. */
const shown = 24;

const phase: Phase = 'response';

export function probeUdp(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const { address, port, route, hex } = check;
    const request = hex.request === '' ? Buffer.from(ownRequest(check)) : Buffer.from(hex.request, 'hex');
    const expected = Buffer.from(hex.receive, 'hex');
    const silent = check.receive === null && expected.length === 0;
    const timeout = silent ? Math.min(longestSilence, check.negotiateTimeout * silentShare) : check.negotiateTimeout;
    let wrong = '';
    const read = (said: Buffer): string | null => {
      if (said.includes(expected) && (check.receive === null || matches(said, check.receive)))
        return `response: ${said.length} bytes`;
      // Another datagram can be the right one: a server may have been asked twice, or say more than one thing.
      wrong = `an answer without what is expected: ${excerpt(said)}`;
      return null;
    };
    const silence = `response: none, and no ICMP error within ${timeout / 1000} s`;
    return await askDatagram(
      { address, port, route, request, timeout, phase, read, ...(silent && { silence }) },
      signal,
    ).catch((error: unknown) => {
      throw afterwards(error, wrong);
    });
  });
}

function excerpt(said: Buffer): string {
  const text = said.toString('latin1');
  if (/^[\x20-\x7e\s]+$/.test(text)) return `"${printable(text)}"`;
  return `${said.subarray(0, shown).toString('hex')}${said.length > shown ? '…' : ''} in hex`;
}
