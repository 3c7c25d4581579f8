/** Perl's ldirectord, with a program in ipvsadm's place that accepts everything. */

import { lacks } from '../../helpers/programs.js';
import { configuration, removed, reweighted } from './ours.js';
import type { Peer } from './peer.js';

export const reference: Peer = {
  name: 'reference',
  missing: () => lacks('ldirectord') || null,
  kinds: ['http', 'https', 'connect', 'ping'],
  configuration,
  // It calls ipvsadm by its path: the other one stands there in a mount namespace of its own.
  command: ({ file, native }) => ({
    command: ['unshare', '--mount', 'sh', '-c', script, 'sh', native.ipvsadm, file],
    env: {},
  }),
  removed,
  reweighted,
};

const script = 'mount --bind "$1" "$(readlink -f /sbin/ipvsadm)" && exec ldirectord "$2" start';
