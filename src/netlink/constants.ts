/** Numbers of the kernel's interface: linux/netlink.h and linux/genetlink.h. */

/** Bytes of struct nlmsghdr, struct genlmsghdr and struct nlattr. */
export const messageHeader = 16;
export const genericHeader = 4;
export const attributeHeader = 4;

/** Protocols of netlink(7). */
export const netlinkRoute = 0;
export const netlinkGeneric = 16;

export const messageType = { error: 2, done: 3, overrun: 4, controller: 0x10 } as const;

export const flag = {
  request: 0x01,
  ack: 0x04,
  dumpInterrupted: 0x10,
  dump: 0x300,
  /** In an acknowledgement: the request's payload was left out. */
  capped: 0x100,
  /** In an acknowledgement: extended attributes follow. */
  extended: 0x200,
} as const;

export const ackAttribute = { message: 1 } as const;

/** The two high bits of an attribute's type say how it is laid out. */
export const nested = 0x8000;
export const attributeTypeMask = 0x3fff;

export const controller = { getFamily: 3, familyId: 1, familyName: 2, version: 1 } as const;

/** Address families of Linux, on every architecture. */
export const addressFamily = { inet: 2, inet6: 10 } as const;
