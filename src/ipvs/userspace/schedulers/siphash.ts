/**
 * SipHash-1-3 of one 32-bit number (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), of which the lower
 * half is kept: the kernel's hsiphash where it has 64 bits (lib/siphash.c).
 */

/** The state: four words of 64 bits, each as its lower and its upper half. Nobody is called while it is in use. */
const state = new Int32Array(8);

/** "somepseudorandomlygeneratedbytes", in words of little endian. */
const start = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462] as const;

/** The length in bytes, in the uppermost byte of the only block. */
const LENGTH = 4 << 24;

/** The halves of a key of 128 bits are equal here, and fit into 32 bits. */
export function hashWord(word: number, keyHalf: number): number {
  state.set(start);
  for (let low = 0; low < 8; low += 2) state[low] = half(low) ^ keyHalf;
  state[6] = half(6) ^ word;
  state[7] = half(7) ^ LENGTH;
  round();
  state[0] = half(0) ^ word;
  state[1] = half(1) ^ LENGTH;
  state[4] = half(4) ^ 0xff;
  round();
  round();
  round();
  return (half(0) ^ half(2) ^ half(4) ^ half(6)) >>> 0;
}

function half(index: number): number {
  return state[index] ?? 0;
}

function round(): void {
  mix(0, 2, 13);
  swap(0);
  mix(4, 6, 16);
  mix(0, 6, 21);
  mix(4, 2, 17);
  swap(4);
}

/** Adds one word to another, turns it left by so many bits and crosses it with the sum. */
function mix(sum: number, word: number, bits: number): void {
  const low = half(word);
  const high = half(word + 1);
  const lowSum = (half(sum) >>> 0) + (low >>> 0);
  const highSum = (half(sum + 1) + high + (lowSum > 0xffffffff ? 1 : 0)) | 0;
  state[sum] = lowSum | 0;
  state[sum + 1] = highSum;
  state[word] = ((low << bits) | (high >>> (32 - bits))) ^ lowSum;
  state[word + 1] = ((high << bits) | (low >>> (32 - bits))) ^ highSum;
}

/** Turns a word by 32 bits. */
function swap(word: number): void {
  const low = half(word);
  state[word] = half(word + 1);
  state[word + 1] = low;
}
