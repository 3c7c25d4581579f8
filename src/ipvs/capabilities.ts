/**
 * What each backend can do, side by side: known without opening one, so that a file can be judged before anything runs.
 * Refusals, advice and the conformance tests read it here.
 */

export const backendNames = ['auto', 'kernel', 'userspace', 'memory'] as const;
/** As `--backend` and the settings file take it. */
export type BackendName = (typeof backendNames)[number];

export interface Capabilities {
  /** Of the backend. */
  readonly name: Exclude<BackendName, 'auto'>;
  /**
   * How what clients send gets to the destinations: packets are handed on as they are, or connections and flows end in
   * this process, which listens at the service's address and has others to the destinations; or not at all.
   */
  readonly passes: 'packets' | 'streams' | 'nothing';
  readonly schedulers: readonly string[];
  /** Whether it may have more than these: modules bring them to the kernel, which loads them when they are asked for. */
  readonly moreSchedulers: boolean;
  /** Whether a firewall mark can be a service, and an address with every port of it, written as port 0. */
  readonly marks: boolean;
  readonly everyPort: boolean;
  /** Forwarding methods that it carries out; a table may hold others, which it takes for one of these. */
  readonly forwarding: readonly ('gate' | 'masq' | 'ipip')[];
  /** Whether it can tell servers of the client ahead of a stream, by the PROXY protocol. */
  readonly proxyProtocol: boolean;
  /** Whether it counts what passes, and the clients that persistence holds to a destination. */
  readonly countsTraffic: boolean;
  readonly countsPersistentClients: boolean;
  /** Whether table and traffic stay when the process ends. */
  readonly outlives: boolean;
}

/** net/netfilter/ipvs/Kconfig of Linux 6.x. */
const schedulers = 'rr wrr lc wlc fo ovf lblc lblcr dh sh mh sed nq twos'.split(' ');

const kernel: Capabilities = {
  name: 'kernel',
  passes: 'packets',
  schedulers: schedulers,
  moreSchedulers: true,
  marks: true,
  everyPort: true,
  forwarding: ['gate', 'masq', 'ipip'],
  proxyProtocol: false,
  countsTraffic: true,
  countsPersistentClients: true,
  outlives: true,
};

const userspace: Capabilities = {
  name: 'userspace',
  passes: 'streams',
  schedulers,
  moreSchedulers: false,
  marks: false,
  everyPort: false,
  // Nearest to what a proxy does: what comes back goes through the director.
  forwarding: ['masq'],
  proxyProtocol: true,
  countsTraffic: true,
  countsPersistentClients: false,
  outlives: false,
};

/** Takes what the kernel takes, so that it can be seen what that would do. */
const memory: Capabilities = {
  ...kernel,
  name: 'memory',
  passes: 'nothing',
  countsTraffic: false,
  countsPersistentClients: false,
  outlives: false,
};

/** Never userspace by itself: it answers at other addresses and shows servers other clients than the kernel does. */
const byName: Readonly<Record<BackendName, Capabilities>> = { auto: kernel, kernel, userspace, memory };

export function capabilitiesOf(name: BackendName): Capabilities {
  return byName[name];
}
