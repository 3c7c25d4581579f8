/** Whether a host answers an ICMP echo request. */

import { isIP } from 'node:net';
import { needThread } from '../confinement.js';
import { answer, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { hostAddressOf } from '../sockets/host-address.js';
import { pingerFor } from './pingers.js';
import { pingByProgram } from './program.js';

export function probePing(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const { address, checkcount, checkTimeout } = check;
    const target = hostAddressOf(address);
    // The program would look a name up, and take anything that starts with a dash for an option.
    if (target === null) throw new ProbeFailure('ping', faultOf(address));
    const pinger = pingerFor(target.version);
    if (pinger === null) {
      needThread('ping', 'a program');
      return pingByProgram(check, signal);
    }
    await pinger.ask(target, { times: checkcount, within: checkTimeout }, signal);
    return 'ping: answered';
  });
}

function faultOf(address: string): string {
  return isIP(address) === 0 ? 'no address to ping' : 'no network interface has the name after the %';
}
