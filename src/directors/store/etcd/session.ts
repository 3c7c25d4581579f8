/** Who asks: a user of etcd, by a token that ends when it likes, and is asked for anew then, once. */

import type { Fault, Outcome } from '../store.js';
import type { Credentials } from './credentials.js';
import { isWithoutUsers } from './faults.js';
import type { Gateway } from './gateway.js';
import { part } from './names.js';

/** Milliseconds between two logins of which the first was good for nothing: etcd computes for tens of them at each. */
const loginPause = 5_000;

export class Session {
  readonly #gateway: Gateway;
  readonly #login: Credentials['login'];
  #token: string | null = null;
  #loggingIn: Promise<Fault | null> | null = null;
  #loggedInAt = Number.NEGATIVE_INFINITY;
  /** Whether something was answered to the token. */
  #isProven = false;

  private constructor(gateway: Gateway, login: Credentials['login']) {
    this.#gateway = gateway;
    this.#login = login;
  }

  static async open(gateway: Gateway, login: Credentials['login'], signal: AbortSignal): Promise<Outcome<Session>> {
    const session = new Session(gateway, login);
    const fault = login === null ? null : await session.#logIn(signal);
    return fault === null ? { ok: true, value: session } : { ok: false, fault };
  }

  /** `isRead` says that asking twice does no harm. */
  async ask(path: string, body: unknown, isRead: boolean, signal: AbortSignal): Promise<Outcome<unknown>> {
    return this.withToken((token) => this.#gateway.ask({ path, body, token }, signal), isRead, signal);
  }

  /** Tries it, and once more with another token where the one that there is does not count any more. */
  async withToken<T>(
    attempt: (token: string | null) => Promise<Outcome<T>>,
    isRead: boolean,
    signal: AbortSignal,
  ): Promise<Outcome<T>> {
    const token = this.#token;
    const outcome = await attempt(token);
    if (outcome.ok && token === this.#token) this.#isProven = true;
    if (outcome.ok || !(await this.#isTokenOver(outcome.fault, token, isRead, signal))) return outcome;
    const fault = token === this.#token ? await this.#renew(signal) : null;
    return fault === null ? attempt(this.#token) : { ok: false, fault };
  }

  /**
   * etcd 3.4.23, Debian's, and some later ones close the connection on whoever shows a token that does not count
   * (etcd-io/etcd 15256, 20332). So does any that ends just then: a write is not repeated before a read has told.
   */
  async #isTokenOver(fault: Fault, token: string | null, isRead: boolean, signal: AbortSignal): Promise<boolean> {
    if (this.#login === null || signal.aborted) return false;
    if (fault.code === 'token-invalid' || fault.code === 'user-missing') return true;
    if (fault.code !== 'UND_ERR_SOCKET' || token === null) return false;
    if (isRead) return true;
    const look = await this.#gateway.ask({ path: '/v3/kv/range', body: { key: 'AA==' }, token }, signal);
    return !look.ok && look.fault.code === 'UND_ERR_SOCKET';
  }

  async #renew(signal: AbortSignal): Promise<Fault | null> {
    if (this.#loggingIn === null && !this.#isProven && performance.now() - this.#loggedInAt < loginPause) {
      return {
        kind: 'away',
        code: 'token-invalid',
        message: `${this.#gateway.endpoint}: the token that it gave does not count; it is logged in anew in a while`,
        endpoint: this.#gateway.endpoint,
      };
    }
    this.#loggingIn ??= this.#logIn(signal).finally(() => {
      this.#loggingIn = null;
    });
    return this.#loggingIn;
  }

  async #logIn(signal: AbortSignal): Promise<Fault | null> {
    this.#loggedInAt = performance.now();
    this.#isProven = false;
    const asked = { path: '/v3/auth/authenticate', body: this.#login, token: null };
    const outcome = await this.#gateway.ask(asked, signal);
    if (outcome.ok) {
      const token = part(outcome.value, 'token');
      this.#token = typeof token === 'string' ? token : null;
      return null;
    }
    if (!isWithoutUsers(outcome.fault.message)) return outcome.fault;
    this.#token = null;
    return null;
  }
}
