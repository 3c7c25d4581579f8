/** The kinds of checks: one row each. */

import { type ServiceName, services } from './services.js';

export interface CheckTypeRow {
  /** Whom it asks, a number in `checktype` the port and the service in turns; null is nobody. */
  readonly asks: 'port' | 'service' | 'machine' | 'program' | null;
  /** When a server is up. A sentence without its end. */
  readonly up: string;
}

/** In the order in which messages list them. */
const rows = {
  connect: {
    asks: 'port',
    up: 'the port takes a TCP connection, whatever becomes of it then; with `protocol=udp` as for `ping`',
  },
  negotiate: { asks: 'service', up: 'what the service’s row says' },
  combined: {
    asks: 'service',
    up:
      'negotiate until that succeeds, then so many times connect, then negotiate; after a failure negotiate; over UDP ' +
      'negotiate each time',
  },
  ping: { asks: 'machine', up: 'one of `checkcount` echo requests of ICMP is answered' },
  external: { asks: 'program', up: 'the program ends with status 0' },
  'external-perl': { asks: 'program', up: 'the script returns or exits with 0' },
  on: { asks: null, up: 'always: it is not asked' },
  off: { asks: null, up: 'never: it is not in use' },
} as const satisfies Readonly<Record<string, CheckTypeRow>>;

export type CheckType = keyof typeof rows;

export const checkTypes: Readonly<Record<CheckType, CheckTypeRow>> = rows;

/** Those that the file calls by their names; the other is a number there. */
export const namedCheckTypes = (Object.keys(rows) as CheckType[]).filter((type) => type !== 'combined');

/** For the manual: what each is called, and when a server is up. */
export const upByCheckType: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(rows).map(([type, { up }]) => [type === 'combined' ? 'NUMBER' : type, up]),
);

/** Whether servers are asked at all. */
export function isAsked({
  checktype,
  service,
}: {
  readonly checktype: CheckType;
  readonly service: ServiceName;
}): boolean {
  return checkTypes[checktype].asks !== null && (checktype !== 'negotiate' || services[service].asked);
}

/** Whether the checks of a type speak the service's protocol, always or in turns. */
export function isNegotiated(type: CheckType): boolean {
  return checkTypes[type].asks === 'service';
}
