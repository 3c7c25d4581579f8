/** What is offered to a server in the exchange of keys. */

import type ssh2 from 'ssh2';
import { type HostName, type KnownKey, knownTypes } from './known-hosts.js';

/** Those of the package, in its order, without ssh-dss. */
const hostKeyAlgorithms: readonly ssh2.ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/** A server with several keys is asked for one that is known, as by ssh(1). */
export function algorithmsFor(known: readonly KnownKey[], host: HostName): ssh2.Algorithms {
  const types = new Set(knownTypes(known, host));
  const isKnown = (name: string): boolean => types.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  const serverHostKey = [
    ...hostKeyAlgorithms.filter((name) => isKnown(name)),
    ...hostKeyAlgorithms.filter((name) => !isKnown(name)),
  ];
  return { serverHostKey };
}
