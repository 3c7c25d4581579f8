/** What a peer is given to check, in no peer's own words. */

export const kinds = ['http', 'kept', 'https', 'full', 'connect', 'ping'] as const;

/**
 * `kept` is HTTP over a connection that stays open from one check to the next, `full` HTTPS with servers that resume no
 * session: each check has a handshake of its own.
 */
export type Kind = (typeof kinds)[number];

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
}

export interface Service {
  readonly address: string;
  readonly targets: readonly Target[];
}

export interface Scenario {
  readonly kind: Kind;
  readonly services: readonly Service[];
  /** Seconds from one check to the next. */
  readonly interval: number;
  /** Seconds until a check has failed. */
  readonly timeout: number;
}

/** Every virtual service is on this port; nobody listens there. */
export const servicePort = 80;

/** What the pages of the load hold, and every HTTP check asks for but keepalived's, which has no word for it. */
export const page = `I am alive${'.'.repeat(90)}\n`;
export const received = 'I am alive';

/** Addresses on loopback, as many as wanted, all different: 127.BLOCK.0.1 and so on. A block has 65,000 at most. */
export function targets(count: number, port: number, block = 16): Target[] {
  return Array.from({ length: count }, (_, index) => ({
    address: `127.${block}.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    port,
    weight: 1,
  }));
}

/** One virtual service with all of them. */
export function oneService(servers: readonly Target[]): Service[] {
  return [{ address: '192.0.2.1', targets: servers }];
}
