/** The client in its namespace, as a test talks to it. */

import type { TestContext } from 'node:test';
import { Peer } from './peer.js';

export type Order =
  | { readonly do: 'ask'; readonly url: string; readonly times: number }
  /** Asks over the connection that the last `hold` left open. */
  | { readonly do: 'hold'; readonly url: string }
  | { readonly do: 'stream'; readonly url: string; readonly patience: number | undefined }
  | { readonly do: 'end' };

export interface Answer {
  /** Milliseconds of Date.now(), which is one for all processes. */
  readonly started: number;
  /** Who answered; null where the request failed. */
  readonly from: string | null;
  /** Whether it went over a connection that stood before. */
  readonly reused: boolean;
  readonly error?: string;
}

export class Client {
  readonly #peer: Peer;
  readonly #url: string;

  private constructor(peer: Peer, url: string) {
    this.#peer = peer;
    this.#url = url;
  }

  static async start(t: TestContext, namespace: string | null, url: string): Promise<Client> {
    return new Client(await Peer.start(t, namespace, 'web-client'), url);
  }

  /** One request after the other, each over a new connection. */
  ask(times: number): Promise<Answer[]> {
    return this.#order({ do: 'ask', url: this.#url, times });
  }

  async hold(): Promise<Answer> {
    const [answer] = await this.#order({ do: 'hold', url: this.#url });
    if (!answer) throw new Error('the client gave no answer');
    return answer;
  }

  /** Ends with its connections. */
  end(): Promise<void> {
    return this.#peer.kill();
  }

  /** Runs the work under a steady stream of requests and gives all their answers; `patience` is the client's, in milliseconds. */
  async during(work: () => Promise<void>, patience?: number): Promise<Answer[]> {
    await this.#order({ do: 'stream', url: this.#url, patience });
    let answers: Answer[];
    try {
      await work();
    } finally {
      answers = await this.#order({ do: 'end' });
    }
    return answers;
  }

  async #order(order: Order): Promise<Answer[]> {
    return (await this.#peer.ask(order)) as Answer[];
  }
}

/** How many answers came from whom. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { from, error } of answers) {
    const name = from ?? `failed: ${error}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
