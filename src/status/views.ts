/** What can be seen of a daemon from outside: put together on request, one answer at a time, however many ask. */

import { type AssignedBefore, type Assignments, assign } from '../checks/assignment.js';
import type { PathsOf } from '../checks/paths.js';
import type { CheckPool } from '../checks/pool.js';
import { formatDiagnostics } from '../config/diagnostics/diagnostics.js';
import type { MirrorState } from '../directors/store/mirror.js';
import type { AgentBook } from '../health/agents.js';
import type { Members, Prepared } from '../health/members.js';
import type { Recorder } from '../health/recorder.js';
import type { MeteredTable, ObservedTable } from '../ipvs/table.js';
import type { RealServer, Virtual } from '../model/config.js';
import type { InForce } from '../model/override.js';
import type { RoleInForce } from '../model/role.js';
import { overridesInForce } from '../overrides/in-force.js';
import { findAllPlaces, type NamedServer } from '../overrides/places.js';
import type { OverrideStore } from '../overrides/store.js';
import type { PacketState } from '../path/packets/keeper.js';
import type { Decisions, Health } from '../reconcile/decisions.js';
import { forecastInSlices } from '../reconcile/forecast.js';
import { servicesOf } from '../reconcile/missing.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import { refusedServers } from '../reconcile/refused-servers.js';
import { standAs } from '../reconcile/standings/standing.js';
import type { Ruling, Source } from '../reload/source.js';
import { inSlices, type Work } from '../slices.js';
import type { Chronicle } from './chronicle.js';
import { checkServersNow, type ExplainParts, explainServers } from './explain.js';
import type {
  AnnouncementStatus,
  Checked,
  Counts,
  Explanation,
  Status,
  VipStatus,
  VirtualStatus,
  VoteStatus,
} from './model.js';
import { OneAtATime } from './one-at-a-time.js';
import { type Plan, type PlanRequest, plannedServices } from './outlook.js';
import { type Glance, type Page, pageOf, type Selection, select } from './selection.js';
import type { SharedStatus } from './shared-status.js';
import { type StateTimes, stateFor } from './state-times.js';
import { describeHead, describeSome, type HeadKnown, type Known } from './status.js';
import {
  type DescribeSome,
  gather,
  InTurn,
  NoSuchPlace,
  type ReadSome,
  type StatusStream,
  streamVirtuals,
} from './streamed.js';

/** The parts of the daemon that know. */
export interface ViewsOptions extends Pick<Status, 'version' | 'file' | 'backend'> {
  readonly ruling: () => Ruling;
  readonly members: () => Members;
  /** What is asked in what rules; null before anything does. */
  readonly ruled: () => (AssignedBefore & { readonly members: Members }) | null;
  /** Work that prepares the members of another configuration, as it finds the table, with what is known of these. */
  readonly prepareMembers: (
    assigned: Pick<Assignments, 'servers' | 'others'>,
    inForce: InForce,
    table: ObservedTable,
    known: Members,
  ) => Work<Prepared>;
  readonly recorder: Recorder;
  readonly agents: AgentBook;
  readonly decisions: Decisions;
  readonly overrides: OverrideStore;
  readonly role: () => RoleInForce;
  readonly reconciler: Reconciler;
  readonly vipOf: (virtual: Virtual) => VipStatus | null;
  readonly sync: () => Status['sync'];
  readonly unready: () => Status['unready'];
  /** Why what its check has said is old; null where it is run as usual. */
  readonly stalenessOf: (real: RealServer) => string | null;
  readonly roleStatus: () => Status['role'];
  readonly fitness: () => Status['fitness'];
  readonly announcementOf: (virtual: Virtual) => AnnouncementStatus | null;
  readonly handover: () => Status['handover'];
  /** What is kept of nftables; null where nothing is. */
  readonly packets: () => PacketState | null;
  /** What directors share; null where they share nothing. */
  readonly store: () => MirrorState | null;
  /** Who is up by members that may be others than those that rule, and by the votes of directors. */
  readonly healthIn: (members: Members) => Health;
  /** How directors vote on a server; null where they do not. */
  readonly voteOn: (real: RealServer) => VoteStatus | null;
  /** How they are, and in what they differ; null likewise. */
  readonly shared: () => SharedStatus | null;
  readonly pathsOf: PathsOf;
  readonly pool: CheckPool;
  readonly source: Source;
  readonly chronicle: Chronicle;
  readonly times: StateTimes;
}

