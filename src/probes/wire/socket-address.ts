/** Addresses as the kernel takes them: struct sockaddr_in and sockaddr_in6 of ip(7) and ipv6(7). */

import { endianness } from 'node:os';
import { inetPton, interfaceIndex } from '../../libc.js';

export const familyIpv4 = 2;
export const familyIpv6 = 10;

const littleEndian = endianness() === 'LE';

/** Room for one address, to be written anew for each: thousands of them would take more memory than it takes time. */
export class SocketAddress {
  readonly bytes = new Uint8Array(28);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #ipv4 = this.bytes.subarray(4, 8);
  readonly #ipv6 = this.bytes.subarray(8, 24);
  #family: typeof familyIpv4 | typeof familyIpv6 = familyIpv4;

  get family(): number {
    return this.#family;
  }

  /** In bytes. */
  get size(): number {
    return this.#family === familyIpv4 ? 16 : 28;
  }

  /** False where the text is no literal address, or its zone (`%eth0`, RFC 4007) is none of this machine. */
  write(address: string, port: number): boolean {
    const zoneAt = address.indexOf('%');
    if (zoneAt < 0 && inetPton(familyIpv4, address, this.#ipv4) === 1) {
      this.#head(familyIpv4, port);
      // Padding, where an address of IPv6 may have stood.
      this.bytes.fill(0, 8, 16);
      return true;
    }
    const bare = zoneAt < 0 ? address : address.slice(0, zoneAt);
    const scope = zoneAt < 0 ? 0 : scopeOf(address.slice(zoneAt + 1));
    if (scope === null || inetPton(familyIpv6, bare, this.#ipv6) !== 1) return false;
    this.#head(familyIpv6, port);
    this.#view.setUint32(4, 0);
    this.#view.setUint32(24, scope, littleEndian);
    return true;
  }

  #head(family: typeof familyIpv4 | typeof familyIpv6, port: number): void {
    this.#family = family;
    this.#view.setUint16(0, family, littleEndian);
    this.#view.setUint16(2, port);
  }
}

function scopeOf(zone: string): number | null {
  return (/^\d{1,9}$/.test(zone) ? Number(zone) : interfaceIndex(zone)) || null;
}
