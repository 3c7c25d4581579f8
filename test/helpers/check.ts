/** A check with every field filled in, for tests to vary. */

import type { Check } from '../../src/probes/probe.js';

/** Milliseconds within which any sound answer on loopback comes, however busy the machine. */
export const ample = 20_000;
/** Milliseconds for a check that is to run into its deadline. */
export const brief = 400;

export function checkOf(changes: Partial<Check>): Check {
  return {
    type: 'negotiate',
    connects: 0,
    service: 'http',
    protocol: 'tcp',
    family: 'inet',
    address: '127.0.0.1',
    port: 9,
    interval: 10_000,
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
    command: '/bin/true',
    args: [],
    ...changes,
  };
}

export function receive(source: string): Check['receive'] {
  return { source, regex: new RegExp(source) };
}
