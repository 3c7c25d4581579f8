/** What serves clients: addresses, the table, rules for packets. */

import { serviceKey } from '../ipvs/table.js';
import { AddressKeeper } from '../path/addresses/keeper.js';
import { journalAt, noJournal } from '../path/packets/journal.js';
import { PacketKeeper } from '../path/packets/keeper.js';
import { systemNft } from '../path/packets/nft.js';
import { tableName } from '../path/packets/table-name.js';
import { isLeftBehind } from '../reconcile/path-services.js';
import { Reconciler, type ReconcilerOptions } from '../reconcile/reconciler.js';
import type { Given } from './given.js';

interface Occasions extends Required<Pick<ReconcilerOptions, 'onChange' | 'onUnserved'>> {
  /** The table has been looked at. */
  readonly onTable: () => void;
  /** The addresses that are ours have changed. */
  readonly onOwnAddresses: () => void;
}

/**
 * Let go of in the order in which clients are led: rules for packets before the services that they lead to, and the table
 * before its addresses, so that clients find the services gone, and not half of the way to them.
 */
export function openServing({ options, state, instance, open }: Given, occasions: Occasions) {
  const { backend, addressJournal } = options;
  const { publish } = options.bus;
  open.push(() => backend.close());
  const addresses =
    addressJournal === undefined
      ? null
      : new AddressKeeper({ journal: addressJournal, publish, onOwn: occasions.onOwnAddresses });
  open.push(() => addresses?.[state.endTable]());
  const reconciler = new Reconciler(backend, {
    onChange: occasions.onChange,
    onRound: ({ followed, ...round }) => {
      publish({ type: 'table-kept', ...round });
      if (followed.entered + followed.left > 0) publish({ type: 'table-followed', ...followed });
      packets?.look();
      occasions.onTable();
    },
    isOurs: (entry) => isLeftBehind(instance, entry),
    onDrift: (objects) => publish({ type: 'table-drifted', objects }),
    onContested: (objects) => publish({ type: 'table-contested', objects }),
    onUnserved: occasions.onUnserved,
    onFailure: (object, failure) => publish({ type: 'table-failed', object, failure }),
  });
  open.push(() => reconciler[state.endTable]());
  // Where packets do not pass the kernel's table there is nothing to mark them for.
  const packets =
    backend.capabilities.passes === 'packets'
      ? new PacketKeeper({
          table: tableName(instance),
          nft: systemNft(),
          journal: options.packetsJournal === undefined ? noJournal : journalAt(options.packetsJournal),
          stands: (family, mark) => reconciler.has(serviceKey({ protocol: 'fwm', family, mark })),
          publish,
        })
      : null;
  open.push(() => packets?.[state.endTable]());
  return { addresses, reconciler, packets };
}
