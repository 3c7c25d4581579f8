/** Numbers of the kernel's interface: linux/ip_vs.h. */

export const familyName = 'IPVS';
export const familyVersion = 1;

export const command = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
  newDaemon: 9,
  deleteDaemon: 10,
  getDaemon: 11,
  setConfig: 12,
  getConfig: 13,
  getInfo: 15,
  zero: 16,
  flush: 17,
} as const;

export const commandAttribute = {
  service: 1,
  destination: 2,
  daemon: 3,
  timeoutTcp: 4,
  timeoutTcpFin: 5,
  timeoutUdp: 6,
} as const;

export const serviceAttribute = {
  family: 1,
  protocol: 2,
  address: 3,
  port: 4,
  mark: 5,
  scheduler: 6,
  flags: 7,
  timeout: 8,
  netmask: 9,
  statistics: 10,
  persistenceEngine: 11,
  statistics64: 12,
} as const;

export const destinationAttribute = {
  address: 1,
  port: 2,
  forward: 3,
  weight: 4,
  upperThreshold: 5,
  lowerThreshold: 6,
  activeConnections: 7,
  inactiveConnections: 8,
  persistentConnections: 9,
  statistics: 10,
  family: 11,
  statistics64: 12,
  tunnelType: 13,
  tunnelPort: 14,
  tunnelFlags: 15,
} as const;

export const daemonAttribute = {
  state: 1,
  interface: 2,
  syncId: 3,
  maxLength: 4,
  group: 5,
  group6: 6,
  port: 7,
  ttl: 8,
} as const;

export const statisticsAttribute = {
  connections: 1,
  inPackets: 2,
  outPackets: 3,
  inBytes: 4,
  outBytes: 5,
  connectionRate: 6,
  inPacketRate: 7,
  outPacketRate: 8,
  inByteRate: 9,
  outByteRate: 10,
} as const;

export const infoAttribute = { version: 1, tableSize: 2 } as const;

/** The service flags that an administrator sets: IP_VS_SVC_F_PERSISTENT, _ONEPACKET, and the scheduler's three. */
export const serviceFlag = { persistent: 0x01, onePacket: 0x04, scheduler: 0x38 } as const;
export const schedulerFlagShift = 3;

export const daemonState = { master: 1, backup: 2 } as const;

/** Protocol numbers of the IANA. */
export const protocolNumber = { tcp: 6, udp: 17, sctp: 132 } as const;

/** The part of IP_VS_CONN_F_FWD_MASK that names a forwarding method. */
export const forwardingNumber = { masq: 0, local: 1, ipip: 2, gate: 3, bypass: 4 } as const;
export const forwardingMask = 7;

export const tunnelNumber = { ipip: 0, gue: 1, gre: 2 } as const;
export const checksumNumber = { none: 0, full: 1, remote: 2 } as const;

/** Bytes of IP_VS_SCHEDNAME_MAXLEN, IP_VS_PENAME_MAXLEN and IP_VS_IFNAME_MAXLEN, the closing zero included. */
export const nameSize = 16;

/** Bytes of union nf_inet_addr, which holds an address of either family. */
export const addressSize = 16;
