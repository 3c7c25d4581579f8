/** What the options of one command line have said so far, each judged as it comes. */

import type { Netmask } from '../ipvs/netmask.js';
import type { Family, Forwarding, ServiceIdentity } from '../ipvs/table.js';
import type { Protocol, ServicePorts } from '../system/port-names.js';
import { type Endpoint, integer, isMulticast, parseEndpoint, parseMask } from './endpoint.js';
import type { Option, SwitchName } from './options.js';
import { WrongArguments } from './request.js';

const largest = 2_147_483_647;
/** Seconds: 31 days, as ipvsadm bounds every time. */
export const longestTimeout = 2_678_400;
/** Seconds, of -p without a number. */
const defaultPersistence = 360;
/** Bytes of a UDP datagram without the headers of IP and UDP. */
const longestMessage = 65_507;
/** Bytes of names in the kernel, without the closing zero: ipvsadm cuts longer ones off. */
const longestName = 15;

const each: Readonly<Record<Family, Netmask>> = { inet: { netmask: 32 }, inet6: { netmask: 128 } };

export class Draft {
  readonly given = new Set<SwitchName>();
  service: ServiceIdentity | null = null;
  server: Endpoint | null = null;
  /** The port that a real server has without one of its own: the service's, where that was said before it. */
  serverPort = 0;
  mask: Netmask = each.inet;
  persistent = 0;
  scheduler = 'wlc';
  schedulerFlags: readonly string[] = [];
  engine = '';
  forward: Extract<Forwarding, 'gate' | 'masq' | 'ipip'> = 'gate';
  weight = 1;
  upperThreshold = 0;
  lowerThreshold = 0;
  tunnelType: 'ipip' | 'gue' | 'gre' = 'ipip';
  tunnelPort = 0;
  syncId = 0;
  interface = '';
  maxLength: number | undefined;
  group: string | undefined;
  port: number | undefined;
  ttl: number | undefined;
  readonly #ports: ServicePorts;

  constructor(ports: ServicePorts) {
    this.#ports = ports;
  }

  /** Throws WrongArguments. */
  take({ long = '' }: Option, value: string | null): void {
    const text = value ?? '';
    const family = this.service?.family ?? 'inet';
    switch (long) {
      case 'tcp-service':
        this.#takeService('tcp', text);
        return;
      case 'udp-service':
        this.#takeService('udp', text);
        return;
      case 'sctp-service':
        this.#takeService('sctp', text);
        return;
      case 'fwmark-service': {
        this.#note('service-address');
        const mark = integer(text, 1, 4_294_967_295) ?? wrong(`invalid fwmark value \`${text}' specified`);
        this.service = { protocol: 'fwm', family: 'inet', mark };
        return;
      }
      case 'ipv6':
        if (this.service?.protocol !== 'fwm') wrong('-6 used before -f\n');
        this.service = { ...this.service, family: 'inet6' };
        this.mask = each.inet6;
        return;
      case 'scheduler':
        this.#note('scheduler');
        if (text !== '') this.scheduler = text.slice(0, longestName);
        return;
      case 'persistent':
        this.#note('persistent');
        this.persistent =
          value === null
            ? defaultPersistence
            : (integer(text, 1, longestTimeout) ?? wrong(`invalid timeout value \`${text}' specified`));
        return;
      case 'netmask':
        this.#note('netmask');
        this.mask = parseMask(text, family) ?? wrong(wrongMask[family]);
        return;
      case 'pe':
        this.#note('pe');
        this.engine = text.slice(0, longestName);
        return;
      case 'sched-flags':
        this.#note('sched-flags');
        this.schedulerFlags = text.split(',').filter((name) => name !== '');
        return;
      case 'real-server':
        this.#takeServer(text);
        return;
      case 'gatewaying':
      case 'ipip':
      case 'masquerading':
        this.#note('forwarding-method');
        this.forward = ({ gatewaying: 'gate', ipip: 'ipip', masquerading: 'masq' } as const)[long];
        return;
      case 'weight':
        this.weight = this.#requireBetween('weight', text, [0, largest], 'weight');
        return;
      case 'u-threshold':
        this.upperThreshold = this.#requireBetween('u-threshold', text, [0, largest], 'u_threshold');
        return;
      case 'l-threshold':
        this.lowerThreshold = this.#requireBetween('l-threshold', text, [0, largest], 'l_threshold');
        return;
      case 'tun-type':
        this.#note('tun-type');
        this.tunnelType =
          (['ipip', 'gue', 'gre'] as const).find((type) => type === text) ?? wrong('illegal tunnel type specified');
        return;
      case 'tun-port':
        this.tunnelPort = this.#requireBetween('tun-port', text, [1, 65_535], 'tunnel port');
        return;
      case 'syncid':
        this.syncId = this.#requireBetween('syncid', text, [0, 255], 'syncid');
        return;
      case 'sync-maxlen':
        this.maxLength = this.#requireBetween('sync-maxlen', text, [1, longestMessage], 'sync-maxlen');
        return;
      case 'mcast-interface':
        this.#note('mcast-interface');
        this.interface = text.slice(0, longestName);
        return;
      case 'mcast-group':
        this.#note('mcast-group');
        if (!isMulticast(text)) wrong(`invalid IPv${text.includes(':') ? 6 : 4} mcast-group \`${text}'`);
        this.group = text;
        return;
      case 'mcast-port':
        this.port = this.#requireBetween('mcast-port', text, [1, 65_535], 'mcast-port');
        return;
      case 'mcast-ttl':
        this.ttl = this.#requireBetween('mcast-ttl', text, [1, 255], 'mcast-ttl');
        return;
      case 'sort':
        // The default; to be had for the sake of old scripts.
        return;
      default:
        this.#note(long as SwitchName);
    }
  }

  #note(name: SwitchName): void {
    if (this.given.has(name)) wrong(`multiple '${name}' options specified`);
    this.given.add(name);
  }

  #requireBetween(name: SwitchName, text: string, [least, most]: readonly [number, number], what: string): number {
    this.#note(name);
    return integer(text, least, most) ?? wrong(`illegal ${what} specified`);
  }

  #takeService(protocol: Protocol, text: string): void {
    this.#note('service-address');
    const endpoint = parseEndpoint(text, [protocol], this.#ports);
    if (!endpoint) wrong(unknownService);
    const { family, host, port } = endpoint;
    this.service = { protocol, family, address: host, port: port ?? 0 };
    if (family === 'inet6') this.mask = each.inet6;
  }

  #takeServer(text: string): void {
    this.#note('real-server');
    const protocol = this.service?.protocol;
    const protocols = protocol === 'fwm' ? (['tcp', 'udp'] as const) : protocol ? [protocol] : [];
    this.server = parseEndpoint(text, protocols, this.#ports) ?? wrong(unknownServer);
    const inherited = this.service && this.service.protocol !== 'fwm' ? this.service.port : 0;
    this.serverPort = this.server.port ?? inherited;
  }
}

/** For endpoints that cannot be read, and for hosts that do not resolve. */
export const unknownService = 'illegal virtual server address[:port] specified';
export const unknownServer = 'illegal real server address[:port] specified';

const wrongMask: Readonly<Record<Family, string>> = {
  inet: 'illegal virtual server persistent mask specified',
  inet6: 'illegal ipv6 netmask specified',
};

function wrong(message: string): never {
  throw new WrongArguments(message);
}
