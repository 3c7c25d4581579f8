/** What this director is among others, and what they ask of it. */

import type { Settings } from '../config/settings/rows.js';
import { Directors } from '../directors/directors.js';
import type { Claim } from '../directors/shared/claims.js';
import { tableText } from '../directors/shared/foreign-table.js';
import type { TakenBack } from '../directors/shared/replica.js';
import { noReplicaFile } from '../directors/shared/replica-file.js';
import { Sharing } from '../directors/shared/sharing.js';
import { noSyncJournal } from '../directors/sync/journal.js';
import { Members } from '../health/members.js';
import { serviceKey } from '../ipvs/table.js';
import type { Override } from '../model/override.js';
import { runCommand } from '../notify/command.js';
import { noByHandFile } from '../overrides/by-hand-file.js';
import type { Place } from '../overrides/places.js';
import type { OverrideStore } from '../overrides/store.js';
import type { AddressKeeper } from '../path/addresses/keeper.js';
import { reclaimAddress } from '../path/addresses/reclaim.js';
import type { Decisions } from '../reconcile/decisions.js';
import { serviceOf } from '../reconcile/desired.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import { connectionsIn, endsOf, readinessOf, seenBy, withoutPaths } from '../sharing.js';
import type { Views } from '../status/views.js';
import type { Given } from './given.js';

interface Around {
  readonly reconciler: Reconciler;
  readonly addresses: AddressKeeper | null;
  readonly decisions: Decisions;
  readonly overrides: OverrideStore;
  readonly settings: () => Settings;
  readonly views: () => Pick<Views, 'describe'>;
  readonly unready: () => readonly string[];
  /** What health policies hold against servers counts no longer. */
  readonly forgive: (places: readonly Place[]) => void;
  /** The role is another one. */
  readonly onRole: () => void;
}

export function openDirectors(
  { options, state, instance, open }: Given,
  { reconciler, addresses, decisions, overrides, settings, views, unready, forgive, onRole }: Around,
): Directors {
  const { backend, version } = options;
  const { publish } = options.bus;
  const started = Date.now();
  const ending = new AbortController();
  open.push(() => ending.abort());
  const runSplitBrain = async ({ vip, others }: Claim): Promise<void> => {
    const { store, commandTimeout } = settings();
    const command = store.splitBrain;
    if (command === null) return;
    const timeout = commandTimeout * 1_000;
    const { ok, how, output } = await runCommand({ command, args: [vip, ...others], timeout }, ending.signal);
    publish({ type: 'command-ended', command, ok, outcome: how, output });
  };
  /** What all directors have asked for counts at once; before the first configuration rules there is nobody to tell. */
  const takeShared = (byHand: readonly Override[], ended: readonly TakenBack[] | null): void => {
    if (ended === null) {
      overrides.byHand = byHand;
      return;
    }
    const { origins, undrained } = endsOf(state.ruling.config, ended);
    const isSame = byHand === overrides.all.byHand && undrained.length === 0;
    if (isSame) return;
    overrides.byHand = byHand;
    if (state.members === Members.none) return;
    forgive(undrained);
    const { ending } = overrides.all;
    overrides.ending = new Map([...(ending ?? []), ...origins]);
    void decisions.decide();
    overrides.ending = ending;
  };
  const directors: Directors = new Directors({
    instance: instance.replace(/\.cf$/, ''),
    share: (store) =>
      new Sharing({
        store,
        publish,
        file: options.replicaFile ?? noReplicaFile,
        byHandFile: options.byHandFile ?? noByHandFile,
        self: () => ({ version, started, ...readinessOf(unready()), ...directors.self }),
        observe: () => seenBy(state.members, state.ruling.config, decisions.inForce),
        onVotes: () => decisions.requestAll(),
        onPeers: () => directors.noteOthers(),
        onOverrides: takeShared,
        onContest: (claim) => void runSplitBrain(claim),
        onContestOver: ({ vip }) => void reclaimAddress(vip, publish),
        connections: async (servers) => connectionsIn(await views().describe(), state.ruling.config, servers),
        table: () => tableText(withoutPaths(decisions.wanted)),
      }),
    publish,
    ownAddresses: async () => (await addresses?.own()) ?? new Map(),
    onRole,
    sync: { daemons: backend.sync ?? null, journal: options.syncJournal ?? noSyncJournal },
    stands: (virtual) => {
      const service = serviceOf(virtual);
      return service !== null && reconciler.has(serviceKey(service));
    },
    addresses,
    ...(options.announcementFile && { announcementFile: options.announcementFile }),
  });
  // Before the table and the addresses: what leads clients here is taken back while they are served still.
  open.push(() => directors[state.endTable]());
  return directors;
}
