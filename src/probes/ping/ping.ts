/** Whether a host answers an ICMP echo request. */

import { isIP } from 'node:net';
import { needThread } from '../confinement.js';
import { answer, answerOf, ProbeFailure } from '../failure.js';
import { type Check, type Ending, type Probe, probeBy } from '../probe.js';
import { hostAddressOf } from '../sockets/host-address.js';
import type { Pinger } from './pinger.js';
import { pingerFor } from './pingers.js';
import { pingByProgram } from './program.js';

export const probePing: Probe = probeBy((check, signal, ending) => {
  const { address } = check;
  const target = hostAddressOf(address);
  // The program would look a name up, and take anything that starts with a dash for an option.
  if (target === null) {
    ending.settle(answerOf(new ProbeFailure('ping', faultOf(address))));
    return;
  }
  let pinger: Pinger | null;
  try {
    pinger = pingerFor(target.version);
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    ending.settle(answerOf(error));
    return;
  }
  if (pinger === null) {
    askProgram(check, signal, ending);
    return;
  }
  pinger.ask(target, check, signal, ending);
});

function askProgram(check: Check, signal: AbortSignal, ending: Ending): void {
  const ask = async (): Promise<string> => {
    needThread('ping', 'a program');
    return pingByProgram(check, signal);
  };
  answer(ask).then(
    (said) => ending.settle(said),
    (error) => ending.broken(error),
  );
}

function faultOf(address: string): string {
  return isIP(address) === 0 ? 'no address to ping' : 'no network interface has the name after the %';
}
