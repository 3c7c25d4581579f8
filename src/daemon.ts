/** The composition root: builds the parts, starts them, reloads, stops. */

import { setImmediate } from 'node:timers/promises';
import { type Assignments, assign, type Watch } from './checks/assignment.js';
import { Loadable } from './checks/loadable.js';
import { longestRun } from './checks/timing.js';
import { type LoadedSettings, loadSettings } from './config/settings/settings.js';
import type { ControlledDirector } from './control/director.js';
import { unannounced } from './directors/announce/advice.js';
import type { HandedOver } from './health/hand-over.js';
import { Members } from './health/members.js';
import type { ObservedTable } from './ipvs/table.js';
import { type Memory, recallMemory } from './memory.js';
import type { Config, RealServer } from './model/config.js';
import { revise } from './model/revised.js';
import type { RoleStatus } from './model/role.js';
import { subjectKey, subjectOf } from './model/subject.js';
import { overridesInForce } from './overrides/in-force.js';
import type { Steering } from './overrides/steering.js';
import { limitsOf } from './parts/checking.js';
import { type DaemonOptions, ruled, type State } from './parts/given.js';
import { composeParts, type Parts } from './parts.js';
import { missingWords, servicesOf } from './reconcile/missing.js';
import type { ReloadOutcome } from './reload/outcome.js';
import type { Valid } from './reload/read.js';
import { settingsAdvice } from './reload/settings-advice.js';
import type { Ruling } from './reload/source.js';
import { inSlices, type Work } from './slices.js';
import type { Chronicle } from './status/chronicle.js';
import type { Counts, Status } from './status/model.js';

/** Milliseconds for mails and commands under way where nobody takes over. */
const closingPatience = 5_000;
/** Milliseconds that new checks wait for the table of a new configuration. */
const tableBeforeChecks = 1_000;
/** Milliseconds that whoever asks waits for the table to stand. */
const tablePatience = 50_000;
/** Milliseconds that they wait then for the addresses of `vip`, and for synchronization daemons. */
const addressPatience = 5_000;

/** Checks that are looked at without an interruption: to ask for one takes longer than a look. */
const looksAtOnce = 100;

