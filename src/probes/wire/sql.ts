/** What checks of databases share: the statement to send, and what counts as its success. */

import { ProbeFailure } from '../failure.js';
import type { Check } from '../probe.js';
import type { Peer } from '../sockets/dial.js';
import { ownRequest } from './own-request.js';

/**
 * The statement of a check. Throws a ProbeFailure where the check has none, or no login: the reference counts such a
 * server as down.
 */
export function statementOf(check: Check): string {
  const statement = ownRequest(check);
  if (statement === '' || check.login === '') {
    throw new ProbeFailure('request', 'a database is asked by a user: set login, and a statement as request');
  }
  return statement;
}

/** Where TLS begins after words of the protocol's own, though it needs no command in the file. */
export function plainAtFirst({ address, port, route, tls }: Check): Peer {
  return { address, port, route, tls: tls && { ...tls, mode: 'starttls' } };
}

/**
 * The reason of a success. As in the reference one row is enough, be it found or changed, and `receive` is not looked
 * at. Throws a ProbeFailure where there is none.
 */
export function judgeRows(count: number): string {
  if (count === 0) throw new ProbeFailure('response', 'no row');
  return 'response: a row';
}
