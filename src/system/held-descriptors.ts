/**
 * Descriptors of sockets that Node does not know of, in memory that another thread sees: when this thread is given up,
 * somebody can still close them. Node itself closes those that it knows.
 */

import { close, socket } from './libc.js';

/** Descriptors are numbers below the limit on open files, which is a million at most on common systems. */
const bound = 1024 * 1024;

/** By number: 1 where this thread holds it. */
export type HeldDescriptors = Uint8Array;

/** For a worker thread, to be handed to it. The kernel gives memory to what of it is used. */
export function newHeldDescriptors(): HeldDescriptors {
  return new Uint8Array(new SharedArrayBuffer(bound));
}

let held: HeldDescriptors | null = null;

/** From now on this thread's descriptors are written down there. */
export function holdDescriptorsIn(shared: HeldDescriptors): void {
  held = shared;
}

/** As socket(2). */
export function openSocket(domain: number, type: number, protocol: number): number {
  const descriptor = socket(domain, type, protocol);
  holdDescriptor(descriptor);
  return descriptor;
}

/** Writes a descriptor down, -1 excepted. */
export function holdDescriptor(descriptor: number): void {
  if (held !== null && descriptor >= 0 && descriptor < bound) held[descriptor] = 1;
}

/** Another thread, which writes down there, closes it from now on. */
export function handOverTo(descriptor: number, shared: HeldDescriptors): void {
  // In this order, as below.
  handOver(descriptor);
  if (descriptor >= 0 && descriptor < bound) shared[descriptor] = 1;
}

/** It was not handed over. */
export function takeBackFrom(descriptor: number, shared: HeldDescriptors): void {
  if (descriptor >= 0 && descriptor < bound) shared[descriptor] = 0;
  holdDescriptor(descriptor);
}

/** Somebody else closes it. */
export function handOver(descriptor: number): void {
  if (held !== null && descriptor < bound) held[descriptor] = 0;
}

export function closeDescriptor(descriptor: number): void {
  // In this order: a thread that ends in between leaves one open, and none to be closed that is another's by then.
  handOver(descriptor);
  close(descriptor);
}

/** Closes what a thread has left open. It must have ended: else it could close one that is another's by then. */
export function closeHeld(shared: HeldDescriptors): void {
  for (const descriptor of heldIn(shared)) close(descriptor);
  shared.fill(0);
}

/** The descriptors that a thread holds. */
export function* heldIn(shared: HeldDescriptors): Generator<number> {
  for (let at = shared.indexOf(1); at >= 0; at = shared.indexOf(1, at + 1)) yield at;
}
