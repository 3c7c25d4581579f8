/** A destination to bytes and back. */

import { isIPv6 } from 'node:net';
import { type Attributes, requireValue } from '../../netlink/attributes.js';
import { addressFamily } from '../../netlink/constants.js';
import type { MessageWriter } from '../../netlink/message-writer.js';
import type {
  Destination,
  DestinationIdentity,
  Family,
  Forwarding,
  Metered,
  Observed,
  Tunnel,
  TunnelChecksum,
} from '../table.js';
import { decodeAddress, decodeFamily, encodeAddress } from './address-codec.js';
import {
  destinationAttribute as attribute,
  checksumNumber,
  commandAttribute,
  forwardingMask,
  forwardingNumber,
  tunnelNumber,
} from './constants.js';
import { decodeTraffic } from './statistics-codec.js';

export type ObservedDestination = Observed & Metered;

export function encodeDestinationIdentity(writer: MessageWriter, destination: DestinationIdentity): void {
  const nest = writer.nest(commandAttribute.destination);
  writeIdentity(writer, destination);
  writer.unnest(nest);
}

export function encodeDestination(writer: MessageWriter, destination: Destination): void {
  const nest = writer.nest(commandAttribute.destination);
  writeIdentity(writer, destination);
  writer.u32(attribute.forward, forwardingNumber[destination.forward]);
  writer.i32(attribute.weight, destination.weight);
  writer.u32(attribute.upperThreshold, destination.upperThreshold);
  writer.u32(attribute.lowerThreshold, destination.lowerThreshold);
  // A kernel before 5.3 does not know tunnels by type and refuses the attributes: only what is not the default.
  if (destination.forward === 'ipip' && destination.tunnel) writeTunnel(writer, destination.tunnel);
  writer.unnest(nest);
}

/** `family` is the service's, for kernels before 3.18, where a destination has no family of its own. */
export function decodeDestination(attributes: Attributes, family: Family, withTraffic: boolean): ObservedDestination {
  const own = attributes.u16(attribute.family);
  const forward = forwardingOf(requireValue(attributes.u32(attribute.forward), 'forwarding method of a destination'));
  const tunnel = forward === 'ipip' ? decodeTunnel(attributes) : undefined;
  const traffic = withTraffic
    ? decodeTraffic(attributes.nested(attribute.statistics64), attributes.nested(attribute.statistics))
    : undefined;
  return {
    address: decodeAddress(attributes, attribute.address, own === undefined ? family : decodeFamily(own)),
    port: requireValue(attributes.networkU16(attribute.port), 'port of a destination'),
    forward,
    weight: requireValue(attributes.i32(attribute.weight), 'weight of a destination'),
    upperThreshold: attributes.u32(attribute.upperThreshold) ?? 0,
    lowerThreshold: attributes.u32(attribute.lowerThreshold) ?? 0,
    activeConnections: attributes.u32(attribute.activeConnections) ?? 0,
    inactiveConnections: attributes.u32(attribute.inactiveConnections) ?? 0,
    persistentConnections: attributes.u32(attribute.persistentConnections) ?? 0,
    ...(tunnel && { tunnel }),
    ...(traffic && { traffic }),
  };
}

function writeIdentity(writer: MessageWriter, { address, port }: DestinationIdentity): void {
  writer.u16(attribute.family, addressFamily[isIPv6(address) ? 'inet6' : 'inet']);
  encodeAddress(writer, attribute.address, address);
  writer.networkU16(attribute.port, port);
}

function writeTunnel(writer: MessageWriter, tunnel: Tunnel): void {
  writer.u8(attribute.tunnelType, tunnelNumber[tunnel.type]);
  if (tunnel.type === 'gue') writer.networkU16(attribute.tunnelPort, tunnel.port);
  if (tunnel.type !== 'ipip') writer.u16(attribute.tunnelFlags, checksumNumber[tunnel.checksum]);
}

/** Plain IP in IP is not said. */
function decodeTunnel(attributes: Attributes): Tunnel | undefined {
  const type = attributes.u8(attribute.tunnelType);
  const checksum = checksumOf(attributes.u16(attribute.tunnelFlags) ?? 0);
  if (type === tunnelNumber.gue)
    return { type: 'gue', port: attributes.networkU16(attribute.tunnelPort) ?? 0, checksum };
  // GRE has no remote checksums; the kernel ignores the flag.
  if (type === tunnelNumber.gre) return { type: 'gre', checksum: checksum === 'full' ? 'full' : 'none' };
  return undefined;
}

function checksumOf(flags: number): TunnelChecksum {
  if (flags & checksumNumber.remote) return 'remote';
  return flags & checksumNumber.full ? 'full' : 'none';
}

/** The kernel takes numbers that mean nothing; they count as the method that is never wanted here. */
function forwardingOf(number: number): Forwarding {
  const methods = ['masq', 'local', 'ipip', 'gate'] as const;
  return methods.find((method) => forwardingNumber[method] === (number & forwardingMask)) ?? 'bypass';
}
