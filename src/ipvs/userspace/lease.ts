/** The place that one connection or flow has at its destination, from scheduling until both of its ends are gone. */

import type { LiveDestination } from './live-destination.js';
import type { Stay } from './persistence.js';

/** Who serves a client, and the stay of that client where the service is persistent. */
export interface Choice {
  readonly destination: LiveDestination;
  readonly stay: Stay | null;
}

export class Lease {
  readonly #choice: Choice;
  readonly #onRevoked: () => void;
  #state: 'active' | 'inactive' | 'released';

  /** `onRevoked` is to close the connection or flow; the lease is to be released once that is done. */
  constructor(choice: Choice, state: 'active' | 'inactive', onRevoked: () => void) {
    this.#choice = choice;
    this.#onRevoked = onRevoked;
    this.#state = state;
    choice.destination.enter(this, state === 'active');
    choice.stay?.enter();
  }

  /** From the first half close on a connection is inactive, as in the kernel (FIN_WAIT and after). */
  deactivate(): void {
    if (this.#state !== 'active') return;
    this.#state = 'inactive';
    this.#choice.destination.deactivate();
  }

  release(): void {
    if (this.#state === 'released') return;
    this.#choice.destination.leave(this, this.#state === 'active');
    this.#state = 'released';
    this.#choice.stay?.leave();
  }

  /** The destination takes its place back. */
  revoke(): void {
    this.#onRevoked();
  }
}
