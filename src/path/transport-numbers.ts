/** By IANA. The `ip` of iproute2 looks names up in /etc/protocols, which a small system lacks. */
export const transportNumbers = { tcp: 6, udp: 17 } as const;