const everything: Page = { of: 'services' };
/** Milliseconds for which what was read of the table is good enough to describe what stands in it. */
const freshFor = 1_000;

export class Views {
  readonly #options: ViewsOptions;
  readonly #described = new OneAtATime(() => this.#describe());
  /** Virtuals that are asked about and not described yet. */
  #asked = new Set<Virtual>();
  /** Of streams. */
  readonly #portions = new InTurn();
  readonly #describedSome = new OneAtATime(() => this.#describeAsked());
  readonly #ownPlan = new OneAtATime(() => this.#plan({ text: null, name: null, strict: false }));
  #lastPlan: Promise<unknown> = Promise.resolve();

  constructor(options: ViewsOptions) {
    this.#options = options;
  }

  /** Everything at this moment. Rejects where the table cannot be read. */
  describe(): Promise<Status> {
    return this.#described.get();
  }

  /**
   * Those that are asked for, at this moment the first of them, and the others when they are taken. Rejects where the
   * table cannot be read. However many take, one portion at a time is made.
   */
  async stream(selection: Selection, page: Page = everything): Promise<StatusStream> {
    const { config } = this.#options.decisions.standings;
    const { selected, counts, found } = await inSlices(select(config, selection, this.#glance));
    const paged = pageOf(config, selected, page);
    if (paged === null) throw new NoSuchPlace(`nothing is called ${page.after} any more: begin anew`);
    const virtuals = streamVirtuals(paged.selected, this.#read, page.each);
    const head = describeHead(this.#knownOfAll, counts);
    const first = await virtuals.next();
    const all = async function* (): AsyncGenerator<VirtualStatus> {
      if (first.done) return;
      yield first.value;
      yield* virtuals;
    };
    return { head, found, next: paged.next, virtuals: all() };
  }

  /** How many servers are what, without a look at the table. */
  async counts(): Promise<Counts> {
    return (await inSlices(select(this.#options.decisions.standings.config, {}, this.#glance))).counts;
  }

  /** What is known without a look at the table. */
  get #glance(): Glance {
    const { decisions } = this.#options;
    const { of, below, inForce } = decisions.standings;
    const members = this.#options.members();
    return {
      stateOf: (virtual, index, real) => {
        const { up, decided } = members.healthOf(real);
        return stateFor(of.get(virtual)?.[index] ?? standAs('out', 0, false), up, decided, inForce.held.get(real));
      },
      wordsOf: (real) => `${members.healthOf(real).reason} ${inForce.held.get(real)?.reason ?? ''}`,
      isInUse: (virtual) => decisions.isInUse(virtual),
      isBelowMinimum: (virtual) => below.has(virtual),
    };
  }

  /** Why this director could not take over, a sentence each; none where it could. */
  get unready(): readonly string[] {
    return this.#options.unready();
  }

  /** What a reload would change; one plan at a time is made. Rejects where the file or the table cannot be read. */
  plan(request: PlanRequest): Promise<Plan> {
    if (request.text === null && !request.strict) return this.#ownPlan.get();
    const plan = this.#lastPlan.then(() => this.#plan(request));
    this.#lastPlan = plan.catch(() => {});
    return plan;
  }

  /** Everything about a server, wherever it stands. Rejects with a SteeringRefusal where there is none, or as `describe`. */
  async explain(target: NamedServer): Promise<Explanation[]> {
    const { config } = this.#options.ruling();
    const places = await inSlices(findAllPlaces(config, target));
    for (const { virtual } of places) this.#asked.add(virtual);
    return explainServers(places, await this.#describedSome.get(), this.#parts);
  }

  /** Runs the checks of a server now. Rejects with a SteeringRefusal where there is no such server. */
  async checkNow(target: NamedServer): Promise<Checked[]> {
    const { members, ruling, decisions } = this.#options;
    const now = Date.now();
    // Somebody looks at it: how often it has fallen says no more than that.
    const places = await inSlices(findAllPlaces(ruling().config, target));
    for (const { real } of places) members().forgive(real, 'damping', now);
    decisions.request();
    return checkServersNow(places, this.#parts);
  }

  async #describe(): Promise<Status> {
    return gather(await this.stream({}));
  }

  readonly #read: ReadSome = async (virtuals) => {
    const known = await this.#portions.do(() => this.#known(virtuals));
    const readAt = performance.now();
    return (some) => {
      // Those whose reader is slow are to be as they are when their turn comes.
      if (performance.now() > readAt + freshFor) return Promise.resolve(null);
      return this.#portions.do(() => inSlices(describeSome(some, known)));
    };
  };

  #describeAsked(): ReturnType<DescribeSome> {
    const virtuals = [...this.#asked];
    this.#asked = new Set();
    return this.#describeSome(virtuals);
  }

  async #describeSome(virtuals: readonly Virtual[]): ReturnType<DescribeSome> {
    return inSlices(describeSome(virtuals, await this.#known(virtuals)));
  }

  /** What the parts know at this moment of these virtuals. */
  async #known(virtuals: readonly Virtual[]): Promise<Known> {
    const only = servicesOf(virtuals.map((virtual) => ({ virtual })));
    return this.#knownIn(await this.#options.reconciler.read({ traffic: true, only }), virtuals);
  }

  /** Of the director itself: not what each portion of its services needs. */
  get #knownOfAll(): HeadKnown {
    const { version, file, backend, recorder, chronicle } = this.#options;
    return {
      version,
      file,
      backend,
      phase: recorder.phase,
      chronicle,
      packets: this.#options.packets(),
      handover: this.#options.handover(),
      sync: this.#options.sync(),
      unready: this.#options.unready(),
      role: this.#options.roleStatus(),
      fitness: this.#options.fitness(),
      store: this.#options.store(),
      shared: this.#options.shared(),
    };
  }

  #knownIn(table: MeteredTable, virtuals: readonly Virtual[]): Known {
    const { recorder, agents, decisions, overrides, pool, chronicle, times, vipOf, announcementOf } = this.#options;
    const members = this.#options.members();
    const { standings } = decisions;
    // That a check has decided what was taken to be so anyway is no reason for a decision.
    times.note(standings, members, Date.now(), virtuals);
    return {
      healthOf: (real) => members.healthOf(real),
      tallyOf: (real) => {
        const check = members.checkOf(real);
        return check === null ? null : pool.tally(check);
      },
      hindranceOf: (real) => recorder.hindranceOf(real),
      flappingOf: (virtual, real) => recorder.flappingOf(virtual, real),
      stalenessOf: this.#options.stalenessOf,
      policyHoldOf: (real, now) => members.policyHoldOf(real, now),
      voteOn: (real) => this.#options.voteOn(real),
      agents,
      isInUse: (virtual) => decisions.isInUse(virtual),
      vipOf,
      announcementOf,
      standings,
      persistsAtZero: overrides.all.persistsAtZero,
      wantedAt: (key, virtual) => decisions.wantedAt(standings, key, virtual),
      table,
      chronicle,
      packets: this.#options.packets(),
      times,
    };
  }

  async #plan({ text, strict, name }: PlanRequest): Promise<Plan> {
    const { source, ruling, file, overrides, reconciler, prepareMembers, pathsOf, ruled } = this.#options;
    const { settings, ...loaded } = await source.foresee(text, strict, ruling());
    const { config } = loaded;
    const diagnostics = formatDiagnostics(loaded.diagnostics, { ...loaded, file: name ?? file, colour: false });
    if (config === null) return { ok: false, diagnostics };
    const before = ruled();
    const known = before?.members ?? this.#options.members();
    const assigned = await inSlices(assign(config, pathsOf(config), before));
    const asked = await overrides.under(config, settings);
    const now = Date.now();
    const found = await reconciler.outlook();
    const inForce = overridesInForce(config, asked, now);
    const members = (await inSlices(prepareMembers(assigned, inForce, found.table, known)))();
    const refused = refusedServers(config, reconciler.unserved);
    const evidence = {
      ...this.#options.healthIn(members),
      isRefused: (real: RealServer) => refused.has(real),
    };
    const made = await inSlices(
      forecastInSlices(config, {
        ...found,
        overrides: asked,
        role: { ...this.#options.role(), table: settings.role.table },
        now,
        evidence,
        before: this.#options.decisions.standings,
      }),
    );
    return { ok: true, diagnostics, services: plannedServices(made, found.table) };
  }

  get #parts(): ExplainParts {
    const { ruling, pool } = this.#options;
    const { config, text } = ruling();
    const members = this.#options.members();
    return {
      config,
      text,
      checkOf: (real) => members.checkOf(real),
      decides: (check) => members.decidedBy(check).length,
      checks: pool,
      rests: (real) => this.#options.decisions.inForce.resting.has(real),
    };
  }
}
