/** Numbers of the kernel's interface: linux/rtnetlink.h, linux/if_addr.h, linux/if_link.h, linux/if.h and linux/if_arp.h. */

export const routeMessage = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
} as const;

/** Whose notifications are heard: RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR and RTNLGRP_IPV6_IFADDR. */
export const routeGroups = [1, 5, 9] as const;

/** NLM_F_EXCL and NLM_F_CREATE: nothing that stands is changed. */
export const createOnly = 0x200 | 0x400;
/** NLM_F_REPLACE: what stands is changed. */
export const replace = 0x100;

/** Bytes of struct ifaddrmsg and struct ifinfomsg. */
export const addressHeader = 8;
export const linkHeader = 16;

export const addressAttribute = { address: 1, local: 2, label: 3, cacheInfo: 6 } as const;
export const linkAttribute = { hardware: 1, name: 3 } as const;

/** IFA_F_NODAD. */
export const noDuplicateDetection = 0x02;
/** Seconds of a lifetime that never ends. */
export const forever = 0xffff_ffff;

/** IFF_UP, IFF_LOOPBACK, IFF_NOARP and IFF_LOWER_UP. */
export const linkFlag = { up: 0x1, loopback: 0x8, noArp: 0x80, lowerUp: 0x1_0000 } as const;

/** ARPHRD_ETHER, and bytes of its addresses. */
export const ethernet = 1;
export const ethernetAddress = 6;