/** Milliseconds within which each of some checks is begun and ends. */
function* longestRound(checks: Assignments['checks']): Work<number> {
  let [longest, looked] = [0, 0];
  for (const { check } of checks.values()) {
    longest = Math.max(longest, check.interval + longestRun(check));
    looked += 1;
    if (looked % looksAtOnce === 0) yield;
  }
  return longest;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #state: State;
  readonly #parts: Parts;
  readonly #loadable = new Loadable();
  /** What is to be run of checks and questions to agents; null while a configuration is being taken over. */
  #watches: ReadonlyMap<string, Watch> | null = null;
  /** Those of the checks that rest. */
  #resting: ReadonlySet<string> = new Set();
  /** Whether anything was run before. */
  #hasWatched = false;
  /** From then on there is somebody to ask over the control socket. */
  #hasBegun = false;
  #stopping: Promise<void> | null = null;

  private constructor(options: DaemonOptions, loaded: Valid, settings: LoadedSettings, memory: Memory) {
    this.#options = options;
    this.#state = { ruling: loaded, members: Members.none, asked: null, isStopping: false, endTable: 'leave' };
    this.#parts = composeParts(options, loaded, settings, this.#state, memory, {
      require: (config) => this.#loadable.requireFor(config),
      takeOver: (ruling) => this.#letRule(ruling),
      rest: (servers) => this.#rest(servers),
      pace: () => {
        if (this.#watches !== null && !this.#state.isStopping) this.#watch(this.#resting);
      },
    });
  }

  /**
   * Settles when the checks run and the first table stands, or a large one is being put up. Rejects where the table
   * cannot be read: without it nobody knows which servers carry traffic.
   */
  static async start(options: DaemonOptions, loaded: Valid): Promise<Daemon> {
    const { backend, bus, version, file, keeper } = options;
    const [settings, memory] = await Promise.all([loadSettings(file), recallMemory(keeper)]);
    const daemon = new Daemon(options, loaded, settings, memory);
    bus.publish({ type: 'started', version, backend: backend.name, background: options.background ?? false });
    keeper?.begin();
    try {
      await daemon.#begin();
      return daemon;
    } catch (error) {
      await daemon.#end('leave');
      await daemon.finish(closingPatience);
      await keeper?.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { ruling } = this.#state;
    const { reconciler, source, control } = this.#parts;
    const reading = reconciler.read();
    const [table] = await Promise.all([reading, this.#loadable.requireFor(ruling.config), this.#resumeOverrides()]);
    await this.#tellOfNames();
    await this.#takeOver(ruling, async () => table);
    await source.watch();
    this.#hasBegun = true;
    await control?.configure(source.settings);
  }

  /** Reads the file again on request and takes it over, or says why not. Never rejects. */
  async reload(): Promise<ReloadOutcome> {
    this.#options.bus.publish({ type: 'reload-requested' });
    const outcome = await this.#parts.changes.reload('request');
    if (!outcome.ok) return outcome;
    const trouble = (await this.#parts.control?.trouble()) ?? null;
    const differences = trouble === null ? outcome.differences : [...outcome.differences, `warning: ${trouble}`];
    return { ...outcome, differences, missing: await this.missing() };
  }

  /** Waits for the table, for some time, and gives what does not stand in it yet and why, a sentence each. */
  async missing(): Promise<readonly string[]> {
    const { reconciler, packets, addresses, directors } = this.#parts;
    await reconciler.whenSettled(tablePatience);
    await addresses?.whenSettled(addressPatience);
    const ofDirectors = await directors.missing(addressPatience);
    const fault = packets?.state?.fault ?? null;
    const rules = fault === null ? [] : [`rules of nftables: ${fault.message} (${fault.code})`];
    return [...missingWords(await reconciler.missing()), ...rules, ...ofDirectors];
  }

  /** What people ask for single servers. */
  get steering(): Steering {
    return this.#parts.steering;
  }

  /** Whether clients are sent to other directors. */
  get isHandedOver(): boolean {
    return this.#parts.directors.handover.current !== null;
  }

  /** What has happened, for those who want to look back. */
  get chronicle(): Chronicle {
    return this.#parts.chronicle;
  }

  /** Whether this director is active. */
  get role(): RoleStatus {
    return this.#parts.directors.roleStatus;
  }

  /** The one that rules. */
  get config(): Config {
    return this.#state.ruling.config;
  }

  /** Who is up, and which virtuals are not in use, for the next run. */
  get handedOver(): HandedOver {
    const { ruling, members } = this.#state;
    const { of } = this.#parts.decisions.standings;
    const up = ruling.config.virtuals.flatMap((virtual) => {
      // Who is kept in use stays so: it was not its checks that decided.
      const reals = virtual.realServers.filter((real, index) => {
        const standing = of.get(virtual)?.[index];
        return members.isUp(real) || (standing?.by === 'minimum' && standing.place === 'in use');
      });
      const fallbacks = virtual.fallbacks.filter((one) => members.isUp(one));
      return [...reals, ...fallbacks].map((server) => subjectKey(subjectOf(virtual, server)));
    });
    return { up: new Set(up), unused: new Set(this.#parts.decisions.unused) };
  }

  readonly counts = (): Promise<Counts> => this.#parts.views.counts();
  readonly describe = (): Promise<Status> => this.#parts.views.describe();
  readonly plan: ControlledDirector['plan'] = (request) => this.#parts.views.plan(request);
  readonly explain: ControlledDirector['explain'] = (target) => this.#parts.views.explain(target);
  readonly checkNow: ControlledDirector['checkNow'] = (target) => this.#parts.views.checkNow(target);

  /** Stops checking, cleans up as `cleanstop` says, and lets go of everything. */
  stop(cause: string): Promise<void> {
    this.#stopping ??= this.#end('close')
      .then(() => this.#parts.notifier.close(closingPatience))
      .then(() => this.#terminate(cause))
      .then(() => this.#parts.tellers.release());
    return this.#stopping;
  }

  /**
   * Stops checking and lets go of everything that the next daemon needs; the table stays as it stands, for that one to
   * adopt. `finish` lets go of the rest.
   */
  leave(cause: string): Promise<void> {
    this.#stopping ??= this.#end('leave').then(() => this.#terminate(cause));
    return this.#stopping;
  }

  /** What comes after that the next daemon cannot know: its files may be the next one's by then. */
  async #terminate(cause: string): Promise<void> {
    this.#options.bus.publish({ type: 'terminated', cause });
    await this.#options.keeper?.close();
  }

  /** Brings out what is to be told outside: mails and commands have so many milliseconds. */
  async finish(patience: number): Promise<void> {
    await this.#parts.notifier.close(patience);
    await this.#parts.tellers.release();
  }

  async #end(table: State['endTable']): Promise<void> {
    this.#state.isStopping = true;
    this.#state.endTable = table;
    this.#parts.recorder.stop();
    await this.#parts.open.release();
  }

  /** What was asked for by hand before this start counts on, and what was asked on other directors meanwhile. */
  async #resumeOverrides(): Promise<void> {
    const { directors, source } = this.#parts;
    await directors.sharing?.configure(source.settings.store);
    const reason = await this.#parts.steering.resume();
    if (reason !== null) this.#options.bus.publish({ type: 'orders-lost', reason });
    await directors.sharing?.whenTried();
  }

  /** A file that is not understood is not overwritten: somebody may want to know why. */
  async #tellOfNames(): Promise<void> {
    const { knownNames, bus } = this.#options;
    if (!knownNames?.fault) return;
    const aside = await knownNames.putAside();
    const reason = `${knownNames.fault}${aside === null ? '' : `; it is ${aside} now`}`;
    bus.publish({ type: 'addresses-lost', reason });
  }

  async #letRule(ruling: Ruling): Promise<void> {
    if (ruling.config === this.config && this.#hasBegun) await this.#takeOverSettings(ruling);
    else await this.#takeOver(ruling, (assigned) => this.#standing(assigned));
  }

  /** Where the configuration is the same, that is what else was read: no check and no server becomes another one. */
  async #takeOverSettings(ruling: Ruling): Promise<void> {
    const state = this.#state;
    const { overrides, source, recorder, decisions, reconciler, packets, directors, changes, wantAddresses } =
      this.#parts;
    const { config } = ruling;
    const { role } = directors;
    await overrides.configure(config, source.settings);
    await packets?.prepare(config);
    await directors.configure(source.settings, config);
    if (state.isStopping) return;
    state.ruling = ruling;
    source.tellOfSettings(settingsAdvice(source.settings, config));
    source.tell(unannounced(source.settings, config));
    this.#configureOutside();
    void decisions.decide();
    void reconciler.takeOver(decisions.wanted, decisions.leftOut).then(() => {
      void this.#settlePackets(config);
      if (!state.isStopping) wantAddresses();
    });
    await reconciler.whenSettled(tableBeforeChecks);
    if (state.isStopping) return;
    if (directors.role !== role && this.#watches !== null) this.#watch(this.#resting);
    recorder.settle();
    changes.resolveLater();
    void this.#keepNames();
  }

  /** Swaps what rules, whole. Servers that are new in it are up where they stand in the table, as far as it is known. */
  async #takeOver(ruling: Ruling, read: (assigned: Assignments) => Promise<ObservedTable>): Promise<void> {
    const state = this.#state;
    const { overrides, source, recorder, agents, decisions, reconciler, packets, directors } = this.#parts;
    const { pathsOf, changes, prepareMembers, wantAddresses } = this.#parts;
    const { config } = ruling;
    const assigned = await inSlices(assign(config, pathsOf(config), ruled(state)));
    const { checks, added, agents: questions } = assigned;
    const window = await inSlices(longestRound(checks));
    await overrides.configure(config, source.settings);
    const inForce = overridesInForce(config, overrides.all, Date.now());
    const makeMembers = await inSlices(prepareMembers(assigned, inForce, await read(assigned)));
    await packets?.prepare(config);
    await directors.configure(source.settings, config);
    const foreseen = await decisions.foresee(
      config,
      this.#parts.healthIn(() => makeMembers.members),
    );
    // What comes is a step of its own length.
    await setImmediate();
    if (state.isStopping) return;
    // Services that go stay until no rule leads to them any more, and until those stand that take their clients.
    const before = this.#hasBegun && packets?.isNeeded ? decisions.wanted : null;
    // From here on to the events of use, one step: whoever looks in between sees one configuration alone.
    recorder.flush();
    const members = makeMembers();
    state.members = members;
    state.ruling = ruling;
    state.asked = { checks, agents: questions };
    if (before !== null) decisions.keep(before);
    this.#watches = null;
    source.tellOfSettings(settingsAdvice(source.settings, config));
    source.tell(unannounced(source.settings, config));
    agents.takeOver(questions);
    decisions.takeOver(foreseen);
    recorder.takeOver(members, checks, window, added);
    this.#configureOutside();
    decisions.tellUse();
    // Both were about all servers: others have their turn.
    await setImmediate();
    await decisions.prepare();
    await setImmediate();
    if (state.isStopping) return;
    void reconciler.takeOver(decisions.wanted, decisions.leftOut).then(() => {
      void this.#settlePackets(config);
      if (!state.isStopping) wantAddresses();
    });
    await reconciler.whenSettled(tableBeforeChecks);
    if (state.isStopping) return;
    this.#watches = revise<string, Watch>(checks, questions);
    this.#watch(members.rest(decisions.inForce.resting));
    recorder.settle();
    changes.resolveLater();
    void this.#keepNames();
  }

  /** The services of a configuration stand: rules that only the one before wanted go, and then its services. */
  async #settlePackets(config: Config): Promise<void> {
    const { packets, decisions } = this.#parts;
    await packets?.settle(config);
    if (config === this.config) decisions.letGo();
  }

  #rest(servers: ReadonlySet<RealServer>): void {
    if (this.#watches === null || this.#state.isStopping) return;
    const resting = this.#state.members.rest(servers);
    if (resting.size !== this.#resting.size || [...resting].some((check) => !this.#resting.has(check))) {
      this.#watch(resting);
    }
  }

  /** Has everything run but what rests. */
  #watch(resting: ReadonlySet<string>): void {
    const { gate, recorder, directors, passiveChecks } = this.#parts;
    const { members } = this.#state;
    const all: ReadonlyMap<string, Watch> = this.#watches ?? new Map<string, Watch>();
    this.#resting = resting;
    const rested = passiveChecks.resting;
    const returned = passiveChecks.follow(directors.role, (isMeant) => members.checksFor(isMeant));
    members.doubt(new Set([...returned].filter((key) => rested.has(key))));
    const silent = passiveChecks.resting.size === 0 ? resting : new Set([...resting, ...passiveChecks.resting]);
    recorder.rest(silent);
    const run = revise(all, new Map([...silent].filter((key) => all.has(key)).map((key) => [key, undefined])));
    // Of what is run for the first time a result is told anyway.
    const awaited = this.#hasWatched ? new Set([...members.awaited(), ...returned]) : returned;
    this.#hasWatched = true;
    gate.update(passiveChecks.paced(run), awaited);
  }

  /** Not waited for: the next start is to know them, this one does. */
  async #keepNames(): Promise<void> {
    await this.#options.knownNames?.keep(this.#state.ruling.addresses).catch(({ message }: Error) => {
      this.#options.bus.publish({ type: 'addresses-lost', reason: `a restart will not know them: ${message}` });
    });
  }

  /** What is told outside, what is looked at, and when. */
  #configureOutside(): void {
    const { notifier, reconciler, packets, addresses, pool, web, jobs, source, control } = this.#parts;
    const { settings } = source;
    notifier.configure(this.config, settings);
    reconciler.lookEvery(settings.auditInterval * 1_000);
    packets?.lookEvery(settings.auditInterval * 1_000);
    addresses?.lookEvery(settings.auditInterval * 1_000);
    this.#options.onRule?.(this.config, settings);
    pool.limits = limitsOf(settings);
    void web.configure(settings);
    if (this.#hasBegun) void control?.configure(settings);
    jobs.set({
      audit: { expression: settings.auditSchedule, run: () => this.#audit() },
      summary: { expression: settings.summarySchedule, run: () => notifier.sendSummary() },
    });
  }

  /** Compares the whole table with the wanted one, puts it right, and says what was found. */
  async #audit(): Promise<void> {
    const { reconciler, decisions } = this.#parts;
    const found = await reconciler.audit(decisions.wanted, decisions.leftOut);
    // A table that cannot be read is told and tried again by the reconciler.
    if (found !== null) this.#options.bus.publish({ type: 'table-audited', ...found });
  }

  /**
   * The services with other servers than before. Once running, a table that cannot be read holds up no reload: the
   * reconciler tells and tries again.
   */
  async #standing({ servers, others }: Assignments): Promise<ObservedTable> {
    if (others !== null && servers.length === 0) return new Map();
    const options = others === null ? {} : { only: servicesOf(servers) };
    return this.#parts.reconciler.read(options).catch(() => new Map());
  }
}
