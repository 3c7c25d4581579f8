/** The parts of a daemon and what each is given of the others. Each that is open has its release pushed as it opens. */

import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Gate } from './checks/gate.js';
import { PassiveChecks } from './checks/passive-checks.js';
import { pathsFor } from './checks/paths.js';
import { CheckPool, type PoolLimits } from './checks/pool.js';
import { spreads, summary } from './checks/sums.js';
import type { Lookup } from './config/resolve.js';
import type { Settings } from './config/settings/rows.js';
import type { LoadedSettings } from './config/settings/settings.js';
import { Control } from './control/control.js';
import type { ControlledDirector } from './control/director.js';
import { handlerOf } from './control/handlers.js';
import type { AnnouncementFile } from './directors/announce/kept.js';
import { Directors } from './directors/directors.js';
import type { Claim } from './directors/shared/claims.js';
import { tableText } from './directors/shared/foreign-table.js';
import type { TakenBack } from './directors/shared/replica.js';
import { noReplicaFile, type ReplicaFile } from './directors/shared/replica-file.js';
import { Sharing } from './directors/shared/sharing.js';
import { noSyncJournal, type SyncJournal } from './directors/sync/journal.js';
import type { EventBus, Publish } from './events.js';
import { AgentBook } from './health/agents.js';
import type { HandedOver } from './health/hand-over.js';
import { type Assigned, Members, type Prepared } from './health/members.js';
import { type PolicyFile, PolicyKeeper } from './health/policy-keeper.js';
import type { PolicyState, ServerState } from './health/policy-state.js';
import { Recorder } from './health/recorder.js';
import type { Backend } from './ipvs/backend.js';
import type { BackendName } from './ipvs/capabilities.js';
import { type ObservedTable, serviceKey } from './ipvs/table.js';
import type { Keeper } from './kept/keeper.js';
import type { Memory } from './memory.js';
import type { Config, RealServer, Virtual } from './model/config.js';
import type { InForce, Override } from './model/override.js';
import { isFallback, subjectKey, subjectOf } from './model/subject.js';
import { runCommand } from './notify/command.js';
import { Notifier } from './notify/notifier.js';
import { Web } from './observe/http/web.js';
import { monitorFile } from './observe/writing.js';
import { type ByHandFile, noByHandFile } from './overrides/by-hand-file.js';
import type { Place } from './overrides/places.js';
import { ServerSteering, type Steered } from './overrides/steering.js';
import { OverrideStore } from './overrides/store.js';
import type { AddressJournal } from './path/addresses/journal.js';
import { AddressKeeper } from './path/addresses/keeper.js';
import { reclaimAddress } from './path/addresses/reclaim.js';
import { vipStatus } from './path/addresses/status.js';
import { wantedAddresses } from './path/addresses/wanted.js';
import { journalAt, noJournal } from './path/packets/journal.js';
import { PacketKeeper } from './path/packets/keeper.js';
import { systemNft } from './path/packets/nft.js';
import { tableName } from './path/packets/table-name.js';
import { keptIn, policyChanges, policyStateOf } from './policies.js';
import { standsAsUp, startsAsUp } from './reconcile/adoption.js';
import { Decisions, type Health } from './reconcile/decisions.js';
import { serviceOf } from './reconcile/desired.js';
import { missingAt, servicesOf } from './reconcile/missing.js';
import { isLeftBehind, pathServiceKey, pathServices } from './reconcile/path-services.js';
import { Reconciler } from './reconcile/reconciler.js';
import { poolsBefore } from './reconcile/standings/kept.js';
import { Releases } from './releases.js';
import { Changes } from './reload/changes.js';
import type { KnownNames } from './reload/known-names.js';
import type { LastRuling } from './reload/last-ruling.js';
import { sharedLookup, type Valid } from './reload/read.js';
import { type Ruling, Source } from './reload/source.js';
import { Jobs } from './schedule/jobs.js';
import {
  type AmongDirectors,
  amongDirectors,
  connectionsIn,
  endsOf,
  healthAmong,
  readinessOf,
  seenBy,
  voteOn,
  withoutPaths,
} from './sharing.js';
import type { Work } from './slices.js';
import { Views } from './status/views.js';
import { monotonic } from './system/clock.js';
import { descriptorLimit } from './system/libc.js';
import { networkWords } from './system/network.js';

