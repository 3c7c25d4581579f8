/**
 * `role = address`: this director is active for the addresses of virtual services that stand on it, whoever has put
 * them there but this program itself. The kernel tells when one comes or goes; all are read then.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isSameRole, type RoleState } from '../../model/role.js';
import type { StandingAddress } from '../../path/addresses/codec.js';
import { type OwnAddress, ownKey } from '../../path/addresses/plan.js';
import { RouteNetlink, type Routes } from '../../path/addresses/route-netlink.js';
import { heldOf, notKnownYet, type Role, type RoleOptions } from './role.js';

export interface AddressRoleOptions extends RoleOptions {
  /** What this program has put there, by `ownKey`. */
  readonly own: () => Promise<ReadonlyMap<string, OwnAddress>>;
  readonly routes?: Routes;
  /** Milliseconds before addresses that could not be read are read again. */
  readonly retryDelay?: number;
}

/** Milliseconds: what is changed together is looked at once. */
const gathering = 20;
const nowhere = 'no virtual service has an address that could say it';

export class AddressRole implements Role {
  readonly #options: AddressRoleOptions;
  readonly #routes: Routes;
  readonly #retryDelay: number;
  #state: RoleState = notKnownYet;
  #vips: ReadonlySet<string> = new Set();
  #isDue = false;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: AddressRoleOptions) {
    this.#options = options;
    this.#routes = options.routes ?? new RouteNetlink();
    this.#retryDelay = options.retryDelay ?? 1_000;
  }

  get state(): RoleState {
    return this.#state;
  }

  async follow(vips: ReadonlySet<string>): Promise<void> {
    this.#vips = vips;
    this.look();
    while (this.#running !== null) await this.#running;
  }

  /** Something may have changed that the kernel does not tell: whose an address is. */
  look(): void {
    if (this.#isClosed) return;
    this.#isDue = true;
    this.#wakeIn(null);
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wakeIn(null);
    // What is under way is answered by it.
    this.#routes.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let again: number | null = null;
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      const began = performance.now();
      again = await this.#read();
      // Whoever changes addresses all the time takes no more than half of the processor by it.
      if (this.#isDue && !this.#isClosed) await sleep(Math.max(gathering, performance.now() - began));
    }
    this.#running = null;
    if (again !== null) this.#wakeIn(again);
  }

  /** Milliseconds after which it is to be tried again; null where it needs no other try. */
  async #read(): Promise<number | null> {
    const vips = this.#vips;
    if (vips.size === 0) {
      this.#take({ ...notKnownYet, fault: nowhere });
      return null;
    }
    try {
      await this.#routes.listen(this.#listener);
      const standing = await this.#routes.addresses();
      const own = await this.#options.own();
      this.#take(heldOf(vips, holderOf(standing, own)));
      return null;
    } catch (error) {
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      this.#take({ ...notKnownYet, fault: `the addresses of this machine cannot be read: ${message} (${code})` });
      return this.#retryDelay;
    }
  }

  #take(state: RoleState): void {
    if (this.#isClosed || isSameRole(this.#state, state)) return;
    this.#state = state;
    this.#options.onChange();
  }

  readonly #listener = {
    onAddress: ({ address }: StandingAddress): void => {
      if (this.#vips.has(address)) this.#lookSoon();
    },
    // Addresses that go with their device are told of themselves.
    onDevice: (): void => {},
    onLost: (): void => this.#lookSoon(),
  };

  #lookSoon(): void {
    if (this.#running !== null) this.#isDue = true;
    else this.#wakeIn(gathering);
  }

  #wakeIn(milliseconds: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (milliseconds === null || this.#isClosed) return;
    this.#timer = setTimeout(() => this.look(), milliseconds).unref();
  }
}

/** Of an address that stands several times one that is not ours is enough. */
function holderOf(
  standing: readonly StandingAddress[],
  own: ReadonlyMap<string, OwnAddress>,
): (address: string) => boolean {
  const held = new Set(standing.filter((one) => !own.has(ownKey(one))).map(({ address }) => address));
  return (address) => held.has(address);
}
