/** Names of addresses from the DNS or /etc/hosts, asked for in the background and remembered. */

import { Resolver } from 'node:dns/promises';
import { performance } from 'node:perf_hooks';

export interface ReverseNamesOptions {
  /** Called when an address has got other names. */
  readonly onChange: () => void;
  readonly reverse?: (address: string) => Promise<readonly string[]>;
}

interface Known {
  readonly names: readonly string[];
  /** Milliseconds of performance.now() from which it is asked for again. */
  readonly until: number;
}

/** Milliseconds for which names are believed, and for which an address without one is left alone. */
const lifetime = 600_000;
const lifetimeOfNone = 60_000;
const concurrency = 8;
/** Milliseconds from one look for answers that are too old to the next. */
const lookEvery = 60_000;

export class ReverseNames {
  readonly #options: ReverseNamesOptions;
  readonly #reverse: (address: string) => Promise<readonly string[]>;
  readonly #resolver = new Resolver({ timeout: 2_000, tries: 2 });
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Set<string>();
  #running = 0;
  #wanted: ReadonlySet<string> = new Set();
  #looking: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: ReverseNamesOptions) {
    this.#options = options;
    this.#reverse = options.reverse ?? ((address) => this.#resolver.reverse(address));
  }

  /** What is known now. */
  of(address: string): readonly string[] {
    return this.#known.get(address)?.names ?? [];
  }

  /** Asks for these where they are not known, now and when that is long ago; forgets the others. Returns at once. */
  want(addresses: ReadonlySet<string>): void {
    this.#wanted = addresses;
    if (this.#looking) clearTimeout(this.#looking);
    this.#looking = null;
    if (this.#closed) return;
    if (addresses.size > 0) this.#looking = setTimeout(() => this.want(this.#wanted), lookEvery).unref();
    const now = performance.now();
    for (const address of this.#known.keys()) if (!addresses.has(address)) this.#known.delete(address);
    for (const address of this.#waiting) if (!addresses.has(address)) this.#waiting.delete(address);
    for (const address of addresses) {
      if ((this.#known.get(address)?.until ?? 0) <= now) this.#waiting.add(address);
    }
    while (this.#running < concurrency && this.#waiting.size > 0 && !this.#closed) void this.#work();
  }

  close(): void {
    this.#closed = true;
    this.want(new Set());
    this.#waiting.clear();
    this.#resolver.cancel();
  }

  async #work(): Promise<void> {
    this.#running += 1;
    for (const address of this.#waiting) {
      this.#waiting.delete(address);
      const before = this.of(address);
      const found = await this.#reverse(address).catch(() => null);
      if (this.#closed) break;
      // While the name servers are away, a server keeps the names that it had.
      const names = found ?? before;
      const until = performance.now() + (found === null ? lifetimeOfNone : lifetime);
      this.#known.set(address, { names, until });
      if (names.join() !== before.join()) this.#options.onChange();
    }
    this.#running -= 1;
  }
}
