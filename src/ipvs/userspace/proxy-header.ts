/**
 * What a server is told of the client before its first byte: the PROXY protocol, versions 1 and 2
 * (proxy-protocol.txt of HAProxy).
 */

import { getsockname } from '../../system/libc.js';
import { addressRoom, PeerAddress } from './socket-address.js';

const encoder = new TextEncoder();
const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** Version 2, and the command PROXY. */
const versionAndCommand = 0x21;
/** AF_INET and AF_INET6 over SOCK_STREAM. */
const overTcp = { inet: 0x11, inet6: 0x21 } as const;
const room = new Uint32Array(1);

/** For a connection of this client, whose socket is given. */
export function proxyHeader(version: 'v1' | 'v2', client: PeerAddress, descriptor: number): Uint8Array {
  return (version === 'v1' ? encodeV1 : encodeV2)(client, ownName(descriptor));
}

export function encodeV1(client: PeerAddress, own: PeerAddress): Uint8Array {
  const family = client.family === 'inet6' ? 'TCP6' : 'TCP4';
  return encoder.encode(`PROXY ${family} ${client.address} ${own.address} ${client.port} ${own.port}\r\n`);
}

export function encodeV2(client: PeerAddress, own: PeerAddress): Uint8Array {
  const addresses = [...client.addressBytes, ...own.addressBytes, ...client.portBytes, ...own.portBytes];
  const head = [...signature, versionAndCommand, overTcp[client.family], addresses.length >> 8, addresses.length & 255];
  return Uint8Array.from([...head, ...addresses]);
}

/** The address that the client has connected to: a service may listen to all of this machine. */
function ownName(descriptor: number): PeerAddress {
  const name = new Uint8Array(addressRoom);
  room[0] = name.length;
  getsockname(descriptor, name, room);
  return new PeerAddress(name);
}
