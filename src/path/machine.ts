/** What was read of a machine, director or real server: plain values, as the kernel has them. */

import type { Family, PortRange } from '../model/config.js';

export interface Machine {
  /** Those that were asked for and are there, under the names of sysctl(8): `net.ipv4.ip_forward`. */
  readonly sysctls: ReadonlyMap<string, string>;
  /** Modules that are loaded, or part of the kernel. */
  readonly modules: ReadonlySet<string>;
  /** By name. */
  readonly links: ReadonlyMap<string, Link>;
  readonly addresses: readonly MachineAddress[];
  /** By `routeKey`; null is no route. Those that were asked for. */
  readonly routes: ReadonlyMap<string, Route | null>;
  /** Those for packets from one address and one protocol's ports, of all priorities (ip-rule(8)). */
  readonly rules: readonly RoutingRule[];
  /** Sockets that take connections or datagrams from elsewhere. */
  readonly listeners: readonly Listener[];
}

/** What is to be known beside what is read of every machine. */
export interface MachineQuestions {
  /** In these names `*` stands for every part that there is: `net.ipv4.conf.*.rp_filter`. */
  readonly sysctls: readonly string[];
  readonly routes: readonly RouteQuestion[];
}

export interface Link {
  readonly name: string;
  /** As ip-link(8) has it: `veth`, `ipip`, `dummy`; null for hardware and lo. */
  readonly kind: string | null;
  readonly isUp: boolean;
  /** Whether a cable, or what stands for one, is in. */
  readonly hasCarrier: boolean;
  /** Bytes. */
  readonly mtu: number;
  /** Of Ethernet; null where there is none. */
  readonly mac: string | null;
  /** The bridge or bond that it is a part of. */
  readonly master: string | null;
}

export interface MachineAddress {
  readonly family: Family;
  /** Canonical text form. */
  readonly address: string;
  /** Bits. */
  readonly prefix: number;
  readonly device: string;
  /** Only addresses of IPv4 have one that is not the device's name. */
  readonly label: string | null;
}

/** Which way a packet goes: ip route get. */
export interface RouteQuestion {
  readonly family: Family;
  readonly to: string;
  readonly from?: string;
  /** Of the packet's source, which a rule can ask for. */
  readonly source?: { readonly protocol: 'tcp' | 'udp'; readonly port: number };
}

export interface Route {
  readonly device: string;
  /** Null is none: the other end is on the link. */
  readonly gateway: string | null;
  /** The address that packets get which have none. */
  readonly source: string | null;
  readonly isLocal: boolean;
  /** Whether a router has told of it (RFC 4861). */
  readonly isAdvertised: boolean;
}

/** `from 10.0.0.1 ipproto 6 sport 80 table 1280704512`, and nothing else that it asks for. */
export interface RoutingRule {
  readonly family: Family;
  readonly priority: number;
  /** Canonical text form. */
  readonly from: string;
  readonly protocol: 'tcp' | 'udp';
  readonly ports: PortRange;
  /** The number, also of one that has a name. */
  readonly table: number;
}

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly family: Family;
  /** `0.0.0.0` and `::` are all of them. */
  readonly address: string;
  readonly port: number;
}

/** Of net.ipv4.conf or net.ipv6.conf, as sysctl(8) has it: a dot in the name of a device is a slash. */
export function deviceSetting(device: string, name: string, protocol: 'ipv4' | 'ipv6' = 'ipv4'): string {
  return `net.${protocol}.conf.${device.replaceAll('.', '/')}.${name}`;
}

export function routeKey({ family, to, from = '', source }: RouteQuestion): string {
  return [family, to, from, source?.protocol ?? '', source?.port ?? ''].join(' ');
}
