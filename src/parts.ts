/** The parts of a daemon and what each is given of the others. Each that is open has its release pushed as it opens. */

import { basename } from 'node:path';
import { pathsFor } from './checks/paths.js';
import type { LoadedSettings } from './config/settings/settings.js';
import type { EventBus } from './events.js';
import { type Assigned, Members, type Prepared } from './health/members.js';
import { PolicyKeeper } from './health/policy-keeper.js';
import type { ServerState } from './health/policy-state.js';
import type { ObservedTable } from './ipvs/table.js';
import type { Memory } from './memory.js';
import type { RealServer, Virtual } from './model/config.js';
import type { InForce } from './model/override.js';
import { isFallback, subjectKey, subjectOf } from './model/subject.js';
import { Notifier } from './notify/notifier.js';
import { monitorFile } from './observe/writing.js';
import type { Place } from './overrides/places.js';
import { OverrideStore } from './overrides/store.js';
import { openControl, openWeb, steeringOf } from './parts/asking.js';
import { openChecking } from './parts/checking.js';
import { openDirectors } from './parts/directing.js';
import { type DaemonOptions, type Given, type Root, ruled, type State } from './parts/given.js';
import { openServing } from './parts/serving.js';
import { vipStatus } from './path/addresses/status.js';
import { wantedAddresses } from './path/addresses/wanted.js';
import { keptIn, policyChanges, policyStateOf } from './policies.js';
import { standsAsUp, startsAsUp } from './reconcile/adoption.js';
import { Decisions, type Health } from './reconcile/decisions.js';
import { pathServices } from './reconcile/path-services.js';
import { poolsBefore } from './reconcile/standings/kept.js';
import { Releases } from './releases.js';
import { Changes } from './reload/changes.js';
import type { LastRuling } from './reload/last-ruling.js';
import { sharedLookup, type Valid } from './reload/read.js';
import { type Ruling, Source } from './reload/source.js';
import { Jobs } from './schedule/jobs.js';
import { healthAmong, voteOn } from './sharing.js';
import { soonInSlices, type Work } from './slices.js';
import { Views } from './status/views.js';

export type Parts = ReturnType<typeof composeParts>;

export function composeParts(
  options: DaemonOptions,
  loaded: Valid,
  loadedSettings: LoadedSettings,
  state: State,
  memory: Memory,
  root: Root,
) {
  const { backend, bus, file, strict, version, before, policies, reverse, resolveAgainAfter } = options;
  const { chronicle, times } = memory;
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
  const given: Given = { options, state, instance, open };
  const overrides = new OverrideStore({
    onChange: () => decisions.request(),
    persistsAtZero: () => backend.persistsAtZero?.() ?? false,
    agents: () => agents.all,
    ...(reverse && { reverse }),
  });
  open.push(() => overrides.close());
  const unready = (): readonly string[] => {
    if (state.isStopping) return ['the daemon stops'];
    const absent = reconciler.hasStood ? [] : ['the first table does not stand yet'];
    return [...absent, ...directors.unready(() => decisions.standings)];
  };
  const web = openWeb(given, memory, { steering: () => steering, views: () => views, unready });
  const jobs = new Jobs();
  open.push(() => jobs.close());
  const { addresses, reconciler, packets } = openServing(given, {
    onChange: (change) => publish({ type: 'table-changed', change, status: phase() }),
    onTable: () => {
      gate.look();
      directors.noteTable();
    },
    onUnserved: () => decisions.request(),
    onOwnAddresses: () => directors.noteOwnAddresses(),
  });
  const { recorder, pool, passiveChecks, gate, agents } = openChecking(given, settings, reconciler, {
    isHeld: (real) => decisions.inForce.held.has(real),
    onChange: () => decisions.request(),
    onAgents: () => {
      decisions.request();
      keeper?.touch();
    },
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
      if (virtuals === decided.config.virtuals) void soonInSlices(times.noteAll(decided, state.members));
      else times.note(decided, state.members, Date.now(), virtuals);
      directors.decided(decided);
    },
    paths: (config) => pathServices(pathsOf(config)),
    unused: before?.unused ?? [],
    ...(policies && { atStart: poolsBefore(keptIn(policies.before)) }),
    onOverridden: ({ resting }) => root.rest(resting),
    onDecided: () => recorder.settle(),
  });
  open.push(() => decisions.close());
  const forgive = (places: readonly Place[]): number => {
    const now = Date.now();
    const forgiven = places.filter(({ real }) => state.members.forgive(real, 'all', now));
    keeper?.touch();
    return forgiven.length;
  };
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
  const directors = openDirectors(given, {
    reconciler,
    addresses,
    decisions,
    overrides,
    settings: () => source.settings,
    views: () => views,
    unready,
    forgive,
    onRole: () => void followRole(),
  });
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
  const steering = steeringOf(given, { overrides, directors, decisions, reconciler, forgive });

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
  const prepareMembers = (
    { servers, others = null }: { readonly servers: readonly Assigned[]; readonly others?: ReadonlySet<string> | null },
    inForce: InForce,
    table: ObservedTable,
    known: Members = state.members,
  ): Work<Prepared> => {
    const isFirst = known === Members.none;
    const wasUp = isFirst ? before?.up : undefined;
    const stateBefore = isFirst ? policies?.before.servers : undefined;
    const wasSeen = (virtual: Virtual, real: RealServer): boolean =>
      wasUp?.has(subjectKey(subjectOf(virtual, real))) || standsAsUp(virtual, real, inForce, table);
    const stands = (virtual: Virtual, real: RealServer): boolean =>
      isFallback(real) ? startsAsUp(virtual, real, (one) => wasSeen(virtual, one)) : wasSeen(virtual, real);
    const stateOf = (virtual: Virtual, real: RealServer): ServerState | undefined =>
      stateBefore?.get(subjectKey(subjectOf(virtual, real)));
    return Members.prepare(servers, known, stands, stateOf, others);
  };
  const views = new Views({
    version,
    file,
    backend: backend.name,
    ruling,
    members: () => state.members,
    ruled: () => ruled(state),
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
    unready,
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
  const control = openControl(given, memory, { steering, directors, decisions, views });

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
