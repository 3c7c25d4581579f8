/** What the doctor can find on the director. */

import type { FindingRow } from './codes.js';

export const directorFindings = {
  'director-not-read': {
    severity: 'error',
    breaks: 'the director was not examined: what is wrong there is not known',
  },
  'module-missing': {
    severity: 'error',
    breaks: 'the kernel has no such module, and takes no service that needs it',
  },
  'module-not-loaded': {
    severity: 'warning',
    breaks: 'settings that come with the module cannot be made yet; a kernel that may load none takes no service',
  },
  'forwarding-off': {
    severity: 'error',
    breaks: 'answers of real servers behind `masq` are dropped by the director: connections hang',
  },
  'advertisements-ignored': {
    severity: 'error',
    breaks:
      'once the director forwards, its kernel ignores the routers that have told it the way out, and the way is gone: ' +
      'clients elsewhere get no answer',
  },
  'redirects-sent': {
    severity: 'warning',
    breaks:
      'the director tells real servers behind `masq` of a shorter way to clients, which goes past it: answers have the ' +
      'wrong address and connections break after some packets',
  },
  'answers-refused': {
    severity: 'error',
    breaks:
      'answers that come back through the director have its own address, and its kernel drops them as forged: ' +
      'connections hang',
  },
  'answers-filtered': {
    severity: 'error',
    breaks:
      'answers that come back through the director come in by another device than its address is at, and are dropped',
  },
  'conntrack-off': {
    severity: 'error',
    breaks: 'packets to real servers keep the clients’ addresses in spite of `snat`: answers go past the director',
  },
  'lost-connections-kept': {
    severity: 'warning',
    breaks: 'connections of a server that is taken out hang until a timeout, in the place of ending at once',
  },
  'templates-kept': {
    severity: 'warning',
    breaks: 'persistent clients are sent on to a server that is down or drained',
  },
  'mh-not-sloppy': {
    severity: 'warning',
    breaks:
      'when another director takes over, established connections break, though `mh` would send each to the same server',
  },
  'connections-not-refreshed': {
    severity: 'warning',
    breaks:
      'another period than `refresh` of [sync]: connections that stand still may break as another director takes over',
  },
  'backup-only': {
    severity: 'error',
    breaks:
      'as long as a backup synchronization daemon runs here, alone or beside the master, the kernel hands no packet on',
  },
  'backup-balances': {
    severity: 'warning',
    breaks:
      'a director in reserve balances packets that the active one has balanced: where it is a real server, too, they go ' +
      'round in circles',
  },
  'connection-table-small': {
    severity: 'warning',
    breaks: 'the kernel looks through long lists for each packet: the director gets slow',
  },
  'conntrack-filling': {
    severity: 'warning',
    breaks: 'once connection tracking is full, the kernel drops packets of new connections',
  },
  'virtual-address-missing': {
    severity: 'error',
    breaks: 'the director does not take packets for the address of the service: clients get no answer',
  },
  'virtual-address-elsewhere': {
    severity: 'error',
    breaks: 'two machines answer for the address of the service: some clients come to the wrong one',
  },
  'other-controller': {
    severity: 'error',
    breaks: 'two programs keep one table, and each undoes what the other has done',
  },
  'no-route': {
    severity: 'error',
    breaks: 'no way leads to the real server: connections that are sent there fail',
  },
  'gate-by-gateway': {
    severity: 'error',
    breaks: 'a gateway gets the packets that `gate` leaves as they are, and does not bring them to the real server',
  },
  'tunnel-mtu': {
    severity: 'warning',
    breaks: 'large packets of clients do not fit into the tunnel: requests that are long, as uploads are, hang',
  },
  'mark-unset': {
    severity: 'error',
    breaks: 'no packet gets the firewall mark of the service: nothing comes to it',
  },
  'packet-filter-unusable': {
    severity: 'error',
    breaks: 'what `ports` and `snat` need of the packet filter cannot stand: nothing comes to these services',
  },
  'packet-rules-missing': {
    severity: 'error',
    breaks: 'packets for services with `ports` do not come to them, or those of `snat` keep their clients’ addresses',
  },
  'clock-unsynchronised': {
    severity: 'warning',
    breaks: 'certificates, maintenance windows and times of events are judged by a clock that goes as it likes',
  },
  'descriptors-few': {
    severity: 'warning',
    breaks: 'checks wait for each other when many servers hang at once: failures are seen late',
  },
} as const satisfies Readonly<Record<string, FindingRow>>;
