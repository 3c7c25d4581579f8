/** A synchronization daemon, which keeps the connections of two directors alike, to bytes and back. */

import { isIPv4, isIPv6 } from 'node:net';
import { type Attributes, requireValue } from '../../netlink/attributes.js';
import { isUnsigned, type MessageWriter } from '../../netlink/message-writer.js';
import type { DaemonState, SyncDaemon } from '../sync-daemon.js';
import { decodeAddress, encodeAddress } from './address-codec.js';
import { daemonAttribute as attribute, commandAttribute, daemonState, nameSize } from './constants.js';

export function encodeDaemon(writer: MessageWriter, daemon: SyncDaemon): void {
  const nest = writer.nest(commandAttribute.daemon);
  writer.u32(attribute.state, daemonState[daemon.state]);
  writer.string(attribute.interface, daemon.interface);
  writer.u32(attribute.syncId, daemon.syncId);
  if (daemon.maxLength !== undefined) writer.u16(attribute.maxLength, daemon.maxLength);
  if (daemon.group !== undefined) writeGroup(writer, daemon.group);
  if (daemon.port !== undefined) writer.u16(attribute.port, daemon.port);
  if (daemon.ttl !== undefined) writer.u8(attribute.ttl, daemon.ttl);
  writer.unnest(nest);
}

export function encodeDaemonState(writer: MessageWriter, state: DaemonState): void {
  const nest = writer.nest(commandAttribute.daemon);
  writer.u32(attribute.state, daemonState[state]);
  writer.unnest(nest);
}

export function decodeDaemon(attributes: Attributes): SyncDaemon {
  const maxLength = attributes.u16(attribute.maxLength);
  const group = decodeGroup(attributes);
  const port = attributes.u16(attribute.port);
  const ttl = attributes.u8(attribute.ttl);
  return {
    state: attributes.u32(attribute.state) === daemonState.backup ? 'backup' : 'master',
    interface: requireValue(attributes.string(attribute.interface), 'interface of a daemon'),
    syncId: requireValue(attributes.u32(attribute.syncId), 'sync id of a daemon'),
    ...(maxLength !== undefined && { maxLength }),
    ...(group !== undefined && { group }),
    ...(port !== undefined && { port }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** What the bytes of a request cannot say; null where they can. */
export function wrongDaemon({
  interface: name,
  syncId,
  maxLength = 0,
  group,
  port = 0,
  ttl = 0,
}: SyncDaemon): string | null {
  if (name === '' || name.length >= nameSize || !/^[\x21-\x7e]+$/.test(name)) return `'${name}' is no interface`;
  if (!isUnsigned(syncId, 8)) return `${syncId} is no sync id: it is from 0 to 255`;
  if (!isUnsigned(maxLength, 16)) return `messages of ${maxLength} bytes: at most 65535`;
  if (group !== undefined && !isIPv4(group) && !(isIPv6(group) && !group.includes('%'))) return `${group} is no group`;
  if (!isUnsigned(port, 16)) return `${port} is no port`;
  return isUnsigned(ttl, 8) ? null : `${ttl} hops: at most 255`;
}

function writeGroup(writer: MessageWriter, group: string): void {
  if (isIPv6(group)) encodeAddress(writer, attribute.group6, group);
  else encodeAddress(writer, attribute.group, group);
}

function decodeGroup(attributes: Attributes): string | undefined {
  if (attributes.bytes(attribute.group6, 0)) return decodeAddress(attributes, attribute.group6, 'inet6');
  return attributes.bytes(attribute.group, 0) && decodeAddress(attributes, attribute.group, 'inet');
}
