/**
 * How a user of MariaDB's plugin ed25519 logs in: with a signature (RFC 8032, section 5.1.6) of what the server makes up,
 * by a key that is the SHA-512 of the password. node:crypto signs by a seed of 32 bytes alone, and makes that hash of it
 * itself: a password of another length has none.
 */

import { createHash } from 'node:crypto';

/** What the server calls it. */
export const ed25519Plugin = 'client_ed25519';
/** Bytes that the server makes up. */
const nonceLength = 32;

/** Of the field, and the order of the base point. */
const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The constant of the curve, -121665/121666, twice. */
const twiceD = 2n * 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** In extended coordinates: x = X/Z, y = Y/Z, xy = T/Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const base = affine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
);
const neutral = affine(0n, 1n);

/** The answer to what the server made up. */
export function signEd25519(password: string, said: Buffer): Buffer {
  const nonce = said.subarray(0, nonceLength);
  const expanded = createHash('sha512').update(password).digest();
  const secret = secretOf(expanded.subarray(0, 32));
  const once = hash(expanded.subarray(32), nonce);
  const publicKey = encode(times(base, secret));
  const commitment = encode(times(base, once));
  const proof = (once + hash(commitment, publicKey, nonce) * secret) % order;
  return Buffer.concat([commitment, littleEndian(proof)]);
}

function affine(x: bigint, y: bigint): Point {
  return { x, y, z: 1n, t: (x * y) % prime };
}

/** RFC 8032, section 5.1.5, step 2. */
function secretOf(bytes: Buffer): bigint {
  return (numberOf(bytes) & (2n ** 254n - 8n)) | (2n ** 254n);
}

function hash(...parts: readonly Buffer[]): bigint {
  return numberOf(createHash('sha512').update(Buffer.concat(parts)).digest()) % order;
}

function times(point: Point, scalar: bigint): Point {
  let sum = neutral;
  for (let rest = scalar, power = point; rest > 0n; rest >>= 1n, power = plus(power, power)) {
    if (rest & 1n) sum = plus(sum, power);
  }
  return sum;
}

/** RFC 8032, section 5.1.4; of a point and itself, too. */
function plus(one: Point, other: Point): Point {
  const a = ((one.y - one.x) * (other.y - other.x)) % prime;
  const b = ((one.y + one.x) * (other.y + other.x)) % prime;
  const c = (((one.t * twiceD) % prime) * other.t) % prime;
  const d = (2n * one.z * other.z) % prime;
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: (e * f) % prime, y: (g * h) % prime, z: (f * g) % prime, t: (e * h) % prime };
}

/** RFC 8032, section 5.1.2. */
function encode({ x, y, z }: Point): Buffer {
  const inverse = power(z, prime - 2n);
  return littleEndian(inField(y * inverse) | ((inField(x * inverse) & 1n) << 255n));
}

function power(value: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = value; rest > 0n; rest >>= 1n, square = (square * square) % prime) {
    if (rest & 1n) result = (result * square) % prime;
  }
  return result;
}

function inField(value: bigint): bigint {
  return ((value % prime) + prime) % prime;
}

function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}
