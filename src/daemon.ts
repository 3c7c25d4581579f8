/** The composition root: builds the parts, starts them, reloads, stops. */

import { assign } from './checks/assignment.js';
import { refusals } from './checks/refusals.js';
import { Scheduler } from './checks/scheduler.js';
import { differences } from './config/differences.js';
import { adviseOnKernel } from './config/kernel-advice.js';
import { interpret, type Loaded, type LoadOptions, readText } from './config/load.js';
import type { Config, RealServer, Virtual } from './config/model.js';
import { endpointName, serverName } from './config/names.js';
import { remembering } from './config/remembering.js';
import { hasUnresolved, type Lookup, resolve, systemLookup } from './config/resolve.js';
import type { EventBus } from './events.js';
import { Members, type MemberTransition } from './health/members.js';
import type { Backend } from './ipvs/backend.js';
import { destinationKey, type ObservedTable, serviceKey } from './ipvs/table.js';
import type { ProbeResult } from './probes/probe.js';
import { releaseKept, runProbe } from './probes/run.js';
import { FileWatch } from './process/file-watch.js';
import { readIpvsSetting } from './process/ipvs-setting.js';
import { type Desired, desired, destinationOf, serviceOf } from './reconcile/desired.js';
import { Reconciler } from './reconcile/reconciler.js';

/** A configuration that was read without an error. */
export type Valid = Loaded & { readonly config: Config };

export interface DaemonOptions {
  /** The configuration file. */
  readonly file: string;
  readonly strict: boolean;
  readonly backend: Backend;
  readonly bus: EventBus;
  readonly version: string;
  /** Whether the process is on its own; the log says so. */
  readonly background?: boolean;
  readonly lookup?: Lookup;
  /** Milliseconds between two attempts at names that do not resolve. */
  readonly resolveAgainAfter?: number;
}

const defaultResolveAgainAfter = 15_000;
/** Milliseconds for an attempt. */
const resolveDeadline = 10_000;

/** Milliseconds for which a file without a single service must stand before autoreload believes it. */
const emptyFilePatience = 1_000;

/** Why the file is read again: on request, since it may have changed, or since it stood empty for a while. */
type Occasion = 'request' | 'touch' | 'patience';

/** Reads a file and everything that can be said about it, a service that cannot be checked yet included. */
export async function readConfiguration(file: string, options: LoadOptions): Promise<Loaded> {
  return understand(await readText(file), options);
}

