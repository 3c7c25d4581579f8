/** HTTP/1.1 over TLS by OpenSSL itself, where no certificate is judged. */

import type { ProbeFailure } from '../failure.js';
import { type Offer, OwnSession } from '../sockets/openssl.js';
import { beginConnect, type Caller } from '../sockets/tcp-connect.js';
import type { TcpSocket } from '../sockets/tcp-socket.js';
import { sniOf } from '../sockets/tls-name.js';
import { type SecureCaller, TlsSocket } from '../sockets/tls-socket.js';
import type { Exchange } from './exchange.js';
import type { Asker, HttpResponse } from './http-message.js';
import { OwnHttp1Channel } from './own-http1.js';

export { hasOpenSsl } from '../sockets/openssl.js';

/** Over a connection of its own, which is gone when this settles. */
export function beginSecure(wanted: Exchange, signal: AbortSignal, asker: Asker): void {
  const { sessions } = wanted;
  const ticket = sessions?.ticket ?? null;
  const session = ticket instanceof OwnSession ? ticket : null;
  new AskingOnce(wanted, { session, isOlder: sessions?.isOlder ?? false }, signal, asker).begin();
}

/** A connection to be kept. It resumes no session: a kept connection saves more. Rejects with a ProbeFailure. */
export function openSecure(wanted: Exchange, signal: AbortSignal): Promise<OwnHttp1Channel> {
  return new Promise((resolve, failed) => {
    const secured = (socket: TlsSocket): void => resolve(new OwnHttp1Channel(socket));
    const connected = (tcp: TcpSocket): void => secure(tcp, wanted, { isLasting: true }, signal, { secured, failed });
    beginConnect(wanted.target, signal, 'request', { connected, failed });
  });
}

function secure(tcp: TcpSocket, { target }: Exchange, offer: Offer, signal: AbortSignal, caller: SecureCaller): void {
  TlsSocket.begin(tcp, sniOf(target.tls?.servername ?? null), offer, signal, caller);
}

class AskingOnce implements Caller, SecureCaller, Asker {
  readonly #wanted: Exchange;
  readonly #offer: Offer;
  readonly #signal: AbortSignal;
  readonly #asker: Asker;
  #socket: TlsSocket | null = null;

  constructor(wanted: Exchange, offer: Offer, signal: AbortSignal, asker: Asker) {
    this.#wanted = wanted;
    this.#offer = offer;
    this.#signal = signal;
    this.#asker = asker;
  }

  begin(): void {
    beginConnect(this.#wanted.target, this.#signal, 'request', this);
  }

  connected(socket: TcpSocket): void {
    secure(socket, this.#wanted, this.#offer, this.#signal, this);
  }

  secured(socket: TlsSocket): void {
    this.#socket = socket;
    new OwnHttp1Channel(socket).begin(this.#wanted.request, this.#signal, this);
  }

  answered(response: HttpResponse): void {
    this.#end(true);
    this.#asker.answered(response);
  }

  failed(failure: ProbeFailure): void {
    this.#end(false);
    const { session = null, isOlder = false } = this.#offer;
    // No verdict hangs on what was known of the server, which can spoil a handshake and nothing behind it: the next one
    // is a full one.
    const spoilt = (session !== null || isOlder) && !this.#signal.aborted && failure.phase === 'tls';
    if (spoilt) new AskingOnce(this.#wanted, {}, this.#signal, this.#asker).begin();
    else this.#asker.failed(failure);
  }

  #end(sound: boolean): void {
    const { sessions } = this.#wanted;
    const socket = this.#socket;
    if (sessions !== null) {
      const resumed = socket?.isReused ?? false;
      sessions.note(sound && sessions.isWanted ? (socket?.session() ?? null) : null, resumed, sound);
      sessions.noteVersion(sound && socket?.isOlder === true, this.#offer.isOlder !== true);
    }
    socket?.end();
  }
}
