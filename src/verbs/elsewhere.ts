/** What a drain still waits for on other directors. */

import { type ElsewhereLeft, type Left, nothingLeft, plus, sum } from '../status/left.js';
import { done, failed } from './command.js';
import type { DaemonClient } from './daemon-client.js';
import { leftText } from './remaining.js';

export class Elsewhere {
  readonly #client: DaemonClient;
  readonly #given: { readonly server: string; readonly virtual: string | null };
  #directors: readonly ElsewhereLeft[] = [];

  constructor(client: DaemonClient, given: { readonly server: string; readonly virtual: string | null }) {
    this.#client = client;
    this.#given = given;
  }

  /** Asks the daemon anew, which asks the others for as long as it is asked. */
  async look(): Promise<void> {
    const found: ElsewhereLeft[] = [];
    for await (const data of this.#client.stream('connections', this.#given)) found.push(data as ElsewhereLeft);
    this.#directors = found;
  }

  /** Of all that are there, together. */
  get left(): Left {
    return this.#there.reduce((all, { left }) => plus(all, left ?? nothingLeft), nothingLeft);
  }

  /** Whether all that are there have said it, and drain the server, too. */
  get isKnown(): boolean {
    return this.#there.every(({ left, open }) => left !== null && open === 0);
  }

  /** Says of each what speaks against taking the server away; gives the exit status. */
  report(tell: (text: string) => void): number {
    let status = done;
    for (const { director, isThere, left, open } of this.#directors) {
      const fault = !isThere
        ? `${director} is not there: nobody can say what it has of connections`
        : left === null
          ? `${director} has not said what it has of connections`
          : sum(left) > 0
            ? `${leftText(left)} left on ${director}`
            : open > 0
              ? `${director} still sends connections to it`
              : null;
      if (fault === null) continue;
      tell(fault);
      status = failed;
    }
    return status;
  }

  get #there(): readonly ElsewhereLeft[] {
    return this.#directors.filter(({ isThere }) => isThere);
  }
}
