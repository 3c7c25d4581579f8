/** The composition root: builds the parts, starts them, reloads, stops. */

import { assigning } from './checks/assignment.js';
import { checkInGeneral } from './checks/check.js';
import { monotonic } from './checks/clock.js';
import { Hindrances } from './checks/hindrances.js';
import { Loadable } from './checks/loadable.js';
import { Pool, type PoolLimits } from './checks/pool.js';
import { Progress } from './checks/progress.js';
import { type Sums, spreads, summary } from './checks/sums.js';
import { type Diagnostic, formatDiagnostics } from './config/diagnostics.js';
import { comparing } from './config/differences.js';
import type { AlertPhase, Config, RealServer, Virtual } from './config/model.js';
import { endpointName, memberName, serverName, virtualName } from './config/names.js';
import { type Addresses, hasUnresolved, type Lookup, resolve } from './config/resolve.js';
import { sameServices } from './config/same-services.js';
import type { Settings } from './config/setting-rows.js';
import { type LoadedSettings, loadSettings } from './config/settings.js';
import { inSlices, type Work } from './config/slices.js';
import type { EventBus } from './events.js';
import type { HandedOver } from './health/hand-over.js';
import { assumed } from './health/health.js';
import { type Assigned, type Member, Members, type MemberTransition } from './health/members.js';
import { type Use, useOf } from './health/use.js';
import type { Backend } from './ipvs/backend.js';
import type { BackendName } from './ipvs/capabilities.js';
import type { ObservedTable } from './ipvs/table.js';
import { descriptorLimit } from './libc.js';
import { idleWindows } from './maintenance/idle-windows.js';
import { Maintenance } from './maintenance/maintenance.js';
import { noOrderFile, type OrderFile } from './maintenance/order-file.js';
import type { Place, Target } from './maintenance/places.js';
import { ServerSteering, type Steered, type Steering } from './maintenance/steering.js';
import type { LineFile } from './notify/monitor-files.js';
import { Notifier } from './notify/notifier.js';
import { Web } from './observe/http/web.js';
import { monitorFile } from './observe/writing.js';
import type { ProbeResult } from './probes/probe.js';
import { standsAsUp } from './reconcile/adoption.js';
import {
  type Admin,
  type Desired,
  desired,
  desiring,
  type IsUp,
  isOut,
  type Memory,
  nothingAsked,
  type Refused,
} from './reconcile/desired.js';
import { forecasting } from './reconcile/forecast.js';
import { missingAt, missingWords } from './reconcile/missing.js';
import { Paced } from './reconcile/paced.js';
import { Reconciler } from './reconcile/reconciler.js';
import { refusedServers } from './reconcile/refused-servers.js';
import { Jobs } from './schedule/jobs.js';
import type { KnownNames } from './source/known-names.js';
import { sharedLookup, type Valid } from './source/read.js';
import { type Occasion, type Reread, type Ruling, Source } from './source/source.js';
import { Chronicle } from './status/chronicle.js';
import { checkingNow, type ExplainParts, explaining } from './status/explain.js';
import type { Checked, Explanation, ReloadOutcome, Status } from './status/model.js';
import { OneAtATime } from './status/one-at-a-time.js';
import { type Plan, type PlanRequest, plannedServices } from './status/outlook.js';
import { describing } from './status/status.js';

export { KnownNames } from './source/known-names.js';
export { LastRuling } from './source/last-ruling.js';
export { type ReadOptions, readConfiguration, understand, type Valid } from './source/read.js';

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
  readonly orderFile?: OrderFile;
  /** Who was up in the run before, as `handedOver` gives it, whatever the table says. */
  readonly before?: HandedOver;
  /** Where it is kept what names stand for; without it a restart forgets it. */
  readonly knownNames?: KnownNames;
  /** Milliseconds between two attempts at names that do not resolve. */
  readonly resolveAgainAfter?: number;
}

