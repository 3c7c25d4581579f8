/** What the doctor can find on a real server, and on the way to it. */

import type { ShellFaultCode } from '../shell.js';
import type { FindingRow } from './codes.js';

/** Nothing is known of a server whose examination failed: it is not well. */
const notExamined = {
  'ssh-unreachable': 'the real server was not examined: SSH does not get there',
  'ssh-host-key-unknown': 'the real server was not examined: whether it is the one cannot be told',
  'ssh-host-key-differs': 'the real server was not examined: it is another one than before, or somebody is between',
  'ssh-login-refused': 'the real server was not examined: it does not let the user in',
  'ssh-login-impossible': 'the real server was not examined: there is nothing to log in with',
  'ssh-sudo-refused': 'the real server was not examined: the user may not become root',
  'ssh-timed-out': 'the real server was not examined: it did not answer in time',
  'ssh-output-too-long': 'the real server was not examined: it said more than is taken',
  'ssh-lost': 'the real server was not examined: the connection broke',
  'ssh-aborted': 'the real server was not examined: somebody ended that',
  'server-not-read': 'the real server was not examined: what it said of itself cannot be read',
} as const satisfies Readonly<Record<`ssh-${ShellFaultCode}` | 'server-not-read', string>>;

export const realFindings = {
  'service-address-missing': {
    severity: 'error',
    breaks:
      'packets for the address of the service, which `gate` and `ipip` leave as it is, are dropped: connections hang',
  },
  'service-address-heard': {
    severity: 'error',
    breaks:
      'the real server answers ARP or neighbour solicitations for the address of the service: clients come to it in the ' +
      'place of the director',
  },
  'service-address-wide': {
    severity: 'error',
    breaks:
      'the real server takes the whole network for its own: it reaches nobody in it, and answers to there are lost',
  },
  'arp-ignore': {
    severity: 'error',
    breaks:
      'the real server answers ARP for the address of the service: clients come to it in the place of the director',
  },
  'arp-announce': {
    severity: 'error',
    breaks:
      'the real server asks with the address of the service who its router is: that learns a wrong owner of the address, ' +
      'and clients come to the real server in the place of the director',
  },
  'reverse-path-filter': {
    severity: 'error',
    breaks: 'packets of clients are dropped where they come in, since the way back to them is by another device',
  },
  'tunnel-down': {
    severity: 'error',
    breaks: 'packets in tunnels are refused or dropped: connections fail or hang',
  },
  'tunnel-rp-filter': {
    severity: 'error',
    breaks: 'packets that come out of the tunnel are dropped, since their clients are elsewhere: connections hang',
  },
  'answers-elsewhere': {
    severity: 'error',
    breaks: 'answers of a server behind `masq` do not come back through the director: connections hang',
  },
  'not-listening': {
    severity: 'error',
    breaks: 'nobody takes the connections or datagrams of the service: they are refused',
  },
  'listens-elsewhere': {
    severity: 'error',
    breaks:
      'somebody listens on the port of the service, but not at the address that its packets come to: they are refused',
  },
  'listens-to-itself': {
    severity: 'error',
    breaks: 'somebody listens on the port of the service, but for the machine itself alone: all others are refused',
  },
  'check-port-closed': {
    severity: 'error',
    breaks: 'checks of the server fail, so that it is out of use, whatever becomes of its service',
  },
  'agent-port-closed': {
    severity: 'warning',
    breaks: 'the agent of the server cannot be asked: its weight stays as it is',
  },
  'port-out-of-reach': {
    severity: 'error',
    breaks: 'somebody listens, and the director does not get there: most likely a firewall drops or rejects it',
  },
  'mtu-differs': {
    severity: 'warning',
    breaks: 'large packets are lost between director and real server: small answers come, long ones hang',
  },
  'clock-off': {
    severity: 'warning',
    breaks: 'times in logs do not fit, and certificates can be taken for expired or not yet valid',
  },
  ...rowsOf(notExamined),
} as const satisfies Readonly<Record<string, FindingRow>>;

function rowsOf<K extends string>(sentences: Readonly<Record<K, string>>): Readonly<Record<K, FindingRow>> {
  const rows = Object.entries<string>(sentences).map(([code, breaks]) => [code, { severity: 'error', breaks }]);
  return Object.fromEntries(rows) as Record<K, FindingRow>;
}
