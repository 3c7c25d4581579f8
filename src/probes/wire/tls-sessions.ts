/**
 * TLS sessions that checks of one server resume, which saves both sides most of a handshake (RFC 8446, section 2.2).
 * The certificate is judged when a session begins, so that one that has expired or was replaced since is noticed when
 * the session ends: after a minute, or twenty checks, or a connection that failed. Where days of validity are asked
 * for, each check looks at the certificate.
 */

import type { TLSSocket } from 'node:tls';
import type { Target } from './dial.js';

/** Milliseconds. */
const lifetime = 60_000;
const usesBound = 20;

interface Session {
  /** The latest ticket. */
  readonly ticket: Buffer;
  /** When the full handshake was, as performance.now(). */
  readonly began: number;
  /** Connections since that one. */
  readonly uses: number;
}

/** Targets of HTTP checks last as long as these; others are made for one connection, and resume nothing. */
const sessions = new WeakMap<Target, Session>();

/** What to resume; null is a full handshake. */
export function sessionFor(target: Target): Buffer | null {
  const session = sessions.get(target);
  if (session === undefined) return null;
  return performance.now() - session.began < lifetime && session.uses < usesBound ? session.ticket : null;
}

/** Follows a connection from before its handshake; returns what to call when it is over, with whether it was sound. */
export function followSession(target: Target, socket: TLSSocket): (sound: boolean) => void {
  if (target.tls?.minDays !== 0) return () => {};
  let ticket: Buffer | null = null;
  let resumed: Session | undefined;
  socket.on('session', (latest: Buffer) => {
    ticket = latest;
  });
  socket.once('secureConnect', () => {
    if (socket.isSessionReused()) resumed = sessions.get(target);
  });
  return (sound) => {
    const latest = ticket ?? resumed?.ticket ?? null;
    if (!sound || latest === null) sessions.delete(target);
    else
      sessions.set(target, {
        ticket: latest,
        began: resumed?.began ?? performance.now(),
        uses: (resumed?.uses ?? 0) + 1,
      });
  };
}
