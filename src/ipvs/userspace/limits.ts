/** Bounds of the balancer: times in milliseconds, counts per service but for the last. */

export interface Limits {
  /** How long a destination may take to accept a connection. */
  readonly connectTimeout: number;
  /** After this long without a byte either way a TCP connection is reset. */
  readonly tcpIdle: number;
  /** After this long without a datagram either way a client's flow is forgotten. */
  readonly udpIdle: number;
  /** The same for one-packet scheduling, where a flow is only the wait for the replies. */
  readonly opsIdle: number;
  /** How long a destination of weight 0 may owe a client an answer before another serves that client. */
  readonly udpPatience: number;
  /** TCP connections at once; further ones are closed at once. Each takes two file descriptors. */
  readonly maxConnections: number;
  /** UDP flows at once; a further one takes the place of the one idle for longest. Each takes a descriptor. */
  readonly maxFlows: number;
  /** Client networks that persistence remembers; a further one takes the place of the one not seen for longest. */
  readonly maxStays: number;
  /** The same of all services together. */
  readonly maxAllStays: number;
}

export const defaultLimits: Limits = {
  connectTimeout: 5_000,
  // The kernel's own timeouts (ipvsadm --list --timeout): 900 s for TCP, 300 s for UDP.
  tcpIdle: 900_000,
  udpIdle: 300_000,
  opsIdle: 30_000,
  // What resolvers and RADIUS clients wait for at least before they ask again.
  udpPatience: 2_000,
  maxConnections: 32_768,
  maxFlows: 8_192,
  maxStays: 65_536,
  // Some 200 MB.
  maxAllStays: 1_048_576,
};
