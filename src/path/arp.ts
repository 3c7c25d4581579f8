/** Who else in the network has an address of IPv4: asked by ARP, as a machine asks before it takes one (RFC 5227, 2.1). */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  bind,
  close,
  closeOnExec,
  errorCode,
  interfaceIndex,
  nonBlocking,
  recv,
  sendto,
  socket,
} from '../system/libc.js';
import { linkAddress, networkOrder, packetFamily } from '../system/link-address.js';

export interface ArpQuestion {
  readonly address: string;
  /** The device that it is asked at, with its own address. */
  readonly device: string;
  readonly mac: string;
}

export interface ArpAnswer extends Pick<ArpQuestion, 'address' | 'device'> {
  /** Of the machine that has the address. */
  readonly mac: string;
}

export type ArpOutcome =
  | { readonly ok: true; readonly answers: readonly ArpAnswer[] }
  /** Of the first call that failed: EPERM where only root may ask. */
  | { readonly ok: false; readonly code: string };

const rounds = 3;
/** Milliseconds for the answers to each. */
const patience = 350;
/** Milliseconds between two looks at what has come. */
const pause = 20;
/** Packets that are read, and questions that are sent, at one time: on a busy link very many come. */
const atOnce = 256;

/** SOCK_DGRAM, without waiting, and for no child. */
const datagram = 2 | nonBlocking | closeOnExec;
const arpType = 0x0806;
const everybody = new Uint8Array(6).fill(0xff);

/** What the devices themselves send counts for nobody's answer. The whole takes about a second. */
export async function askByArp(questions: readonly ArpQuestion[], own: ReadonlySet<string>): Promise<ArpOutcome> {
  const devices = new Map<string, ArpQuestion[]>();
  for (const one of questions) devices.set(one.device, [...(devices.get(one.device) ?? []), one]);
  const open: Asking[] = [];
  try {
    for (const [device, some] of devices) {
      const opened = openAt(device);
      if (typeof opened === 'string') return { ok: false, code: opened };
      open.push({
        fd: opened.fd,
        place: opened.place,
        device,
        questions: some,
        asked: new Set(some.map(({ address }) => address)),
      });
    }
    return { ok: true, answers: await converse(open, own) };
  } finally {
    for (const { fd } of open) close(fd);
  }
}

interface Asking {
  readonly fd: number;
  /** Everybody on the link, as a struct sockaddr_ll. */
  readonly place: Uint8Array;
  readonly device: string;
  readonly questions: readonly ArpQuestion[];
  /** The addresses in them. */
  readonly asked: ReadonlySet<string>;
}

async function converse(open: readonly Asking[], own: ReadonlySet<string>): Promise<ArpAnswer[]> {
  const found = new Map<string, ArpAnswer>();
  const hear = (): void => {
    for (const asking of open) {
      for (const answer of heardAt(asking)) {
        if (!own.has(answer.mac)) found.set(Object.values(answer).join(' '), answer);
      }
    }
  };
  for (let round = 0; round < rounds; round += 1) {
    await askAll(open, hear);
    const end = performance.now() + patience;
    do {
      await sleep(pause);
      hear();
    } while (performance.now() < end);
  }
  return [...found.values()];
}

/** What a full queue drops comes again in the next round. */
async function askAll(open: readonly Asking[], hear: () => void): Promise<void> {
  for (const { fd, place, questions } of open) {
    for (const [index, { address, mac }] of questions.entries()) {
      const packet = probe(address, mac);
      sendto(fd, packet, packet.length, 0, place, place.length);
      if (index % atOnce !== atOnce - 1) continue;
      await sleep(pause);
      hear();
    }
  }
}

/** An address without a sender's, so that nobody learns anything from it. */
export function probe(address: string, mac: string): Uint8Array {
  const packet = new Uint8Array(28);
  // Ethernet, IPv4, their lengths, and that it is a question (RFC 826).
  packet.set([0, 1, 8, 0, 6, 4, 0, 1]);
  packet.set(bytesOf(mac), 8);
  packet.set(address.split('.').map(Number), 24);
  return packet;
}

/** Of any packet that says so, a question as well as an answer: the sender has its address. Null for another packet. */
export function senderOf(packet: Uint8Array): Pick<ArpAnswer, 'address' | 'mac'> | null {
  const isEthernet = [0, 1, 8, 0, 6, 4].every((byte, index) => packet[index] === byte);
  if (packet.length < 28 || !isEthernet) return null;
  const mac = [...packet.subarray(8, 14)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { address: packet.subarray(14, 18).join('.'), mac };
}

function heardAt({ fd, device, asked }: Asking): ArpAnswer[] {
  const heard: ArpAnswer[] = [];
  const room = new Uint8Array(64);
  for (let count = 0; count < atOnce; count += 1) {
    const length = recv(fd, room, room.length, 0);
    if (length < 0) break;
    const sender = senderOf(room.subarray(0, length));
    if (sender !== null && asked.has(sender.address)) heard.push({ ...sender, device });
  }
  return heard;
}

/** A socket of packet(7), or the name of what went wrong. */
function openAt(device: string): { readonly fd: number; readonly place: Uint8Array } | string {
  const fd = socket(packetFamily, datagram, networkOrder(arpType));
  if (fd < 0) return errorCode();
  const index = interfaceIndex(device);
  const here = linkAddress(index, arpType);
  if (index === 0 || bind(fd, here, here.length) < 0) {
    const code = index === 0 ? 'ENODEV' : errorCode();
    close(fd);
    return code;
  }
  return { fd, place: linkAddress(index, arpType, everybody) };
}

function bytesOf(mac: string): number[] {
  return mac.split(':').map((byte) => Number.parseInt(byte, 16));
}
