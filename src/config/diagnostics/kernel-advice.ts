/** Warnings about what the kernel, as it is set, will not do as the file's author expects. */

import type { Config, Virtual } from '../../model/config.js';
import type { WarningCode } from './codes.js';
import type { Diagnostic } from './diagnostics.js';
import { sayOnce } from './said-once.js';

/** Settings of net.ipv4.vs as read (ipvs-sysctl in the kernel's manual); null where the kernel has no IPVS. */
export interface KernelSettings {
  readonly expireQuiescentTemplate: string | null;
  readonly expireNodestConn: string | null;
  readonly conntrack: string | null;
}

export function adviseOnKernel(config: Config, settings: KernelSettings): Diagnostic[] {
  return advice.flatMap(({ code, message, isMeant }) =>
    sayOnce(config, { code, message, isMeant: (virtual) => isMeant(virtual, settings) }),
  );
}

interface Advice {
  readonly code: WarningCode;
  readonly message: string;
  readonly isMeant: (virtual: Virtual, settings: KernelSettings) => boolean;
}

/** The kernel keeps what it knows of a UDP client for five minutes from its last packet, and sends it the same way. */
const staysWithServer = ({ endpoint, ops }: Virtual): boolean => endpoint.protocol === 'udp' && !ops;

const advice: readonly Advice[] = [
  {
    // While this is 0 a persistent client is sent on to a server of weight 0.
    code: 'quiescent-persistent',
    message:
      'persistent clients stay with a quiescent server though it is down: ' +
      'set sysctl net.ipv4.vs.expire_quiescent_template=1',
    isMeant: ({ quiescent, persistent }, { expireQuiescentTemplate }) =>
      quiescent && persistent !== null && expireQuiescentTemplate === '0',
  },
  {
    code: 'drained-persistent',
    message:
      'persistent clients stay with a server while it is drained: ' +
      'set sysctl net.ipv4.vs.expire_quiescent_template=1',
    isMeant: ({ quiescent, persistent }, { expireQuiescentTemplate }) =>
      !quiescent && persistent !== null && expireQuiescentTemplate === '0',
  },
  {
    code: 'quiescent-udp',
    message:
      'a UDP client that keeps its port stays with a quiescent server though it is down: ' +
      'set quiescent=no and sysctl net.ipv4.vs.expire_nodest_conn=1, or ops=yes',
    isMeant: (virtual, { expireNodestConn }) =>
      staysWithServer(virtual) && virtual.quiescent && expireNodestConn !== null,
  },
  {
    code: 'stale-udp',
    message:
      'a UDP client that keeps its port gets no answer for minutes when its server is taken out: ' +
      'set sysctl net.ipv4.vs.expire_nodest_conn=1, or ops=yes',
    isMeant: (virtual, { expireNodestConn }) =>
      staysWithServer(virtual) && !virtual.quiescent && expireNodestConn === '0',
  },
  {
    // What IPVS forwards passes the rules of netfilter that translate addresses only so (ipvs-sysctl, conntrack).
    code: 'snat-without-conntrack',
    message: 'snat has no effect while IPVS keeps connections from netfilter: set sysctl net.ipv4.vs.conntrack=1',
    isMeant: ({ snat, realServers }, { conntrack }) =>
      snat && conntrack === '0' && realServers.some(({ forward }) => forward === 'masq'),
  },
];
