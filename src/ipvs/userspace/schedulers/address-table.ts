/** What lblc and lblcr remember of the addresses that clients connected to. */

/** Milliseconds without use after which an address is forgotten (net.ipv4.vs.lblc_expiration, lblcr_expiration). */
export const EXPIRATION = 24 * 60 * 60_000;

/**
 * Addresses at once, as many as a full table of the kernel has (max_size in ip_vs_lblc.c). A further one takes the
 * place of the one unused for longest, where the kernel would look for those unused for six minutes from time to time.
 */
const MOST = 16_384;

export class AddressTable<V> {
  /** The one unused for longest comes first. */
  readonly #entries = new Map<string, { readonly value: V; readonly used: number }>();

  /** To ask for it is to use it. */
  get(address: string, now: number): V | null {
    const entry = this.#entries.get(address);
    if (!entry) return null;
    this.#entries.delete(address);
    if (now - entry.used >= EXPIRATION) return null;
    this.#entries.set(address, { value: entry.value, used: now });
    return entry.value;
  }

  set(address: string, value: V, now: number): void {
    this.#entries.delete(address);
    const [unused] = this.#entries.keys();
    if (unused !== undefined && this.#entries.size >= MOST) this.#entries.delete(unused);
    this.#entries.set(address, { value, used: now });
  }
}