export interface DaemonOptions {
  /** The configuration file. */
  readonly file: string;
  readonly strict: boolean;
  readonly backend: Backend;
  /** What the settings said of it when it was opened; absent where the command line goes before them. */
  readonly backendSetting?: BackendName;
  readonly bus: EventBus;
  readonly version: string;
  /** Whether the process has left its terminal; only the log says so. */
  readonly background?: boolean;
  readonly lookup?: Lookup;
  /** Names of an address. */
  readonly reverse?: (address: string) => Promise<readonly string[]>;
  /** Called when a configuration begins to rule, the first one included, for what outlives the daemon: the log. */
  readonly onRule?: (config: Config, settings: Settings) => void;
  /** Where what is asked for by hand is kept; without it a restart forgets it. */
  readonly byHandFile?: ByHandFile;
  /** Where it is kept what other directors have asked for; without it a restart waits for the store to know it. */
  readonly replicaFile?: ReplicaFile;
  /** Who was up in the run before, as `handedOver` gives it, whatever the table says. */
  readonly before?: HandedOver;
  /** Where it is kept what health policies know; without it a restart forgets it. */
  readonly policies?: { readonly file: PolicyFile; readonly before: PolicyState };
  /** Where it is noted that there are packet rules of ours; without it a restart looks for none that it does not want. */
  readonly packetsJournal?: string;
  /** Where it is kept what names stand for; without it a restart forgets it. */
  readonly knownNames?: KnownNames;
  /** Where the version is kept that rules while the file cannot; without it a restart has the file alone. */
  readonly lastRuling?: LastRuling;
  /** Who keeps what is to be known of this run in the next; without it a restart forgets it. */
  readonly keeper?: Keeper;
  /** Where it is kept which addresses of `vip` are ours; without it none is put anywhere. */
  readonly addressJournal?: AddressJournal;
  /** Where it is kept which synchronization daemons are ours; without it a restart knows them by interface and id. */
  readonly syncJournal?: SyncJournal;
  /** Where it is kept what is announced, and that this director is handed over; without it a restart forgets it. */
  readonly announcementFile?: AnnouncementFile;
  /** The control socket, and what it steers of the process; without it there is none. */
  readonly control?: { readonly path: string } & Pick<ControlledDirector, 'reload' | 'setLogLevel'>;
  /** Milliseconds between two attempts at names that do not resolve. */
  readonly resolveAgainAfter?: number;
}

/** What rules, and who is up in it: swapped whole. */
export interface State {
  ruling: Ruling;
  members: Members;
  isStopping: boolean;
  /** What becomes of the table at the end. */
  endTable: 'leave' | 'close';
}

/** What the parts ask of the daemon. */
export interface Root {
  /** Rejects where a configuration cannot be checked. */
  readonly require: (config: Config) => Promise<void>;
  readonly takeOver: (ruling: Ruling) => Promise<void>;
  /** The checks of these servers are not to be run, as far as they decide about no other. */
  readonly rest: (servers: ReadonlySet<RealServer>) => void;
  /** The checks may be to be run more often than they are, or less. */
  readonly pace: () => void;
}

export type Parts = ReturnType<typeof composeParts>;

/** Milliseconds that whoever asks something for single servers waits for the table to have it. */
const steeringPatience = 20_000;
/** Who acts over HTTP, as far as anybody knows. */
const fromPage = 'status page';

