/** A host's address with a port, for calls that take a struct sockaddr. */

import { addressSizes, families, hostAddressOf, type Version, writeAddress } from './host-address.js';

/** Room for one address, to be written anew for each: thousands of them would take more memory than it takes time. */
export class SocketAddress {
  readonly bytes = new Uint8Array(Math.max(...Object.values(addressSizes)));
  readonly #view = new DataView(this.bytes.buffer);
  #version: Version = 4;
  #scope = 0;

  get version(): Version {
    return this.#version;
  }

  get family(): number {
    return families[this.#version];
  }

  /** In bytes. */
  get size(): number {
    return addressSizes[this.#version];
  }

  /** Whether it names a network interface, to which a socket that connects is bound from then on. */
  get isScoped(): boolean {
    return this.#scope !== 0;
  }

  /** Whether the struct sockaddr in `other` is the same address and port. */
  isSameAs(other: Uint8Array): boolean {
    const scope = this.#version === 6 ? addressSizes[6] - 4 : this.size;
    for (let at = 0; at < scope; at += 1) if (this.bytes[at] !== other[at]) return false;
    return true;
  }

  /** False where the text is no literal address, or its zone (`%eth0`, RFC 4007) is none of this machine. */
  write(address: string, port: number): boolean {
    const host = hostAddressOf(address);
    if (host === null) return false;
    this.#version = host.version;
    this.#scope = host.scope;
    writeAddress(this.#view, host);
    this.#view.setUint16(2, port);
    return true;
  }
}
