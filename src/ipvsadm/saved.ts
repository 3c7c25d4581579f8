/**
 * A table as the command lines that build it, as ipvsadm -S prints them. It leaves out the thresholds of
 * connections and prints marks from 2^31 as negative numbers, and so does this.
 */

import type { Destination, Entry, Service, ServiceIdentity, Tunnel } from '../ipvs/table.js';
import { flagNames, maskText } from './flags.js';
import { endpointLabel, type Names } from './labels.js';
import { sortDestinations, sortServices } from './order.js';

/** No option asks for the last two, which other programs can: they are saved as the default. */
const forwardOptions = { gate: '-g', masq: '-m', ipip: '-i', local: '-g', bypass: '-g' } as const;

export function savedText(entries: readonly Entry[], names: Names): string {
  return sortServices(entries)
    .map(({ service, destinations }) => {
      const servers = sortDestinations([...destinations.values()]);
      return serviceLine(service, names) + servers.map((server) => serverLine(service, server, names)).join('');
    })
    .join('');
}

function serviceLine(service: Service, names: Names): string {
  const { scheduler, persistent, persistenceEngine, ops } = service;
  const flags = flagNames(service);
  const mask = maskText(service);
  const settings = [
    ...(persistent === 0 ? [] : [`-p ${persistent}`]),
    ...(persistent === 0 || mask === null ? [] : [`-M ${mask}`]),
    ...(persistenceEngine ? [`--pe ${persistenceEngine}`] : []),
    ...(ops ? ['-o'] : []),
    ...(flags === null ? [] : [`-b ${flags}`]),
  ];
  return `${['-A', serviceOption(service, names), '-s', scheduler, ...settings].join(' ')}\n`;
}

function serverLine(service: ServiceIdentity, destination: Destination, names: Names): string {
  const { address, port, forward, weight, tunnel } = destination;
  const protocol = service.protocol === 'fwm' ? null : service.protocol;
  const server = endpointLabel(address, port, protocol, names);
  const wrapped = forward === 'ipip' ? ` ${tunnelOptions(tunnel)}` : '';
  return `-a ${serviceOption(service, names)} -r ${server} ${forwardOptions[forward]} -w ${weight}${wrapped}\n`;
}

function serviceOption(service: ServiceIdentity, names: Names): string {
  if (service.protocol === 'fwm') return `-f ${service.mark | 0}${service.family === 'inet6' ? ' -6' : ''}`;
  const option = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[service.protocol];
  return `${option} ${endpointLabel(service.address, service.port, service.protocol, names)}`;
}

function tunnelOptions(tunnel: Tunnel = { type: 'ipip' }): string {
  if (tunnel.type === 'ipip') return '--tun-type ipip';
  const checksum = { none: '--tun-nocsum', full: '--tun-csum', remote: '--tun-remcsum' }[tunnel.checksum];
  const port = tunnel.type === 'gue' ? ` --tun-port ${tunnel.port}` : '';
  return `--tun-type ${tunnel.type}${port} ${checksum}`;
}
