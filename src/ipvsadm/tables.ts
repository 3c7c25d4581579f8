/** The tables that ipvsadm -L prints. */

import type { MeteredEntry, MeteredTable, Service, ServiceIdentity, Traffic, Tunnel } from '../ipvs/table.js';
import { countText } from './counts.js';
import { flagNames, maskText } from './flags.js';
import { endpointLabel, type Names } from './labels.js';
import { sortDestinations, sortServices } from './order.js';
import type { Listing, View } from './request.js';

type ObservedDestination = MeteredEntry['destinations'] extends ReadonlyMap<string, infer D> ? D : never;

/** Columns of an address with its port; one of IPv4 is cut off there. */
const labelWidth = 28;

const heads: Readonly<Record<View, string>> = {
  plain:
    'Prot LocalAddress:Port Scheduler Flags\n' +
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n',
  stats:
    'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n' + '  -> RemoteAddress:Port\n',
  rate:
    'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS\n' + '  -> RemoteAddress:Port\n',
  thresholds:
    'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n' + '  -> RemoteAddress:Port\n',
  'persistent-conn':
    'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n' + '  -> RemoteAddress:Port\n',
  'tun-info':
    'Prot LocalAddress:Port Scheduler Flags\n' +
    '  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn\n',
};

const forwardWords = { gate: 'Route', masq: 'Masq', ipip: 'Tunnel', local: 'Local', bypass: 'Bypass' } as const;

/** With traffic where the view shows it. */
export function tableText(table: MeteredTable, listing: Listing, names: Names): string {
  const entries = [...table.values()];
  const inOrder = listing.sorted ? sortServices(entries) : entries;
  return heads[listing.view] + inOrder.map((entry) => entryText(entry, listing, names)).join('');
}

function entryText(entry: MeteredEntry, listing: Listing, names: Names): string {
  const { service, traffic } = entry;
  const destinations = [...entry.destinations.values()];
  const inOrder = listing.sorted ? sortDestinations(destinations) : destinations;
  const name = serviceName(service, names);
  const counts = trafficText(traffic, listing);
  const head = counts === null ? `${name} ${settingsText(service)}` : `${name.padEnd(labelWidth + 5)}${counts}`;
  return `${head}\n${inOrder.map((destination) => destinationText(service, destination, listing, names)).join('')}`;
}

function serviceName(service: ServiceIdentity, names: Names): string {
  if (service.protocol === 'fwm') return `FWM  ${service.mark | 0}${service.family === 'inet6' ? ' IPv6' : ''}`;
  const { protocol, address, port } = service;
  return `${protocol.toUpperCase().padEnd(4)} ${cut(endpointLabel(address, port, protocol, names), address)}`;
}

function settingsText(service: Service): string {
  const { scheduler, persistent, persistenceEngine, ops } = service;
  const flags = flagNames(service);
  const mask = maskText(service);
  return [
    scheduler,
    ...(flags === null ? [] : [`(${flags})`]),
    ...(persistent === 0 ? [] : [`persistent ${persistent}`]),
    ...(persistent === 0 || mask === null ? [] : [`mask ${mask}`]),
    ...(persistent === 0 || !persistenceEngine ? [] : [`pe ${persistenceEngine}`]),
    ...(ops ? ['ops'] : []),
  ].join(' ');
}

function destinationText(
  service: ServiceIdentity,
  destination: ObservedDestination,
  listing: Listing,
  names: Names,
): string {
  const { address, port } = destination;
  const protocol = service.protocol === 'fwm' ? null : service.protocol;
  const label = cut(endpointLabel(address, port, protocol, names), address).padEnd(labelWidth);
  const counts = trafficText(destination.traffic, listing);
  return `  -> ${label}${counts ?? ` ${columnsText(destination, listing.view)}`}\n`;
}

/** The columns of a real server in the views without counters, blanks at the end included. */
function columnsText(destination: ObservedDestination, view: View): string {
  const { forward, tunnel, weight, upperThreshold, lowerThreshold } = destination;
  const { activeConnections, inactiveConnections, persistentConnections = 0 } = destination;
  const connections = `${padNumber(activeConnections, 10)} ${padNumber(inactiveConnections, 10)}`;
  switch (view) {
    case 'thresholds':
      return `${padNumber(upperThreshold, 10)} ${padNumber(lowerThreshold, 10)} ${connections}`;
    case 'persistent-conn':
      return `${padNumber(weight, 9)} ${padNumber(persistentConnections, 11)} ${connections}`;
    case 'tun-info': {
      const info = forward === 'ipip' ? tunnelText(tunnel) : 'n/a';
      return `${forwardWords[forward].padEnd(7)} ${info.padEnd(13)} ${padNumber(weight, 6)} ${connections}`;
    }
    default:
      return `${forwardWords[forward].padEnd(7)} ${padNumber(weight, 6)} ${connections}`;
  }
}

/** Null in the views without counters. */
function trafficText(traffic: Traffic | undefined, { view, exact }: Listing): string | null {
  if (view !== 'stats' && view !== 'rate') return null;
  const counts = view === 'stats' ? traffic?.total : traffic?.rate;
  return (['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const)
    .map((name) => countText(counts?.[name] ?? 0n, exact))
    .join('');
}

function tunnelText(tunnel: Tunnel = { type: 'ipip' }): string {
  if (tunnel.type === 'ipip') return 'ipip';
  const checksum = { none: '-c', full: '+c', remote: 'r+c' }[tunnel.checksum];
  return tunnel.type === 'gue' ? `gue:${tunnel.port}:${checksum}` : `gre:${checksum}`;
}

function cut(label: string, address: string): string {
  return address.includes(':') ? label : label.slice(0, labelWidth);
}

function padNumber(number: number, width: number): string {
  return String(number).padEnd(width);
}
