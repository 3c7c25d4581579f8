/**
 * TLS sessions that the HTTPS checks of one server resume, which saves both sides most of a handshake (RFC 8446, section
 * 2.2). The certificate is judged when a session begins, so that one that has expired or was replaced since is noticed
 * when the session ends: after a minute, or twenty checks, or a connection that failed. Where days of validity are asked
 * for, each check looks at the certificate. Other services are not asked often enough by one director to be worth it.
 */

import type { TLSSocket } from 'node:tls';
import { isFresh } from './freshness.js';
import type { OwnSession } from './openssl.js';

/** What a full handshake leaves: of Node's TLS, or of our own, which is to be freed. */
export type Ticket = Buffer | OwnSession;

interface Session {
  /** The latest ticket. */
  readonly ticket: Ticket;
  /** When the full handshake was, as performance.now(). */
  readonly began: number;
  /** Connections since, that one included. */
  readonly uses: number;
}

/** When a server was seen to do something, as performance.now(), and how many connections have been made since, that one included. */
interface Choice {
  readonly began: number;
  uses: number;
}

/** Of checks that are no more: nobody says when that is. */
const forgotten = new FinalizationRegistry<OwnSession>((session) => session.free());

/** A place for the session of one check, which asks once at a time. */
export class SessionPlace {
  #session: Session | null = null;
  /** That it had the choice of all versions, and took TLS 1.2. */
  #older: Choice | null = null;
  /** That it did not resume what it was offered. */
  #forgetful: Choice | null = null;

  /** What to resume; null is a full handshake. */
  get ticket(): Ticket | null {
    if (this.#session === null) return null;
    const { ticket, began, uses } = this.#session;
    return isFresh(began, uses, performance.now()) ? ticket : null;
  }

  /**
   * Whether there is any use in what a connection leaves to be resumed. To offer it takes a tenth of a handshake; where the
   * server has lately not resumed what it was offered, that is left until a whole handshake would be due where it does.
   */
  get isWanted(): boolean {
    const seen = this.#forgetful;
    return seen === null || !isFresh(seen.began, seen.uses, performance.now());
  }

  /**
   * Whether the server has lately chosen TLS 1.2 where it was offered what is newer, so that there is no use in beginning
   * a key exchange of TLS 1.3, which takes as long as a tenth of all that a check of it takes. It is offered again as
   * often as there is a whole handshake where sessions are resumed.
   */
  get isOlder(): boolean {
    return this.#older !== null && isFresh(this.#older.began, this.#older.uses, performance.now());
  }

  /** A connection came to TLS 1.2 or did not, or not to its end; `offered` is whether it could have come to more. */
  noteVersion(isOlder: boolean, offered: boolean): void {
    if (!isOlder) this.#older = null;
    else if (offered) this.#older = { began: performance.now(), uses: 1 };
    else if (this.#older !== null) this.#older.uses += 1;
  }

  /**
   * A connection is over: `latest` is what it leaves to be resumed, null where that is nothing new; `resumed` whether it
   * was resumed itself, `sound` whether it did what it was for.
   */
  note(latest: Ticket | null, resumed: boolean, sound: boolean): void {
    const before = this.#session;
    if (sound) this.#noteMemory(resumed, this.ticket !== null);
    const session = resumed ? before : null;
    const ticket = latest ?? session?.ticket ?? null;
    if (before !== null && before.ticket !== ticket) this.#free(before.ticket);
    if (!sound || ticket === null || !this.isWanted) {
      if (ticket !== null) this.#free(ticket);
      this.#session = null;
      return;
    }
    if (ticket !== before?.ticket && !Buffer.isBuffer(ticket)) forgotten.register(this, ticket, ticket);
    this.#session = { ticket, began: session?.began ?? performance.now(), uses: (session?.uses ?? 0) + 1 };
  }

  #noteMemory(resumed: boolean, offered: boolean): void {
    if (offered) this.#forgetful = resumed ? null : { began: performance.now(), uses: 1 };
    else if (this.#forgetful !== null) this.#forgetful.uses += 1;
  }

  #free(ticket: Ticket): void {
    if (Buffer.isBuffer(ticket)) return;
    forgotten.unregister(ticket);
    ticket.free();
  }
}

/** Follows a connection of Node's from before its handshake; returns what to call when it is over, with whether it was sound. */
export function followSession(place: SessionPlace, socket: TLSSocket): (sound: boolean) => void {
  let ticket: Buffer | null = null;
  let isResumed = false;
  socket.on('session', (latest: Buffer) => {
    ticket = latest;
  });
  socket.once('secureConnect', () => {
    isResumed = socket.isSessionReused();
  });
  return (sound) => place.note(ticket, isResumed, sound);
}
