/** Telling the neighbours that addresses are here now, who may have another machine in mind for them. */

import { readFile } from 'node:fs/promises';
import { inSlices, type Work } from '../../slices.js';
import type { Device } from './codec.js';
import { announcement } from './frames.js';
import { openPacketSocket, type PacketSocket } from './packet-socket.js';
import type { Refusal } from './route-netlink.js';
import type { AddressPlace } from './wanted.js';

export interface AnnounceOptions {
  /** The device as it is then; null where there is none. */
  readonly deviceOf: (name: string) => Promise<Device | null>;
  /** Told once, whatever goes wrong how often. */
  readonly onFailure: (place: AddressPlace, refusal: Refusal) => void;
  /** Asked each time: what has left this machine meanwhile is claimed no longer. */
  readonly isHere?: (place: AddressPlace) => boolean;
  /** How often, and milliseconds in between: one of them can be lost. */
  readonly times?: number;
  readonly distance?: number;
  readonly open?: () => PacketSocket;
  /** Whether this machine is a router on the device. */
  readonly isRouter?: (device: string) => Promise<boolean>;
}

export interface Announcement {
  /** Settles when all of it has been said, or it was ended. */
  readonly over: Promise<void>;
  end(): void;
}

/** Addresses whose packets are made and sent before others get the processor. */
const together = 50;

/**
 * Says it at once, and some times more: gratuitous ARP for IPv4, unsolicited neighbour advertisements for IPv6. Says
 * nothing where the device has no neighbours that ask, as lo, dummies and tunnels, or is down.
 */
export function announceAddresses(addresses: readonly AddressPlace[], options: AnnounceOptions): Announcement {
  const { times = 3, distance = 1_000, isHere = () => true } = options;
  let left = times;
  let isOver = false;
  let isTold = false;
  let next: NodeJS.Timeout | null = null;
  const onFailure: AnnounceOptions['onFailure'] = (place, refusal) => {
    if (isTold || isOver) return;
    isTold = true;
    options.onFailure(place, refusal);
  };
  let finish = (): void => {};
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const say = async (): Promise<void> => {
    left -= 1;
    await sayOnce(addresses.filter(isHere), { ...options, onFailure }, () => isOver);
    if (left > 0 && !isOver) next = setTimeout(() => void say(), distance).unref();
    else finish();
  };
  void say();
  const end = (): void => {
    isOver = true;
    if (next !== null) clearTimeout(next);
    finish();
  };
  return { over, end };
}

interface Ready {
  readonly device: Device;
  readonly isRouter: boolean;
}

/** Never rejects. */
async function sayOnce(
  addresses: readonly AddressPlace[],
  { deviceOf, onFailure, open = openPacketSocket, isRouter = forwards }: AnnounceOptions,
  isOver: () => boolean,
): Promise<void> {
  const [first] = addresses;
  if (first === undefined) return;
  let socket: PacketSocket | null = null;
  try {
    const ready = new Map<string, Ready>();
    for (const name of new Set(addresses.map(({ device }) => device))) {
      const device = await deviceOf(name);
      if (device?.isUp && device.hardware !== null) ready.set(name, { device, isRouter: await isRouter(name) });
    }
    if (ready.size === 0 || isOver()) return;
    socket = open();
    await inSlices(sendInSlices(addresses, ready, socket, onFailure));
  } catch (error) {
    onFailure(first, refusalOf(error));
  } finally {
    socket?.close();
  }
}

function* sendInSlices(
  addresses: readonly AddressPlace[],
  ready: ReadonlyMap<string, Ready>,
  socket: PacketSocket,
  onFailure: AnnounceOptions['onFailure'],
): Work<void> {
  for (const [count, place] of addresses.entries()) {
    if (count % together === together - 1) yield;
    const there = ready.get(place.device);
    if (there === undefined) continue;
    try {
      for (const frame of announcement(place, there.device, there.isRouter) ?? [])
        socket.send(there.device.index, frame);
    } catch (error) {
      onFailure(place, refusalOf(error));
    }
  }
}

function refusalOf(error: unknown): Refusal {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  const remedy =
    code === 'EPERM'
      ? ': it takes the capability CAP_NET_RAW'
      : code === 'EAFNOSUPPORT'
        ? ': a unit of systemd has to allow AF_PACKET in RestrictAddressFamilies'
        : '';
  return { code, reason: `${message}${remedy}` };
}

async function forwards(device: string): Promise<boolean> {
  const text = await readFile(`/proc/sys/net/ipv6/conf/${device}/forwarding`, 'latin1').catch(() => '0');
  return text.trim() !== '0';
}