export function composeParts(
  options: DaemonOptions,
  loaded: Valid,
  loadedSettings: LoadedSettings,
  state: State,
  { chronicle, times, history }: Memory,
  root: Root,
) {
  const { backend, bus, file, strict, version, before, policies, reverse, resolveAgainAfter } = options;
  const { publish } = bus;
  const { settings } = loadedSettings;
  const ruling = (): Ruling => state.ruling;
  const phase = () => recorder.phase;
  const instance = basename(file);
  const pathsOf = pathsFor(instance);

  /** What tells outside what happens lasts longer than all else. */
  const tellers = new Releases();
  const openMonitorFile = (path: string) => monitorFile(path, publish);
  const notifier = new Notifier(
    {
      publish,
      status: phase,
      openMonitorFile,
      role: () => directors.role,
      isInUse: (virtual) => decisions.isInUse(virtual),
      speaker: () => directors.speaker,
      outAt: (director) => directors.shared?.outAt(director) ?? null,
    },
    loaded.config,
    settings,
  );
  tellers.push(bus.subscribe(notifier.listener));
  tellers.push(bus.subscribe(chronicle.listener));

  const open = new Releases();
  const ending = new AbortController();
  open.push(() => ending.abort());
  const overrides = new OverrideStore({
    onChange: () => decisions.request(),
    persistsAtZero: () => backend.persistsAtZero?.() ?? false,
    agents: () => agents.all,
    ...(reverse && { reverse }),
  });
  open.push(() => overrides.close());
  const web = new Web({
    bus,
    version,
    backend: backend.name,
    describe: () => views.describe(),
    chronicle,
    history,
    unready: () => unready(),
    actions: {
      drain: async (server, asked) => {
        expectApplied(await steering.drain({ server, virtual: null }, { ...asked, who: fromPage }));
      },
      undrain: async (server, { why }) => {
        expectApplied(await steering.undrain({ server, virtual: null }, { why, who: fromPage }));
      },
    },
  });
  open.push(() => web.close());
  const jobs = new Jobs();
  open.push(() => jobs.close());
  open.push(() => backend.close());
  const addresses =
    options.addressJournal === undefined
      ? null
      : new AddressKeeper({
          journal: options.addressJournal,
          publish,
          onOwn: () => directors.noteOwnAddresses(),
        });
  // Before the table, so that it is let go of after it: clients find the services gone, and not half of the way to them.
  open.push(() => addresses?.[state.endTable]());
  const reconciler = new Reconciler(backend, {
    onChange: (change) => publish({ type: 'table-changed', change, status: phase() }),
    onRound: ({ followed, ...round }) => {
      publish({ type: 'table-kept', ...round });
      if (followed.entered + followed.left > 0) publish({ type: 'table-followed', ...followed });
      gate.look();
      packets?.look();
      directors.noteTable();
    },
    isOurs: (entry) => isLeftBehind(instance, entry),
    onDrift: (objects) => publish({ type: 'table-drifted', objects }),
    onContested: (objects) => publish({ type: 'table-contested', objects }),
    onUnserved: () => decisions.request(),
    onFailure: (object, failure) => publish({ type: 'table-failed', object, failure }),
  });
  open.push(() => reconciler[state.endTable]());
  // Where packets do not pass the kernel's table there is nothing to mark them for. Its rules go before its services.
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
  const pool = new CheckPool({
    limits: limitsOf(settings),
    onResult: (question, result) => {
      agents.record(question, result);
      recorder.record(question, result);
    },
    onSums: (sums) => recorder.sum({ sums: summary(sums), spreads: spreads(sums) }),
    onReplaced: (worker, checks, reason) => publish({ type: 'worker-replaced', worker, checks, reason }),
  });
  open.push(() => pool.close());
  const passiveChecks = new PassiveChecks();
  const gate = new Gate({
    pool,
    stateOf: ({ family, route: { mark } }) => reconciler.stateOf(pathServiceKey({ family, mark: mark ?? 0 })),
    onHeld: (check, result) => recorder.record(check, result),
  });
  open.push(() => gate.close());
  const agents = new AgentBook({
    publish,
    onChange: () => {
      decisions.request();
      keeper?.touch();
    },
    ...(policies && { before: policies.before.agents }),
    answeredAt: (question) => pool.passedAt(question),
    now: Date.now,
  });
  const healthIn = (members: () => Members): Health => healthAmong(() => directors.shared, members);
  const decisions = new Decisions({
    reconciler,
    config: () => state.ruling.config,
    health: healthIn(() => state.members),
    overrides: () => overrides.all,
    role: () => directors.role,
    publish,
    note: (decided, virtuals) => {
      times.note(decided, state.members, Date.now(), virtuals);
      directors.decided(decided);
    },
    paths: (config) => pathServices(pathsOf(config)),
    unused: before?.unused ?? [],
    ...(policies && { atStart: poolsBefore(keptIn(policies.before)) }),
    onOverridden: ({ resting }) => root.rest(resting),
    onDecided: () => recorder.settle(),
  });
  open.push(() => decisions.close());
  const started = Date.now();
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
        onOverrides: (byHand, ended) => takeShared(byHand, ended),
        onContest: (claim) => void runSplitBrain(claim),
        onContestOver: ({ vip }) => void reclaimAddress(vip, publish),
        connections: async (servers) => connectionsIn(await views.describe(), state.ruling.config, servers),
        table: () => tableText(withoutPaths(decisions.wanted)),
      }),
    publish,
    ownAddresses: async () => (await addresses?.own()) ?? new Map(),
    onRole: () => void followRole(),
    sync: { daemons: backend.sync ?? null, journal: options.syncJournal ?? noSyncJournal },
    stands: (virtual) => {
      const service = serviceOf(virtual);
      return service !== null && reconciler.has(serviceKey(service));
    },
    addresses,
    ...(options.announcementFile && { announcementFile: options.announcementFile }),
  });
  /** Before anything rules nobody knows who is up: what rules first goes by the role that is known by then. */
  const followRole = async (): Promise<void> => {
    if (state.members === Members.none) return;
    await decisions.decide();
    root.pace();
    if (!state.isStopping) wantAddresses();
  };
  /** An address comes after its service, and goes after it: while it is not there nobody refuses clients. */
  const wantAddresses = (): void => {
    const { config, leftOut } = decisions.standings;
    addresses?.want(wantedAddresses(config, leftOut));
  };
  // Before the table and the addresses: what leads clients here is taken back while they are served still.
  open.push(() => directors[state.endTable]());
  const keeper =
    policies &&
    new PolicyKeeper({
      file: policies.file,
      state: () => {
        const { members } = state;
        return members === Members.none ? null : policyStateOf(members, decisions.kept, Date.now(), agents.heard);
      },
      onFailure: (reason) => publish({ type: 'policies-lost', reason: `a restart will not know of them: ${reason}` }),
    });
  open.push(() => keeper?.close());
  open.push(bus.subscribe(({ type }) => void (policyChanges.has(type) && keeper?.touch())));
  const recorder = new Recorder({
    publish,
    isHeld: (real) => decisions.inForce.held.has(real),
    onChange: () => decisions.request(),
    now: monotonic,
    network: () => networkWords(),
  });
  const forgive = (places: readonly Place[]): number => {
    const now = Date.now();
    const forgiven = places.filter(({ real }) => state.members.forgive(real, 'all', now));
    keeper?.touch();
    return forgiven.length;
  };
  const runSplitBrain = async ({ vip, others }: Claim): Promise<void> => {
    const { splitBrain: command } = source.settings.store;
    if (command === null) return;
    const timeout = source.settings.commandTimeout * 1_000;
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
  const steering = new ServerSteering({
    store: overrides,
    file: directors.sharing?.file ?? noByHandFile,
    isShared: () => directors.shared !== null,
    config: () => state.ruling.config,
    apply: async (places: readonly Place[]) => {
      const late = new AbortController();
      const over = sleep(steeringPatience, undefined, { signal: late.signal }).catch(() => {});
      await Promise.race([decisions.decide(), over]);
      late.abort();
      return missingAt(places, await reconciler.missing(servicesOf(places)));
    },
    inForce: () => decisions.inForce,
    isInUse: (virtual) => decisions.isInUse(virtual),
    hasFallback: (virtual) => decisions.hasFallback(virtual),
    forgive: (places) => forgive(places),
    objection: (asked) => decisions.objectionTo(asked),
  });

  const unready = (): readonly string[] => {
    if (state.isStopping) return ['the daemon stops'];
    const absent = reconciler.hasStood ? [] : ['the first table does not stand yet'];
    return [...absent, ...directors.unready(() => decisions.standings)];
  };

  const lookup = options.lookup ?? sharedLookup;
  const source: Source = new Source(
    {
      file,
      strict,
      capabilities: backend.capabilities,
      lookup,
      publish,
      ...(options.backendSetting && { backendSetting: options.backendSetting }),
      onOccasion: (occasion) => void changes.reload(occasion),
    },
    loaded,
    loadedSettings,
  );
  open.push(() => source.close());
  const changes = new Changes({
    file,
    source,
    lookup,
    publish,
    ruling,
    require: root.require,
    takeOver: root.takeOver,
    ...(resolveAgainAfter !== undefined && { resolveAgainAfter }),
  });
  open.push(() => changes.close());

  /** Who was up in the run before counts once. */
  const prepareMembers = (assigned: readonly Assigned[], inForce: InForce, table: ObservedTable): Work<Prepared> => {
    const wasUp = state.members === Members.none ? before?.up : undefined;
    const isFirst = state.members === Members.none;
    const stateBefore = isFirst ? policies?.before.servers : undefined;
    const wasSeen = (virtual: Virtual, real: RealServer): boolean =>
      wasUp?.has(subjectKey(subjectOf(virtual, real))) || standsAsUp(virtual, real, inForce, table);
    const stands = (virtual: Virtual, real: RealServer): boolean =>
      isFallback(real) ? startsAsUp(virtual, real, (one) => wasSeen(virtual, one)) : wasSeen(virtual, real);
    const stateOf = (virtual: Virtual, real: RealServer): ServerState | undefined =>
      stateBefore?.get(subjectKey(subjectOf(virtual, real)));
    return Members.prepare(assigned, state.members, stands, stateOf);
  };
  const views = new Views({
    version,
    file,
    backend: backend.name,
    ruling,
    members: () => state.members,
    prepareMembers,
    recorder,
    agents,
    decisions,
    overrides,
    role: () => directors.role,
    reconciler,
    vipOf: (virtual) => vipStatus(virtual, addresses),
    announcementOf: (virtual) => directors.announcementOf(virtual),
    handover: () => directors.handover.current,
    packets: () => packets?.state ?? null,
    sync: () => directors.sync,
    healthIn: (members) => healthIn(() => members),
    voteOn: (real) => voteOn(directors.shared, state.members, real),
    stalenessOf: (real) => passiveChecks.staleness(state.members.checkOf(real)),
    unready: () => unready(),
    roleStatus: () => directors.roleStatus,
    fitness: () => directors.toldFitness,
    store: () => directors.store.state,
    shared: () => directors.shared?.status ?? null,
    pathsOf,
    pool,
    source,
    chronicle,
    times,
  });
  if (options.lastRuling) tellers.push(keepRuling(options.lastRuling, bus, ruling));
  const control = options.control
    ? controlOf(
        options.control,
        { steering, handover: directors.handover, chronicle, views, ...amongDirectors(directors, decisions) },
        publish,
      )
    : null;
  open.push(() => control?.close());

  return {
    open,
    tellers,
    chronicle,
    notifier,
    overrides,
    web,
    jobs,
    reconciler,
    addresses,
    wantAddresses,
    packets,
    pool,
    gate,
    passiveChecks,
    pathsOf,
    decisions,
    healthIn,
    directors,
    recorder,
    agents,
    steering,
    source,
    changes,
    prepareMembers,
    views,
    control,
  };
}

