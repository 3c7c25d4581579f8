/** That connections to a destination fail for want of a port of this machine, which nobody would look for otherwise. */

import type { Failure } from '../backend.js';
import { type DestinationIdentity, destinationKey, endpointText } from '../table.js';
import type { AddressedService } from './listener.js';

/** Hears of what the balancer cannot do while it serves; `object` as the log names it. */
export type OnTrouble = (object: string, failure: Failure) => void;

/** Milliseconds of silence about a service after it was told. */
const pause = 60_000;

/** To be called for each connection that met an error; tells once a minute. */
export function portShortage(
  { address, port }: AddressedService,
  onTrouble: OnTrouble,
): (destination: DestinationIdentity, error: NodeJS.ErrnoException) => void {
  let quietUntil = 0;
  return (destination, { code }) => {
    const now = performance.now();
    if (code !== 'EADDRNOTAVAIL' || now < quietUntil) return;
    quietUntil = now + pause;
    const message =
      'connect: every port of this machine towards the server is in use, or waits for a minute after its connection: ' +
      '`sysctl net.ipv4.tcp_tw_reuse=1`, and a wider net.ipv4.ip_local_port_range';
    onTrouble(`${destinationKey(destination)} (${endpointText(address, port)})`, { code, message });
  };
}
