/** HTTP/1.1 over TLS by OpenSSL itself, where no certificate is judged. */

import { ProbeFailure } from '../failure.js';
import { type Offer, OwnSession } from '../sockets/openssl.js';
import { connectTo } from '../sockets/tcp-connect.js';
import { sniOf } from '../sockets/tls-name.js';
import { TlsSocket } from '../sockets/tls-socket.js';
import type { Exchange } from './exchange.js';
import type { HttpResponse } from './http-message.js';
import { OwnHttp1Channel } from './own-http1.js';

export { hasOpenSsl } from '../sockets/openssl.js';

/** Over a connection of its own, which is gone when this settles. Rejects with a ProbeFailure. */
export async function askSecure(wanted: Exchange, signal: AbortSignal): Promise<HttpResponse> {
  const { sessions } = wanted;
  const ticket = sessions?.ticket ?? null;
  const session = ticket instanceof OwnSession ? ticket : null;
  const isOlder = sessions?.isOlder ?? false;
  try {
    return await askOnce(wanted, { session, isOlder }, signal);
  } catch (error) {
    // No verdict hangs on what was known of the server, which can spoil a handshake and nothing behind it: the next one
    // is a full one.
    const spoilt = (session !== null || isOlder) && !signal.aborted && isOfTls(error);
    if (!spoilt) throw error;
    return askOnce(wanted, {}, signal);
  }
}

function isOfTls(error: unknown): boolean {
  return error instanceof ProbeFailure && error.phase === 'tls';
}

async function askOnce(wanted: Exchange, offer: Offer, signal: AbortSignal): Promise<HttpResponse> {
  const { request, sessions } = wanted;
  let socket: TlsSocket | null = null;
  let sound = false;
  try {
    socket = await connect(wanted, offer, signal);
    const response = await new OwnHttp1Channel(socket).ask(request, signal);
    sound = true;
    return response;
  } finally {
    if (sessions !== null) {
      const resumed = socket?.isReused ?? false;
      sessions.note(sound && sessions.isWanted ? (socket?.session() ?? null) : null, resumed, sound);
      sessions.noteVersion(sound && socket?.isOlder === true, offer.isOlder !== true);
    }
    socket?.end();
  }
}

/** A connection to be kept. It resumes no session: a kept connection saves more. */
export async function openSecure(wanted: Exchange, signal: AbortSignal): Promise<OwnHttp1Channel> {
  return new OwnHttp1Channel(await connect(wanted, { isLasting: true }, signal));
}

async function connect({ target }: Exchange, offer: Offer, signal: AbortSignal): Promise<TlsSocket> {
  const connected = await connectTo(target, signal, 'request');
  return TlsSocket.open(connected, sniOf(target.tls?.servername ?? null), offer, signal);
}
