/** What a service cannot do for want of what this machine has only so much of, which nobody would look for otherwise. */

import type { Failure } from '../backend.js';
import { type DestinationIdentity, destinationKey, endpointText } from '../table.js';
import type { AddressedService } from './listener.js';

/** Hears of what the balancer cannot do while it serves; `object` as the log names it. */
export type OnTrouble = (object: string, failure: Failure) => void;

/** Milliseconds of silence about a service after it was told. */
const pause = 60_000;

const remedies: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL:
    'connect: every port of this machine towards the server is in use, or waits for a minute after its connection: ' +
    '`sysctl net.ipv4.tcp_tw_reuse=1`, and a wider net.ipv4.ip_local_port_range',
  EMFILE:
    'no file descriptor is left for another connection: raise the limit of open files (`ulimit -n`, LimitNOFILE= in the unit)',
  ENOSPC:
    'the system watches no more sockets for this user, and takes no other connection: `sysctl fs.epoll.max_user_watches`',
  ENOMEM: 'the system has no memory for another connection',
  ENOBUFS: 'the system has no memory for another connection: `sysctl net.ipv4.tcp_mem`, `sysctl net.ipv4.udp_mem`',
  ENFILE: 'the system has no file descriptor left for another connection: `sysctl fs.file-max`',
};

/** To be called for each connection that met an error, with its code; tells once a minute. */
export function shortage(
  { address, port }: AddressedService,
  onTrouble: OnTrouble,
): (destination: DestinationIdentity | null, code: string) => void {
  let quietUntil = 0;
  return (destination, code) => {
    const message = remedies[code];
    const now = performance.now();
    if (message === undefined || now < quietUntil) return;
    quietUntil = now + pause;
    const service = endpointText(address, port);
    onTrouble(destination === null ? service : `${destinationKey(destination)} (${service})`, { code, message });
  };
}
