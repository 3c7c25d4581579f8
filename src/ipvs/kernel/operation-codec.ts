/** An operation on the table as a request to the kernel. */

import { isIPv4, isIPv6 } from 'node:net';
import { isUnsigned, type MessageWriter } from '../../netlink/message-writer.js';
import type { Operation } from '../backend.js';
import { schedulerFlagBits } from '../scheduler-flags.js';
import type { DestinationIdentity, DestinationSettings, ServiceIdentity, ServiceSettings } from '../table.js';
import { command, nameSize } from './constants.js';
import { encodeDestination, encodeDestinationIdentity } from './destination-codec.js';
import { encodeService, encodeServiceIdentity } from './service-codec.js';

const commands = {
  'add-service': command.newService,
  'edit-service': command.setService,
  'delete-service': command.deleteService,
  'add-destination': command.newDestination,
  'edit-destination': command.setDestination,
  'delete-destination': command.deleteDestination,
} as const;

export function commandOf({ type }: Operation): number {
  return commands[type];
}

/** Only of an operation that is not `unencodable`. */
export function encodeOperation(writer: MessageWriter, operation: Operation): void {
  switch (operation.type) {
    case 'add-service':
    case 'edit-service':
      encodeService(writer, operation.service);
      break;
    case 'delete-service':
      encodeServiceIdentity(writer, operation.service);
      break;
    case 'add-destination':
    case 'edit-destination':
      encodeServiceIdentity(writer, operation.service);
      encodeDestination(writer, operation.destination);
      break;
    case 'delete-destination':
      encodeServiceIdentity(writer, operation.service);
      encodeDestinationIdentity(writer, operation.destination);
      break;
  }
}

/** What the bytes of a request cannot say; null where they can. What the kernel refuses is left to the kernel. */
export function unencodable(operation: Operation): string | null {
  const { service, type } = operation;
  const wrong = wrongIdentity(service);
  if (wrong !== null) return wrong;
  switch (type) {
    case 'add-service':
    case 'edit-service':
      return wrongSettings(operation.service);
    case 'delete-service':
      return null;
    case 'add-destination':
    case 'edit-destination':
      return wrongDestination(operation.destination) ?? wrongNumbers(operation.destination);
    case 'delete-destination':
      return wrongDestination(operation.destination);
  }
}

export function wrongIdentity(service: ServiceIdentity): string | null {
  if (service.protocol === 'fwm') return isUnsigned(service.mark, 32) ? null : `${service.mark} is no firewall mark`;
  const { family, address, port } = service;
  if (!(family === 'inet6' ? isPlainIPv6(address) : isIPv4(address))) return `${address} is no address of ${family}`;
  return isUnsigned(port, 16) ? null : `${port} is no port`;
}

function wrongSettings(service: ServiceIdentity & ServiceSettings): string | null {
  const { scheduler, schedflags, persistent, netmask, oddMask, family, persistenceEngine = '' } = service;
  for (const name of [scheduler, persistenceEngine]) {
    if (!isName(name)) return `'${name}' is no name of a module: at most ${nameSize - 1} letters, digits, - and _`;
  }
  try {
    schedulerFlagBits(scheduler, schedflags);
  } catch (error) {
    return (error as RangeError).message;
  }
  if (!isUnsigned(persistent, 32)) return `a persistence of ${persistent} seconds`;
  if (oddMask !== undefined && !(family === 'inet' && isIPv4(oddMask))) return `${oddMask} is no netmask of ${family}`;
  const bits = family === 'inet6' ? 128 : 32;
  return Number.isInteger(netmask) && netmask >= 0 && netmask <= bits ? null : `a netmask of ${netmask} bits`;
}

function wrongDestination({ address, port }: DestinationIdentity): string | null {
  if (!isIPv4(address) && !isPlainIPv6(address)) return `${address} is no address that the kernel can keep`;
  return isUnsigned(port, 16) ? null : `${port} is no port`;
}

function wrongNumbers({ weight, upperThreshold, lowerThreshold, tunnel }: DestinationSettings): string | null {
  if (weight !== (weight | 0)) return `${weight} is no weight`;
  const threshold = [upperThreshold, lowerThreshold].find((number) => !isUnsigned(number, 32));
  if (threshold !== undefined) return `${threshold} is no threshold`;
  return tunnel?.type === 'gue' && !isUnsigned(tunnel.port, 16) ? `${tunnel.port} is no port of a tunnel` : null;
}

/** The kernel's table has no place for a zone (`%eth0`). */
function isPlainIPv6(address: string): boolean {
  return isIPv6(address) && !address.includes('%');
}

function isName(name: string): boolean {
  return name.length < nameSize && /^[\w-]*$/.test(name);
}