async function understand(text: string, options: LoadOptions): Promise<Loaded> {
  const loaded = await interpret(text, options);
  if (loaded.config === null) return loaded;
  const refused = refusals(loaded.config);
  const advice = adviseOnKernel(loaded.config, await readIpvsSetting('expire_quiescent_template'));
  const diagnostics = [...loaded.diagnostics, ...advice, ...refused];
  return { ...loaded, config: refused.length === 0 ? loaded.config : null, diagnostics };
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #scheduler: Scheduler;
  readonly #reconciler: Reconciler;
  #text: string;
  #config: Config;
  #members: Members | null = null;
  #watch: FileWatch | null = null;
  #resolving: NodeJS.Timeout | null = null;
  #emptyFile: NodeJS.Timeout | null = null;
  #deciding: NodeJS.Immediate | null = null;
  #changing: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  private constructor(options: DaemonOptions, loaded: Valid) {
    const { backend, bus } = options;
    this.#options = options;
    this.#text = loaded.text;
    this.#config = loaded.config;
    this.#scheduler = new Scheduler({ run: runProbe, onResult: (check, result) => this.#record(check, result) });
    this.#reconciler = new Reconciler(backend, {
      onChange: (change) => bus.publish({ type: 'table-changed', change }),
      onDrift: (objects) => bus.publish({ type: 'table-drifted', objects }),
      onFailure: (object, failure) => bus.publish({ type: 'table-failed', object, failure }),
    });
  }

  /**
   * Settles when the first table stands and the checks run. Rejects where the table cannot be read: without it
   * nobody knows which servers carry traffic.
   */
  static async start(options: DaemonOptions, loaded: Valid): Promise<Daemon> {
    const { backend, bus, version, file, background = false } = options;
    bus.publish({ type: 'started', version, backend: backend.name, background });
    const daemon = new Daemon(options, loaded);
    daemon.#publishDiagnostics(loaded);
    await daemon.#takeOver(loaded.config, await daemon.#reconciler.read());
    daemon.#watch = await FileWatch.open(file, { onTouch: () => daemon.#fileTouched() });
    return daemon;
  }

  /** Reads the file again on request and takes it over, or says why not. Never rejects. */
  reload(): Promise<void> {
    this.#options.bus.publish({ type: 'reload-requested' });
    return this.#enqueue(() => this.#reload('request'));
  }

  /** The one that rules. */
  get config(): Config {
    return this.#config;
  }

  /** Stops checking, cleans up as `cleanstop` says, and lets go of everything. */
  stop(cause: string): Promise<void> {
    this.#stopping ??= this.#stop(cause, () => this.#reconciler.close());
    return this.#stopping;
  }

  /** Stops checking and lets go of everything; the table stays as it stands, for another daemon to adopt. */
  leave(cause: string): Promise<void> {
    this.#stopping ??= this.#stop(cause, () => this.#reconciler.leave());
    return this.#stopping;
  }

  async #stop(cause: string, endTable: () => Promise<void>): Promise<void> {
    const { backend, bus } = this.#options;
    this.#watch?.close();
    if (this.#resolving) clearTimeout(this.#resolving);
    if (this.#emptyFile) clearTimeout(this.#emptyFile);
    if (this.#deciding) clearImmediate(this.#deciding);
    await this.#scheduler.close();
    await releaseKept();
    await endTable();
    await backend.close();
    bus.publish({ type: 'terminated', cause });
  }

  #record(check: string, result: ProbeResult): void {
    let decide = false;
    for (const found of this.#members?.record(check, result) ?? []) {
      this.#publishTransition(found, result);
      decide ||= found.transition === 'up' || found.transition === 'down';
    }
    // Results that come together become one plan.
    if (decide) this.#deciding ??= setImmediate(() => void this.#decide());
  }

  async #decide(): Promise<void> {
    this.#deciding = null;
    await this.#reconciler.want(this.#desired());
  }

  #desired(): Desired {
    return desired(this.#config, (_, real) => this.#members?.isUp(real) ?? false);
  }

  #resolveLater(): void {
    if (this.#resolving) clearTimeout(this.#resolving);
    const pause = this.#options.resolveAgainAfter ?? defaultResolveAgainAfter;
    this.#resolving = hasUnresolved(this.#config) ? setTimeout(() => void this.#resolveAgain(), pause) : null;
  }

  async #resolveAgain(): Promise<void> {
    const before = this.#config;
    const { config } = await resolve(before, this.#options.lookup ?? systemLookup, resolveDeadline);
    await this.#enqueue(async () => {
      // A reload meanwhile has resolved its own names.
      if (this.#stopping !== null || this.#config !== before) return;
      const found = differences(before, config);
      if (found.length === 0) {
        this.#resolveLater();
        return;
      }
      this.#options.bus.publish({ type: 'names-resolved', differences: found });
      await this.#takeOver(config, await this.#standing());
    });
  }

  #fileTouched(): void {
    if (this.#config.global.autoreload) void this.#enqueue(() => this.#reload('touch'));
  }

  #emptyFileStood(): void {
    this.#emptyFile = null;
    if (this.#config.global.autoreload) void this.#enqueue(() => this.#reload('patience'));
  }

  /** One change of the configuration at a time, in the order asked for. */
  #enqueue(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change);
    return this.#changing;
  }

  async #reload(occasion: Occasion): Promise<void> {
    const { file, bus, strict, lookup = systemLookup } = this.#options;
    try {
      const text = await readText(file);
      if (occasion !== 'request' && text === this.#text) return;
      const loaded = await understand(text, { strict, lookup: remembering(lookup, this.#config) });
      if (this.#stopping !== null) return;
      // An editor that truncates before it writes must not take every service down in between.
      if (occasion === 'touch' && loaded.config?.virtuals.length === 0 && this.#config.virtuals.length > 0) {
        this.#emptyFile ??= setTimeout(() => this.#emptyFileStood(), emptyFilePatience);
        return;
      }
      if (occasion !== 'request') bus.publish({ type: 'config-changed', file });
      await this.#rule(loaded);
    } catch (error) {
      bus.publish({ type: 'config-rejected', reason: (error as Error).message });
    }
  }

  /** Lets a new version of the file rule, or says that it cannot. */
  async #rule(loaded: Loaded): Promise<void> {
    const { bus } = this.#options;
    this.#text = loaded.text;
    this.#publishDiagnostics(loaded);
    if (loaded.config === null) {
      const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error').length;
      bus.publish({ type: 'config-rejected', reason: `${errors} error${errors === 1 ? '' : 's'}` });
      return;
    }
    const found = differences(this.#config, loaded.config);
    bus.publish({ type: 'config-loaded', differences: found.length > 0 ? found : ['nothing changed'] });
    await this.#takeOver(loaded.config, await this.#standing());
  }

  /** Swaps the configuration whole. Servers that are new in it are up where they stand in the table. */
  async #takeOver(config: Config, table: ObservedTable): Promise<void> {
    if (this.#stopping !== null) return;
    const { servers, checks } = assign(config);
    this.#members = new Members(servers, this.#members, {
      nameOf: memberName,
      standing: (virtual, real) => stands(virtual, real, table),
    });
    this.#config = config;
    await this.#reconciler.takeOver(this.#desired());
    if (this.#stopping !== null) return;
    this.#scheduler.update(checks);
    this.#resolveLater();
  }

  /** Once running, a table that cannot be read holds up no reload: the reconciler tells and tries again. */
  async #standing(): Promise<ObservedTable> {
    return this.#reconciler.read().catch(() => new Map());
  }

  #publishDiagnostics({ diagnostics }: Loaded): void {
    const { bus, file } = this.#options;
    for (const diagnostic of diagnostics) bus.publish({ type: 'config-diagnostic', file, diagnostic });
  }

  #publishTransition({ member, transition }: MemberTransition, { reason, duration }: ProbeResult): void {
    const { virtual, real, health } = member;
    const { protocol } = virtual.endpoint;
    const common = { virtual: endpointName(virtual.endpoint), server: serverName(real), protocol, reason };
    if (transition === 'up' || transition === 'recovered') {
      this.#options.bus.publish({ type: `server-${transition}`, ...common });
      return;
    }
    const { failures } = health;
    const { failurecount } = virtual;
    this.#options.bus.publish({ type: `server-${transition}`, ...common, duration, failures, failurecount });
  }
}

function memberName({ family, endpoint }: Virtual, real: RealServer): string {
  return `${family} ${endpoint.protocol} ${endpointName(endpoint)} ${serverName(real)}`;
}

function stands(virtual: Virtual, real: RealServer, table: ObservedTable): boolean {
  const service = serviceOf(virtual);
  const destination = destinationOf(virtual, real);
  if (service === null || destination === null) return false;
  const standing = table.get(serviceKey(service))?.destinations.get(destinationKey(destination));
  return (standing?.weight ?? 0) > 0;
}
