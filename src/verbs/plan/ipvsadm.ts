/** Operations as the commands of ipvsadm that do the same. */

import type { Operation } from '../../ipvs/backend.js';
import {
  type Destination,
  type DestinationIdentity,
  endpointText,
  type Service,
  type ServiceIdentity,
} from '../../ipvs/table.js';

const forwarding = { gate: '-g', masq: '-m', ipip: '-i', local: '-g', bypass: '-g' } as const;

export function ipvsadmCommand(operation: Operation): string {
  return ['ipvsadm', ...wordsOf(operation)].join(' ');
}

function wordsOf(operation: Operation): string[] {
  const { type, service } = operation;
  switch (type) {
    case 'add-service':
      return ['-A', ...identity(service), ...serviceSettings(operation.service)];
    case 'edit-service':
      return ['-E', ...identity(service), ...serviceSettings(operation.service)];
    case 'delete-service':
      return ['-D', ...identity(service)];
    case 'add-destination':
      return ['-a', ...identity(service), ...destinationSettings(operation.destination)];
    case 'edit-destination':
      return ['-e', ...identity(service), ...destinationSettings(operation.destination)];
    case 'delete-destination':
      return ['-d', ...identity(service), '-r', endpoint(operation.destination)];
  }
}

function identity(service: ServiceIdentity): string[] {
  if (service.protocol === 'fwm') {
    return ['-f', String(service.mark), ...(service.family === 'inet6' ? ['-6'] : [])];
  }
  const letter = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[service.protocol];
  return [letter, endpoint(service)];
}

function serviceSettings(service: Service): string[] {
  const { scheduler, schedflags, persistent, netmask, oddMask, ops, persistenceEngine = '', family } = service;
  const everybody = family === 'inet6' ? 128 : 32;
  return [
    '-s',
    scheduler,
    ...(schedflags.length > 0 ? ['-b', schedflags.join(',')] : []),
    ...(persistent > 0 ? ['-p', String(persistent)] : []),
    ...(persistent > 0 && netmask !== everybody ? ['-M', oddMask ?? maskText(netmask, family)] : []),
    ...(persistenceEngine === '' ? [] : ['--pe', persistenceEngine]),
    ...(ops ? ['-o'] : []),
  ];
}

function destinationSettings(destination: Destination): string[] {
  const { forward, weight, upperThreshold, lowerThreshold } = destination;
  return [
    '-r',
    endpoint(destination),
    forwarding[forward],
    '-w',
    String(weight),
    ...(upperThreshold > 0 ? ['-x', String(upperThreshold)] : []),
    ...(lowerThreshold > 0 ? ['-y', String(lowerThreshold)] : []),
  ];
}

function endpoint({ address, port }: DestinationIdentity): string {
  return endpointText(address, port);
}

/** Dotted for IPv4. */
function maskText(prefix: number, family: Service['family']): string {
  if (family === 'inet6') return String(prefix);
  return [8, 16, 24, 32].map((end) => 256 - 2 ** Math.min(8, Math.max(0, end - prefix))).join('.');
}
