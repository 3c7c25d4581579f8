/**
 * TLS sessions that the HTTPS checks of one server resume, which saves both sides most of a handshake (RFC 8446, section
 * 2.2). The certificate is judged when a session begins, so that one that has expired or was replaced since is noticed
 * when the session ends: after a minute, or twenty checks, or a connection that failed. Where days of validity are asked
 * for, each check looks at the certificate. Other services are not asked often enough by one director to be worth it.
 */

import type { TLSSocket } from 'node:tls';
import { isFresh } from './freshness.js';

interface Session {
  /** The latest ticket. */
  readonly ticket: Buffer;
  /** When the full handshake was, as performance.now(). */
  readonly began: number;
  /** Connections since, that one included. */
  readonly uses: number;
}

/** A place for the session of one check, which asks once at a time. */
export class SessionPlace {
  #session: Session | null = null;

  /** What to resume; null is a full handshake. */
  get ticket(): Buffer | null {
    if (this.#session === null) return null;
    const { ticket, began, uses } = this.#session;
    return isFresh(began, uses, performance.now()) ? ticket : null;
  }

  /** Follows a connection from before its handshake; returns what to call when it is over, with whether it was sound. */
  follow(socket: TLSSocket): (sound: boolean) => void {
    let ticket: Buffer | null = null;
    let resumed: Session | null = null;
    socket.on('session', (latest: Buffer) => {
      ticket = latest;
    });
    socket.once('secureConnect', () => {
      if (socket.isSessionReused()) resumed = this.#session;
    });
    return (sound) => {
      const latest = ticket ?? resumed?.ticket ?? null;
      const began = resumed?.began ?? performance.now();
      this.#session = sound && latest !== null ? { ticket: latest, began, uses: (resumed?.uses ?? 0) + 1 } : null;
    };
  }
}
