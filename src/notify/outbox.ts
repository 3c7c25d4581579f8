/** Mails on their way: a few at once, tried again while their server is away, and bounded. */

import type { Event } from '../events.js';
import { DeliveryError, type MailRefusal } from './deliver.js';
import type { Mail } from './mail.js';

export interface OutboxOptions {
  /** Hands a mail over, and gives those who were refused; rejects with a DeliveryError where nobody got it. */
  readonly deliver: (mail: Mail, signal: AbortSignal) => Promise<readonly MailRefusal[]>;
  readonly publish: (event: Event) => void;
  /** Milliseconds before the first further try; doubled each time, up to ten minutes. */
  readonly retryDelay?: number;
  readonly attempts?: number;
  /** Mails that wait at most. */
  readonly bound?: number;
}

interface Waiting {
  /** To those who have not got it yet. */
  mail: Mail;
  attempts: number;
  timer: NodeJS.Timeout | null;
}

const longestRetryDelay = 600_000;
/** Deliveries at once, so that one dead mail server does not hold up the others. */
const concurrency = 4;
/** Milliseconds for the last try when the daemon ends. */
const lastTry = 5_000;

export class Outbox {
  readonly #options: Required<OutboxOptions>;
  /** All that is not delivered yet, in order. */
  readonly #waiting = new Set<Waiting>();
  readonly #running = new Map<Waiting, Promise<void>>();
  readonly #cancel = new AbortController();
  #closing = false;
  #onEmpty = (): void => {};

  constructor(options: OutboxOptions) {
    this.#options = { retryDelay: 10_000, attempts: 12, bound: 100, ...options };
  }

  send(mail: Mail): void {
    const { bound } = this.#options;
    if (this.#cancel.signal.aborted || this.#waiting.size >= bound) {
      this.#tell(mail, `${bound} mails are waiting`, null);
      return;
    }
    this.#waiting.add({ mail, attempts: 0, timer: null });
    this.#next();
  }

  /**
   * Goes on for so many milliseconds at most, a last time with all that wait for a further try; what is left is told and
   * dropped. Where there is time for a further try, who was refused for now gets it.
   */
  async close(patience: number): Promise<void> {
    await this.#waitForEmpty(patience - lastTry);
    this.#closing = true;
    for (const waiting of this.#waiting) {
      if (waiting.timer) clearTimeout(waiting.timer);
      waiting.timer = null;
    }
    this.#next();
    const timer = setTimeout(() => this.#cancel.abort(), Math.min(patience, lastTry));
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    clearTimeout(timer);
    this.#cancel.abort();
    for (const { mail } of this.#waiting) this.#tell(mail, 'the daemon stops', null);
    this.#waiting.clear();
  }

  /** Settles when nothing waits any more, and after so many milliseconds at most. */
  async #waitForEmpty(patience: number): Promise<void> {
    if (this.#waiting.size === 0 || patience <= 0) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, patience);
      this.#onEmpty = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }

  #next(): void {
    for (const waiting of this.#waiting) {
      if (this.#running.size >= concurrency || this.#cancel.signal.aborted) return;
      if (waiting.timer !== null || this.#running.has(waiting)) continue;
      this.#running.set(waiting, this.#attempt(waiting));
    }
  }

  async #attempt(waiting: Waiting): Promise<void> {
    waiting.attempts += 1;
    const { mail } = waiting;
    const refused = await this.#options.deliver(mail, this.#cancel.signal).catch((error: Error): MailRefusal[] => {
      const permanent = error instanceof DeliveryError && error.permanent;
      return [{ recipients: mail.to, reason: error.message, permanent }];
    });
    this.#settle(waiting, refused);
    this.#running.delete(waiting);
    this.#next();
    if (this.#waiting.size === 0) this.#onEmpty();
  }

  /** Goes on with those who may be taken later, and says who was refused. */
  #settle(waiting: Waiting, refused: readonly MailRefusal[]): void {
    const { mail, attempts } = waiting;
    const isLast = this.#closing || attempts >= this.#options.attempts;
    const delay = Math.min(longestRetryDelay, this.#options.retryDelay * 2 ** (attempts - 1));
    const later = isLast ? [] : refused.filter(({ permanent }) => !permanent);
    if (later.length === 0) this.#waiting.delete(waiting);
    else
      this.#again(
        waiting,
        later.flatMap(({ recipients }) => recipients),
        delay,
      );
    for (const refusal of refused) {
      const { recipients, reason } = refusal;
      this.#tell({ ...mail, to: recipients }, reason, later.includes(refusal) ? delay / 1000 : null);
    }
  }

  #again(waiting: Waiting, to: readonly string[], delay: number): void {
    waiting.mail = { ...waiting.mail, to };
    waiting.timer = setTimeout(() => {
      waiting.timer = null;
      this.#next();
    }, delay).unref();
  }

  #tell({ subject, to: recipients }: Mail, reason: string, retryIn: number | null): void {
    this.#options.publish({ type: 'mail-failed', subject, recipients, reason, retryIn });
  }
}
