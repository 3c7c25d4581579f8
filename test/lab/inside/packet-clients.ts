/**
 * Clients of any address and port, as many as wanted: each packet is written whole to a raw socket, passes IPVS on its
 * way out of this machine, and is seen on the device that it leaves by. Nobody answers. A packet takes two system
 * calls, and its way is over when they return.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { addressText, addressWords } from '../../../src/ipvs/address.js';
import type { DestinationIdentity, Family } from '../../../src/ipvs/table.js';
import { close, errorCode, nonBlocking, recv, sendto, setsockopt, socket } from '../../../src/system/libc.js';

/** AF_PACKET; SOCK_RAW and SOCK_DGRAM; IPPROTO_RAW. */
const packets = 17;
const raw = 3;
const datagrams = 2;
const anyProtocol = 255;
/** ETH_P_ALL in the network's order. */
const everything = 0x0300;
/** SOL_SOCKET and SO_MARK of socket(7). */
const socketLevel = 1;
const markOption = 36;

/** AF_INET and AF_INET6, and what their headers and socket addresses are like: sizes, and where words of addresses are. */
const families = {
  inet: { number: 2, size: 20, words: 1, source: 12, target: 16, socketAddress: { size: 16, address: 4 } },
  inet6: { number: 10, size: 40, words: 4, source: 8, target: 24, socketAddress: { size: 28, address: 8 } },
} as const;
/** Of TCP; a header of UDP, and some bytes, fit as well. */
const segmentSize = 20;
const device = 'out';

export type Kind = 'syn' | 'fin' | 'datagram';
const flagsOf = { syn: 0x02, fin: 0x11 } as const;

/** Takes packets to these networks, in a network of this thread's own; nobody is there. */
export function leadOut(...networks: readonly string[]): void {
  const routes = networks.map((network) => `route add ${network} dev ${device}`);
  const lines = [
    `link add ${device} type dummy`,
    `link set ${device} up`,
    `addr add 192.0.2.1/32 dev ${device}`,
    ...routes,
  ];
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
}

export class PacketClients {
  readonly #form: (typeof families)[Family];
  readonly #out: number;
  readonly #seen: number;
  readonly #packet: Uint8Array;
  readonly #to: Uint8Array;
  readonly #received = new Uint8Array(256);

  /** Their packets carry this mark; 0 is none. */
  constructor(family: Family, mark: number) {
    this.#form = families[family];
    this.#packet = new Uint8Array(this.#form.size + segmentSize);
    this.#to = new Uint8Array(this.#form.socketAddress.size);
    this.#out = socket(this.#form.number, raw | nonBlocking, anyProtocol);
    this.#seen = socket(packets, datagrams | nonBlocking, everything);
    assert.ok(this.#out >= 0 && this.#seen >= 0, errorCode());
    const option = new Uint8Array(Uint32Array.of(mark).buffer);
    assert.equal(setsockopt(this.#out, socketLevel, markOption, option, option.length), 0);
    viewOf(this.#to).setUint16(0, this.#form.number, true);
  }

  /** Who gets it; null where nobody does. */
  send(from: DestinationIdentity, to: DestinationIdentity, kind: Kind): DestinationIdentity | null {
    this.#write(from, to, kind);
    const sent = sendto(this.#out, this.#packet, this.#packet.length, 0, this.#to, this.#to.length);
    // Where IPVS drops it.
    if (sent < 0) assert.equal(errorCode(), 'EPERM');
    return this.#receiver(from);
  }

  close(): void {
    close(this.#out);
    close(this.#seen);
  }

  #write(from: DestinationIdentity, to: DestinationIdentity, kind: Kind): void {
    const { size, words, source, target, socketAddress } = this.#form;
    const view = viewOf(this.#packet);
    const protocol = kind === 'datagram' ? 17 : 6;
    this.#packet.fill(0);
    if (words === 1) {
      view.setUint8(0, 0x45);
      view.setUint16(2, this.#packet.length);
      view.setUint8(8, 64);
      view.setUint8(9, protocol);
    } else {
      view.setUint8(0, 0x60);
      view.setUint16(4, segmentSize);
      view.setUint8(6, protocol);
      view.setUint8(7, 64);
    }
    writeAddress(view, source, from.address);
    writeAddress(view, target, to.address);
    writeAddress(viewOf(this.#to), socketAddress.address, to.address);
    view.setUint16(size, from.port);
    view.setUint16(size + 2, to.port);
    if (kind === 'datagram') {
      view.setUint16(size + 4, segmentSize);
    } else {
      view.setUint8(size + 12, 0x50);
      view.setUint8(size + 13, flagsOf[kind]);
    }
  }

  /** What comes from elsewhere, as the kernel's own messages, is passed over. */
  #receiver(from: DestinationIdentity): DestinationIdentity | null {
    const { size, words, source, target } = this.#form;
    const view = viewOf(this.#received);
    const addressAt = (offset: number) =>
      addressText(Array.from({ length: words }, (_, index) => view.getUint32(offset + 4 * index)));
    while (recv(this.#seen, this.#received, this.#received.length, 0) >= 4) {
      const isOurs = view.getUint16(size) === from.port && addressAt(source) === from.address;
      if (isOurs) return { address: addressAt(target), port: view.getUint16(size + 2) };
    }
    return null;
  }
}

function viewOf({ buffer }: Uint8Array): DataView {
  return new DataView(buffer);
}

function writeAddress(view: DataView, offset: number, address: string): void {
  for (const [index, word] of addressWords(address).entries()) view.setUint32(offset + 4 * index, word);
}
