/** Events: the way of packets on this director: addresses and packet rules. */

export type PathEvent =
  /** An address of a virtual service was put on its device, or taken from it. */
  | (Vip & { readonly type: 'vip-added' | 'vip-removed' })
  /** It stood there before us, so that it is somebody else's. */
  | (Vip & { readonly type: 'vip-foreign' })
  /** It had gone, and is put back; it goes each time that it is put back; its device is up again. */
  | (Vip & { readonly type: 'vip-drifted' | 'vip-contested' | 'vip-restored' })
  /** The neighbours could not be told of it. */
  | (Vip & { readonly type: 'vip-unannounced'; readonly code: string; readonly reason: string })
  | {
      readonly type: 'vip-failed';
      /** At least one. */
      readonly addresses: readonly string[];
      readonly device: string;
      /** Name of an errno. */
      readonly code: string;
      readonly reason: string;
    }
  /** Which addresses are ours cannot be known, or not by the next start. */
  | { readonly type: 'vip-journal-lost'; readonly reason: string }
  /** Our table of nftables was written: so many rules stand in it now; without any it is gone. */
  | {
      readonly type: 'packet-rules-changed';
      readonly table: string;
      readonly marks: number;
      readonly snats: number;
    }
  /** Somebody else changed it; what puts it right follows. */
  | { readonly type: 'packet-rules-drifted'; readonly table: string }
  /** It cannot be read or written, and that it can again. */
  | {
      readonly type: 'packet-rules-failed';
      readonly table: string;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'packet-rules-restored'; readonly table: string };

/** An address of a virtual service on a device of the director. */
interface Vip {
  readonly address: string;
  readonly device: string;
}

export const pathSentences: Readonly<Record<PathEvent['type'], string>> = {
  'vip-added': 'the address of a virtual service was put on the device that `vip` names; neighbours are told',
  'vip-removed': 'it was taken from it: no virtual service wants it there any more, or the daemon stops',
  'vip-foreign': 'it stood there before, or somebody else put it there: it counts, and is never removed; told once',
  'vip-drifted': 'it was gone from the device, and is put back',
  'vip-contested':
    'it was gone again each of three times that it was put back, as where another program manages the device; from then on it is put back less often',
  'vip-failed': 'it does not stand, or does not serve; says why and what to do; goes on by itself when that is mended',
  'vip-restored': 'the device of such an address is up again',
  'vip-unannounced': 'neighbours could not be told of an address, and learn it in their own time; says why',
  'vip-journal-lost': 'which addresses are ours cannot be read at the start, or not be kept for the next one; says why',
  'packet-rules-changed':
    'firewall marks for `ports` and masquerading for `snat` were written to our table of nftables; says how many rules',
  'packet-rules-drifted': 'our table of nftables was changed by somebody else; it is put right',
  'packet-rules-failed':
    'our table of nftables cannot be read or written: without `nft`, without the kernel’s part, without permission; says why and what to do; it is tried again',
  'packet-rules-restored': 'our table of nftables is again as it should be',
};