const unchanged: ReloadOutcome = { ok: true, differences: [], diagnostics: '', missing: [] };
const defaultResolveAgainAfter = 15_000;
/** Milliseconds for mails and commands under way where nobody takes over. */
const closingPatience = 5_000;
/** Milliseconds for an attempt. */
const resolveDeadline = 10_000;
/** Milliseconds that new checks wait for the table of a new configuration. */
const tableBeforeChecks = 1_000;
/** Milliseconds that whoever asks waits for the table to stand. */
const tablePatience = 50_000;
/** The same for what is asked for single servers. */
const steeringPatience = 20_000;

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #pool: Pool;
  readonly #reconciler: Reconciler;
  readonly #notifier: Notifier;
  readonly #maintenance: Maintenance;
  readonly #jobs = new Jobs();
  readonly #chronicle = new Chronicle();
  readonly #web: Web;
  readonly #unsubscribe: (() => void)[];
  /** Of the configuration that rules. */
  #ruling: string;
  readonly #source: Source;
  #config: Config;
  /** What the names in it stand for. */
  #addresses: Addresses;
  #admin: Admin = nothingAsked;
  readonly #steering: ServerSteering;
  readonly #progress = new Progress();
  /** Results that come together become one plan. */
  readonly #decisions = new Paced(async () => {
    // A large table takes longer than the next decision may wait.
    await Promise.race([this.#decide(), this.#reconciler.begun()]);
  });
  /** Whether a real server of the virtual is in use, by the virtual's name. */
  #use: Use;
  #members: Members | null = null;
  readonly #hindrances = new Hindrances();
  readonly #loadable = new Loadable();
  readonly #isUp = (_: Virtual, real: RealServer): boolean => this.#members?.isUp(real) ?? false;
  readonly #wantedBefore: Memory = new WeakMap();
  #refused: Refused = new Set();
  readonly #described = new OneAtATime(() => this.#describe());
  readonly #ownPlan = new OneAtATime(() => this.#plan({ text: null, name: null, strict: false }));
  #lastPlan: Promise<unknown> = Promise.resolve();
  #resolving: NodeJS.Timeout | null = null;
  #changing: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  private constructor(options: DaemonOptions, loaded: Valid, settings: LoadedSettings) {
    const { backend, bus } = options;
    this.#options = options;
    this.#ruling = loaded.text;
    this.#config = loaded.config;
    this.#addresses = loaded.addresses;
    this.#use = new Map([...(options.before?.unused ?? [])].map((virtual) => [virtual, false]));
    this.#pool = new Pool({
      limits: limitsOf(settings.settings),
      onResult: (check, result) => this.#record(check, result),
      onSums: (sums) => this.#publishSums(sums),
      onReplaced: (worker, checks, reason) => bus.publish({ type: 'worker-replaced', worker, checks, reason }),
    });
    this.#reconciler = new Reconciler(backend, {
      onChange: (change) => bus.publish({ type: 'table-changed', change, status: this.#progress.phase }),
      onRound: (round) => bus.publish({ type: 'table-kept', ...round }),
      onDrift: (objects) => bus.publish({ type: 'table-drifted', objects }),
      onContested: (objects) => bus.publish({ type: 'table-contested', objects }),
      onUnserved: () => this.#decisions.request(),
      onFailure: (object, failure) => bus.publish({ type: 'table-failed', object, failure }),
    });
    this.#maintenance = new Maintenance({
      onChange: () => this.#decisions.request(),
      persistsAtZero: () => backend.persistsAtZero?.() ?? false,
      ...(options.reverse && { reverse: options.reverse }),
    });
    this.#steering = new ServerSteering({
      maintenance: this.#maintenance,
      file: options.orderFile ?? noOrderFile,
      config: () => this.#config,
      apply: (places) => this.#applySteered(places),
      isInUse: (virtual) => this.#use.get(virtualName(virtual)) ?? false,
    });
    const publish = bus.publish.bind(bus);
    const status = (): AlertPhase => this.#progress.phase;
    const openMonitorFile = (path: string): LineFile => monitorFile(path, publish);
    this.#notifier = new Notifier({ publish, status, openMonitorFile }, loaded.config, settings.settings);
    this.#web = new Web({
      bus,
      version: options.version,
      backend: backend.name,
      describe: () => this.describe(),
      chronicle: this.#chronicle,
      actions: {
        drain: async (server) => expectApplied(await this.#steering.drain({ server, virtual: null })),
        undrain: async (server) => expectApplied(await this.#steering.undrain({ server, virtual: null })),
      },
      phase: status,
    });
    this.#unsubscribe = [bus.subscribe(this.#notifier.listener), bus.subscribe(this.#chronicle.listener)];
    this.#source = new Source(
      {
        file: options.file,
        strict: options.strict,
        capabilities: backend.capabilities,
        ...(options.backendSetting && { backendSetting: options.backendSetting }),
        lookup: this.#lookup,
        bus,
        onOccasion: (occasion) => void this.#enqueue(() => this.#reload(occasion)),
      },
      loaded,
      settings,
    );
  }

  /**
   * Settles when the checks run and the first table stands, or a large one is being put up. Rejects where the table
   * cannot be read: without it nobody knows which servers carry traffic.
   */
  static async start(options: DaemonOptions, loaded: Valid): Promise<Daemon> {
    const { backend, bus, version, file } = options;
    const settings = await loadSettings(file);
    // In the same turn as the first event, so that what comes of writing it is recorded.
    bus.publish({ type: 'started', version, backend: backend.name, background: options.background ?? false });
    const daemon = new Daemon(options, loaded, settings);
    try {
      const { config } = loaded;
      const reading = daemon.#reconciler.read();
      const [table] = await Promise.all([reading, daemon.#requireProbes(config), daemon.#resume()]);
      await daemon.#tellOfNames();
      await daemon.#takeOver(config, table);
      await daemon.#source.watch();
      return daemon;
    } catch (error) {
      await daemon.#pool.close();
      await daemon.#letGo();
      await daemon.finish(closingPatience);
      throw error;
    }
  }

  /** Reads the file again on request and takes it over, or says why not. Never rejects. */
  async reload(): Promise<ReloadOutcome> {
    this.#options.bus.publish({ type: 'reload-requested' });
    const outcome = await this.#enqueue(() => this.#reload('request'));
    return outcome.ok ? { ...outcome, missing: await this.missing() } : outcome;
  }

  /** Waits for the table, for some time, and gives what does not stand in it yet and why, a sentence each. */
  async missing(): Promise<readonly string[]> {
    await this.#reconciler.settled(tablePatience);
    return missingWords(await this.#reconciler.missing());
  }

  /** What people ask for single servers. */
  get steering(): Steering {
    return this.#steering;
  }

  /** The one that rules. */
  get config(): Config {
    return this.#config;
  }

  /** Who is up, and which virtuals are not in use, for the next run. */
  get handedOver(): HandedOver {
    const up = this.#config.virtuals.flatMap((virtual) => {
      const isUp = (real: RealServer): boolean => this.#isUp(virtual, real);
      return virtual.realServers.filter(isUp).map((real) => memberName(virtual, real));
    });
    const unused = [...this.#use].filter(([, inUse]) => !inUse).map(([virtual]) => virtual);
    return { up: new Set(up), unused: new Set(unused) };
  }

  /** The text of the configuration that rules. */
  get ruling(): string {
    return this.#ruling;
  }

  /** What has happened, for those who want to look back. */
  get chronicle(): Chronicle {
    return this.#chronicle;
  }

  /** What can be seen of everything at this moment. Rejects where the table cannot be read. */
  describe(): Promise<Status> {
    return this.#described.get();
  }

  async #describe(): Promise<Status> {
    const { version, file, backend } = this.#options;
    const table = await this.#reconciler.read({ traffic: true });
    const use = this.#use;
    const members = this.#members;
    return inSlices(
      describing({
        version,
        file,
        backend: backend.name,
        phase: this.#progress.phase,
        config: this.#config,
        healthOf: (real) => members?.healthOf(real) ?? assumed(false),
        hindranceOf: (real) => this.#hindrances.reasonOf(members?.checkOf(real) ?? ''),
        isInUse: (virtual) => use.get(virtualName(virtual)) ?? false,
        admin: this.#admin,
        persistsAtZero: this.#maintenance.persistsAtZero,
        wanted: this.#desired(),
        table,
        chronicle: this.#chronicle,
      }),
    );
  }

  /** What a reload would change; one plan at a time is made. Rejects where the file or the table cannot be read. */
  plan(request: PlanRequest): Promise<Plan> {
    if (request.text === null && !request.strict) return this.#ownPlan.get();
    const plan = this.#lastPlan.then(() => this.#plan(request));
    this.#lastPlan = plan.catch(() => {});
    return plan;
  }

  async #plan({ text, strict, name }: PlanRequest): Promise<Plan> {
    const { settings, ...loaded } = await this.#source.foresee(text, strict, this.#rules());
    const { config } = loaded;
    const file = name ?? this.#options.file;
    const diagnostics = formatDiagnostics(loaded.diagnostics, { ...loaded, file, colour: false });
    if (config === null) return { ok: false, diagnostics };
    const { servers } = await inSlices(assigning(config));
    const admin = await this.#maintenance.askedUnder(config, settings, Date.now());
    const found = await this.#reconciler.outlook();
    const members = (await inSlices(this.#preparing(servers, admin, found.table)))();
    const isUp: IsUp = (_, real) => members.isUp(real);
    const isAwaited: IsUp = (_, real) => !members.isDecided(real);
    const refused = refusedServers(config, this.#reconciler.unserved);
    const made = await inSlices(forecasting(config, { ...found, admin, refused, isUp, isAwaited }));
    return { ok: true, diagnostics, services: plannedServices(made, found.table) };
  }

  /** Everything about a server, wherever it stands. Rejects with a Refusal where there is none, or as `describe`. */
  async explain(target: Target): Promise<Explanation[]> {
    return explaining(target, await this.describe(), this.#parts());
  }

  /** Runs the checks of a server now. Rejects with a Refusal where there is no such server. */
  checkNow(target: Target): Promise<Checked[]> {
    return checkingNow(target, this.#parts());
  }

  #parts(): ExplainParts {
    return {
      config: this.#config,
      text: this.#ruling,
      checkOf: (real) => this.#members?.checkOf(real) ?? null,
      decides: (check) => this.#members?.decidedBy(check).length ?? 0,
      checks: this.#pool,
    };
  }

  /** Stops checking, cleans up as `cleanstop` says, and lets go of everything. */
  stop(cause: string): Promise<void> {
    this.#stopping ??= this.#end(() => this.#reconciler.close())
      .then(() => this.finish(closingPatience))
      .then(() => this.#options.bus.publish({ type: 'terminated', cause }));
    return this.#stopping;
  }

  /**
   * Stops checking and lets go of everything that the next daemon needs; the table stays as it stands, for that one to
   * adopt. `finish` lets go of the rest.
   */
  leave(cause: string): Promise<void> {
    this.#stopping ??= this.#end(() => this.#reconciler.leave()).then(() =>
      this.#options.bus.publish({ type: 'terminated', cause }),
    );
    return this.#stopping;
  }

  /** Brings out what is to be told outside: mails and commands have so many milliseconds. */
  async finish(patience: number): Promise<void> {
    await this.#notifier.close(patience);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  async #end(endTable: () => Promise<void>): Promise<void> {
    this.#progress.stop();
    this.#source.close();
    if (this.#resolving) clearTimeout(this.#resolving);
    this.#decisions.close();
    await this.#pool.close();
    await endTable();
    await this.#options.backend.close();
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    this.#jobs.close();
    this.#maintenance.close();
    await this.#web.close();
  }

  /** What was asked for by hand before this start counts on. */
  async #resume(): Promise<void> {
    const reason = await this.#steering.resume();
    if (reason !== null) this.#options.bus.publish({ type: 'orders-lost', reason });
  }

  /** A file that is not understood is not overwritten: somebody may want to know why. */
  async #tellOfNames(): Promise<void> {
    const { knownNames, bus } = this.#options;
    if (!knownNames?.fault) return;
    const aside = await knownNames.putAside();
    bus.publish({
      type: 'addresses-lost',
      reason: `${knownNames.fault}${aside === null ? '' : `; it is ${aside} now`}`,
    });
  }

  #record(check: string, result: ProbeResult): void {
    let decide = this.#progress.answered(check);
    this.#hindrances.note(check, result, monotonic());
    for (const member of this.#members?.decidedBy(check) ?? []) this.#publishResult(member, result);
    for (const found of this.#members?.record(check, result) ?? []) {
      this.#publishTransition(found, result);
      decide ||= found.transition === 'up' || found.transition === 'down';
    }
    if (decide) this.#decisions.request();
  }

  async #decide(): Promise<void> {
    const { isSettled } = this.#progress;
    this.#hold();
    const wanted = this.#desired();
    this.#publishUse();
    await this.#reconciler.want(wanted);
    // What the last first results changed still belongs to the start, or the reload.
    if (isSettled) this.#progress.settle();
  }

  async #applySteered(places: readonly Place[]): Promise<readonly (string | null)[]> {
    await Promise.race([this.#decide(), this.#reconciler.settled(steeringPatience)]);
    return missingAt(places, await this.#reconciler.missing());
  }

  #desired(): Desired {
    return desired(this.#config, this.#isUp, this.#admin, this.#wantedBefore, this.#refused);
  }

  /** Takes note of who is held out now, and tells what is new in it; and of whom the table does not take. */
  #hold(): void {
    this.#refused = refusedServers(this.#config, this.#reconciler.unserved);
    const { admin, events } = this.#maintenance.update(this.#config, Date.now());
    this.#admin = admin;
    for (const event of events) this.#options.bus.publish(event);
  }

  /** Tells which virtuals have lost their last server or got a first one. */
  #publishUse(): void {
    const isAside = (real: RealServer): boolean => isOut(real, this.#admin) || this.#refused.has(real);
    const { use, changes } = useOf(this.#config, this.#use, {
      nameOf: virtualName,
      isInUse: (real) => !isAside(real) && (this.#members?.isUp(real) ?? false),
      isKnown: (real) => isAside(real) || (this.#members?.isDecided(real) ?? false),
    });
    this.#use = use;
    for (const { virtual, inUse } of changes) {
      const { endpoint } = virtual;
      const type = inUse ? 'virtual-up' : 'virtual-down';
      this.#options.bus.publish({ type, virtual: endpointName(endpoint), protocol: endpoint.protocol });
    }
  }

  /** Compares the whole table with the wanted one, puts it right, and says what was found. */
  async #audit(): Promise<void> {
    const found = await this.#reconciler.audit(this.#desired());
    // A table that cannot be read is told and tried again by the reconciler.
    if (found !== null) this.#options.bus.publish({ type: 'table-audited', ...found });
  }

  #resolveLater(): void {
    if (this.#resolving) clearTimeout(this.#resolving);
    const pause = this.#options.resolveAgainAfter ?? defaultResolveAgainAfter;
    this.#resolving = hasUnresolved(this.#config) ? setTimeout(() => void this.#resolveAgain(), pause) : null;
  }

  async #resolveAgain(): Promise<void> {
    const before = this.#config;
    const { config, addresses } = await resolve(before, { lookup: this.#lookup, deadline: resolveDeadline });
    await this.#enqueue(async () => {
      // A reload meanwhile has resolved its own names.
      if (this.#stopping !== null || this.#config !== before) return;
      const found = await inSlices(comparing(before, config));
      if (found.length === 0) {
        this.#resolveLater();
        return;
      }
      this.#options.bus.publish({ type: 'names-resolved', differences: found });
      this.#source.tell(newSameServices(before, config));
      this.#addresses = new Map([...this.#addresses, ...addresses]);
      await this.#takeOver(config, await this.#standing());
    });
  }

  /** One change of the configuration at a time, in the order asked for. */
  #enqueue<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#changing.then(change);
    this.#changing = changed.then(() => {});
    return changed;
  }

  async #reload(occasion: Occasion): Promise<ReloadOutcome> {
    try {
      const loaded = await this.#source.read(occasion, this.#rules());
      if (loaded !== null) return await this.#rule(loaded);
      return this.#stopping === null ? unchanged : { ok: false, reason: 'the daemon stops', diagnostics: '' };
    } catch (error) {
      const reason = (error as Error).message;
      this.#options.bus.publish({ type: 'config-rejected', reason });
      return { ok: false, reason, diagnostics: '' };
    }
  }

  #rules(): Ruling {
    return { config: this.#config, text: this.#ruling, addresses: this.#addresses };
  }

  /** Lets a new version of the file rule, or says that it cannot. */
  async #rule({ config, text, diagnostics, newSettings, settingsRead, addresses }: Reread): Promise<ReloadOutcome> {
    const { bus, file } = this.#options;
    const shown = formatDiagnostics(diagnostics, { file, text, colour: false });
    if (config === null) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
      const reason = `${errors} error${errors === 1 ? '' : 's'}`;
      bus.publish({ type: 'config-rejected', reason });
      return { ok: false, reason, diagnostics: shown };
    }
    await this.#requireProbes(config);
    const found = await inSlices(comparing(this.#config, config));
    bus.publish({ type: 'config-loaded', differences: found.length > 0 ? found : ['nothing changed'] });
    this.#addresses = addresses;
    await this.#takeOver(config, await this.#standing());
    this.#ruling = text;
    const differences = newSettings === null ? found : [...found, `${newSettings}: a new version rules`];
    const ofSettings = [...settingsRead.diagnostics, ...idleWindows(settingsRead.settings, config)];
    const shownToo = formatDiagnostics(ofSettings, { ...settingsRead, colour: false });
    return { ok: true, differences, diagnostics: shown + shownToo, missing: [] };
  }

  /** Rejects where the code for a check cannot be loaded: its servers would have no verdict. */
  async #requireProbes({ virtuals }: Config): Promise<void> {
    await this.#loadable.require(virtuals.flatMap((virtual) => checkInGeneral(virtual) ?? []));
  }

  /** Swaps the configuration whole. Servers that are new in it are up where they stand in the table. */
  async #takeOver(config: Config, table: ObservedTable): Promise<void> {
    const { servers, checks } = await inSlices(assigning(config));
    await this.#maintenance.configure(config, this.#source.settings);
    const asked = this.#maintenance.askedOf(config, Date.now());
    const makeMembers = await inSlices(this.#preparing(servers, asked, table));
    if (this.#stopping !== null) return;
    // From here on to the events of use, one step: whoever looks in between sees one configuration alone.
    this.#members = makeMembers();
    this.#config = config;
    this.#source.tellOfSettings(idleWindows(this.#source.settings, config));
    this.#hold();
    this.#progress.begin(checks);
    this.#hindrances.keep(checks, monotonic());
    this.#configureOutside();
    this.#publishUse();
    await inSlices(desiring(config, this.#isUp, this.#admin, this.#wantedBefore, this.#refused));
    if (this.#stopping !== null) return;
    void this.#reconciler.takeOver(this.#desired());
    await this.#reconciler.settled(tableBeforeChecks);
    if (this.#stopping !== null) return;
    this.#pool.update(checks, this.#members.awaited());
    this.#progress.settle();
    this.#resolveLater();
    void this.#keepNames();
  }

  #preparing(servers: readonly Assigned[], asked: Admin, table: ObservedTable): Work<() => Members> {
    const wasUp = this.#members === null ? this.#options.before?.up : undefined;
    const standing: IsUp = (virtual, real) =>
      wasUp?.has(memberName(virtual, real)) || standsAsUp(virtual, real, asked, table);
    return Members.preparing(servers, this.#members, { virtualName, serverName, standing });
  }

  /** Not waited for: the next start is to know them, this one does. */
  async #keepNames(): Promise<void> {
    await this.#options.knownNames?.keep(this.#addresses).catch(({ message }: Error) => {
      this.#options.bus.publish({ type: 'addresses-lost', reason: `a restart will not know them: ${message}` });
    });
  }

  get #lookup(): Lookup {
    return this.#options.lookup ?? sharedLookup;
  }

  /** What is told outside, what is looked at, and when. */
  #configureOutside(): void {
    const { settings } = this.#source;
    this.#notifier.configure(this.#config, settings);
    this.#reconciler.lookEvery(settings.auditInterval * 1_000);
    this.#options.onRule?.(this.#config, settings);
    this.#pool.limits = limitsOf(settings);
    void this.#web.configure(settings);
    this.#jobs.set({
      audit: { expression: settings.auditSchedule, run: () => this.#audit() },
      summary: { expression: settings.summarySchedule, run: () => this.#notifier.sendSummary() },
    });
  }

  /** Once running, a table that cannot be read holds up no reload: the reconciler tells and tries again. */
  async #standing(): Promise<ObservedTable> {
    return this.#reconciler.read().catch(() => new Map());
  }

  /** Once a second. What keeps checks from a verdict is told with it, so that thousands of them are one event. */
  #publishSums(sums: Sums): void {
    const { bus } = this.#options;
    bus.publish({ type: 'checks-summed', sums: summary(sums), spreads: spreads(sums) });
    for (const { began, reason, checks } of this.#hindrances.changes(monotonic())) {
      bus.publish({ type: began ? 'checks-hindered' : 'checks-unhindered', reason, checks });
    }
  }

  #publishResult({ virtual, real }: Member, { ok, reason, duration }: ProbeResult): void {
    if (ok === null) return;
    const held = this.#admin.held.has(real);
    this.#options.bus.publish({ type: 'checked', ...subjectOf(virtual, real), ok, reason, duration, held });
  }

  #publishTransition({ member, transition }: MemberTransition, { reason, duration }: ProbeResult): void {
    const { virtual, real, health } = member;
    const common = { ...subjectOf(virtual, real), reason };
    if (transition === 'up' || transition === 'recovered') {
      this.#options.bus.publish({ type: `server-${transition}`, ...common });
      return;
    }
    const { failures } = health;
    const { failurecount } = virtual;
    this.#options.bus.publish({ type: `server-${transition}`, ...common, duration, failures, failurecount });
  }
}

function limitsOf({ workers, checkLimit, checkJitter }: Settings): PoolLimits {
  return { workers, inFlight: checkLimit, jitter: checkJitter / 100, descriptors: descriptorLimit() };
}

/** Throws an Error for people where the table does not have what was asked for yet. */
function expectApplied({ servers }: Steered): void {
  const missing = servers.flatMap(({ missing }) => missing ?? []);
  if (missing.length > 0) throw new Error(`it is asked for, and not in the table yet: ${missing.join('; ')}`);
}

/** What is to be said about virtuals since their names have addresses. */
function newSameServices(before: Config, config: Config): readonly Diagnostic[] {
  const told = new Set(sameServices(before).map(({ message }) => message));
  return sameServices(config).filter(({ message }) => !told.has(message));
}

function subjectOf({ endpoint }: Virtual, real: RealServer) {
  return { virtual: endpointName(endpoint), server: serverName(real), protocol: endpoint.protocol };
}