/** Keeps the version that rules as long as the file on disk cannot, for the next daemon. */
function keepRuling(lastRuling: LastRuling, bus: EventBus, ruling: () => Ruling): () => void {
  return bus.subscribe(({ type }) => {
    if (type === 'config-loaded') lastRuling.forget();
    else if (type === 'config-rejected') lastRuling.keep(ruling().text);
  });
}

function controlOf(
  { path, reload, setLogLevel }: NonNullable<DaemonOptions['control']>,
  {
    views,
    ...more
  }: Pick<ControlledDirector, 'steering' | 'handover' | 'chronicle' | keyof AmongDirectors> & {
    readonly views: Views;
  },
  publish: Publish,
): Control {
  const handle = handlerOf({
    reload,
    setLogLevel,
    ...more,
    describe: () => views.describe(),
    unready: () => views.unready,
    plan: (request) => views.plan(request),
    explain: (target) => views.explain(target),
    checkNow: (target) => views.checkNow(target),
  });
  return new Control({ path, handle, onFailure: (reason) => publish({ type: 'control-failed', reason }) });
}

export function limitsOf({ workers, checkLimit, checkJitter }: Settings): PoolLimits {
  return { workers, inFlight: checkLimit, jitter: checkJitter / 100, descriptors: descriptorLimit() };
}

/** Throws an Error for people where the table does not have what was asked for yet. */
function expectApplied({ servers }: Steered): void {
  const missing = servers.flatMap(({ missing }) => missing ?? []);
  if (missing.length > 0) throw new Error(`it is asked for, and not in the table yet: ${missing.join('; ')}`);
}
