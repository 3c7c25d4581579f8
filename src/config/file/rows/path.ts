/** What the director does for the way of packets, beside the kernel's table. */

import { extension, optional, row, word } from '../directive.js';
import * as extended from '../extension-values.js';
import * as read from '../values.js';

export const pathDirectives = {
  /** Null where somebody else puts it there. */
  vip: row(
    'both',
    extended.place,
    null,
    'the device that the address of the virtual service is put on while the service stands, and a label for it: `eth0 eth0:1`; or `off`',
    {
      ...extension,
      ...optional,
      show: (place) => place && [place.device, ...(place.label === null ? [] : [place.label])].join(' '),
    },
  ),
  snat: row(
    'both',
    read.yesOrNo,
    false,
    'let clients of a virtual service with masq come to the real servers from the address of the director, so that the answers go back through it',
    { ...extension, ...word },
  ),
  proxyprotocol: row(
    'both',
    extended.proxyProtocol,
    'none',
    'how the embedded balancer tells TCP servers the client’s address before its first byte: `none`, or version `v1` or `v2` of the PROXY protocol',
    { ...extension, ...word },
  ),
};
