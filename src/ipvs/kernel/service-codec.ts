/** A service to bytes and back. */

import { type Attributes, requireValue } from '../../netlink/attributes.js';
import { addressFamily } from '../../netlink/constants.js';
import type { MessageWriter } from '../../netlink/message-writer.js';
import { maskSettings, maskWord } from '../netmask.js';
import { schedulerFlagBits, schedulerFlagNames } from '../scheduler-flags.js';
import type { Family, Metered, Service, ServiceIdentity, ServiceSettings } from '../table.js';
import { decodeAddress, decodeFamily, encodeAddress } from './address-codec.js';
import {
  serviceAttribute as attribute,
  commandAttribute,
  protocolNumber,
  schedulerFlagShift,
  serviceFlag,
} from './constants.js';
import { decodeTraffic } from './statistics-codec.js';

/** What names the service, for a request about it or about its destinations. */
export function encodeServiceIdentity(writer: MessageWriter, service: ServiceIdentity): void {
  const nest = writer.nest(commandAttribute.service);
  writeIdentity(writer, service);
  writer.unnest(nest);
}

export function encodeService(writer: MessageWriter, service: Service): void {
  const nest = writer.nest(commandAttribute.service);
  writeIdentity(writer, service);
  writer.string(attribute.scheduler, service.scheduler);
  // The mask names the flags that are set or cleared; the kernel keeps the others.
  const settable = serviceFlag.persistent | serviceFlag.onePacket | serviceFlag.scheduler;
  // struct ip_vs_flags
  writer.u32s(attribute.flags, [flagsOf(service), settable]);
  writer.u32(attribute.timeout, service.persistent);
  if (service.family === 'inet6') writer.u32(attribute.netmask, service.netmask);
  else writer.networkWords(attribute.netmask, [maskWord(service)], 4);
  if (service.persistenceEngine) writer.string(attribute.persistenceEngine, service.persistenceEngine);
  writer.unnest(nest);
}

/** Null for a service of a protocol that has no name here, which is somebody else's. */
export function decodeService(attributes: Attributes, withTraffic: boolean): (Service & Metered) | null {
  const identity = decodeIdentity(attributes);
  if (identity === null) return null;
  const traffic = withTraffic
    ? decodeTraffic(attributes.nested(attribute.statistics64), attributes.nested(attribute.statistics))
    : undefined;
  return { ...identity, ...decodeSettings(attributes, identity.family), ...(traffic && { traffic }) };
}

function writeIdentity(writer: MessageWriter, service: ServiceIdentity): void {
  writer.u16(attribute.family, addressFamily[service.family]);
  if (service.protocol === 'fwm') {
    writer.u32(attribute.mark, service.mark);
    return;
  }
  writer.u16(attribute.protocol, protocolNumber[service.protocol]);
  encodeAddress(writer, attribute.address, service.address);
  writer.networkU16(attribute.port, service.port);
}

function decodeIdentity(attributes: Attributes): ServiceIdentity | null {
  const family = decodeFamily(requireValue(attributes.u16(attribute.family), 'address family of a service'));
  const mark = attributes.u32(attribute.mark);
  if (mark !== undefined) return { protocol: 'fwm', family, mark };
  const protocol = protocolOf(requireValue(attributes.u16(attribute.protocol), 'protocol of a service'));
  if (protocol === undefined) return null;
  const port = requireValue(attributes.networkU16(attribute.port), 'port of a service');
  return { protocol, family, address: decodeAddress(attributes, attribute.address, family), port };
}

function protocolOf(number: number): keyof typeof protocolNumber | undefined {
  return (['tcp', 'udp', 'sctp'] as const).find((protocol) => protocolNumber[protocol] === number);
}

function decodeSettings(attributes: Attributes, family: Family): ServiceSettings {
  const scheduler = attributes.string(attribute.scheduler) ?? 'none';
  const flags = requireValue(attributes.u32(attribute.flags), 'flags of a service');
  const mask = requireValue(
    family === 'inet6' ? attributes.u32(attribute.netmask) : attributes.networkU32(attribute.netmask),
    'netmask of a service',
  );
  const persistenceEngine = attributes.string(attribute.persistenceEngine);
  return {
    scheduler,
    schedflags: schedulerFlagNames(scheduler, (flags & serviceFlag.scheduler) >>> schedulerFlagShift),
    persistent: flags & serviceFlag.persistent ? (attributes.u32(attribute.timeout) ?? 0) : 0,
    ...(family === 'inet6' ? { netmask: mask } : maskSettings(mask)),
    ops: (flags & serviceFlag.onePacket) !== 0,
    ...(persistenceEngine && { persistenceEngine }),
  };
}

function flagsOf({ persistent, ops, scheduler, schedflags }: ServiceSettings): number {
  return (
    (persistent > 0 ? serviceFlag.persistent : 0) |
    (ops ? serviceFlag.onePacket : 0) |
    (schedulerFlagBits(scheduler, schedflags) << schedulerFlagShift)
  );
}
