/** A check with every field filled in, for tests to vary. */

import { secretsOf } from '../../src/config/file/secrets.js';
import type { Check, Route, TlsOptions } from '../../src/probes/probe.js';

/** Milliseconds within which any sound answer on loopback comes, however busy the machine. */
export const ample = 20_000;
/** Milliseconds for a check that is to run into its deadline. */
export const brief = 400;

/** Neither a mark nor a source address. */
export const direct: Route = { mark: null, source: null, towards: null };

export function checkOf(changes: Partial<Check>): Check {
  const { passwd = '', secret = '', http } = changes;
  return {
    type: 'negotiate',
    connects: 0,
    service: 'http',
    protocol: 'tcp',
    family: 'inet',
    address: '127.0.0.1',
    port: 9,
    route: direct,
    interval: 10_000,
    paces: null,
    checkTimeout: ample,
    negotiateTimeout: ample,
    checkcount: 1,
    request: '/',
    receive: null,
    httpmethod: 'GET',
    virtualhost: null,
    login: '',
    passwd: '',
    database: '',
    secret: '',
    tls: null,
    http: {
      statuses: [{ from: 200, to: 299 }],
      headers: [],
      auth: 'none',
      receiveIn: 'body',
      bodyLimit: 1024 * 1024,
      version: '1.1',
      followRedirects: true,
      keepAlive: false,
      publicPort: null,
    },
    secrets: secretsOf({ passwd, secret, requestheader: http?.headers ?? [] }),
    dnsType: null,
    hex: { request: '', receive: '' },
    command: '/bin/true',
    args: [],
    further: null,
    ...changes,
  };
}

/** TLS from the first byte, without verification. */
export function tlsOf(changes: Partial<TlsOptions> = {}): TlsOptions {
  return { mode: 'yes', verify: false, servername: null, ca: null, client: null, minDays: 0, ...changes };
}

export function receive(source: string): Check['receive'] {
  return { source, regex: new RegExp(source) };
}
