/** Names of the addresses in a listing, from /etc/hosts and the DNS. */

import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { canonicalIPv6 } from '../config/file/addresses.js';

const hostsFile = '/etc/hosts';
/** Milliseconds for all names of a listing together. */
const patience = 10_000;
/** Milliseconds for one question to a name server. */
const timeout = 2_000;
const concurrency = 16;

/** The first name of each address; of several lines with one address the first counts, as for gethostbyaddr(3). */
export function parseHosts(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [text = '', name] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = isIPv4(text) ? text : canonicalIPv6(text);
    if (address !== null && name !== undefined && !names.has(address)) names.set(address, name);
  }
  return names;
}

/**
 * What has no name, or did not get one in time, is not among them. Not through the C library, whose questions
 * cannot be given up and would keep the process from ending.
 */
export class HostNames {
  readonly found: Map<string, string>;
  readonly #asked = new Set<string>();
  readonly #resolver = new Resolver({ timeout, tries: 2 });
  readonly #deadline = AbortSignal.timeout(patience);

  private constructor(found: Map<string, string>) {
    this.found = found;
    this.#deadline.addEventListener('abort', () => this.#resolver.cancel());
  }

  static async open(): Promise<HostNames> {
    return new HostNames(parseHosts(await readFile(hostsFile, 'utf8').catch(() => '')));
  }

  /** Settles when the names are known as far as they can be. Never rejects. */
  async learn(addresses: Iterable<string>): Promise<void> {
    const open = new Set(addresses).values();
    const worker = async (): Promise<void> => {
      for (const address of open) if (!this.#deadline.aborted) await this.#ask(address);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  }

  async #ask(address: string): Promise<void> {
    if (this.found.has(address) || this.#asked.has(address)) return;
    this.#asked.add(address);
    const [name] = await this.#resolver.reverse(address).catch(() => []);
    if (name !== undefined) this.found.set(address, name);
  }
}
