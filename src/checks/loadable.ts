/**
 * Whether the probes that checks need can be loaded: asked before a configuration is taken over, since a worker loads
 * a probe with its first check, and a server would have no verdict as long as that fails. In a thread of its own: a
 * module that could not be loaded once stays so in its thread, were it there a moment later.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { checkedViews } from '../config/fallback-checks.js';
import type { Config, Virtual } from '../model/config.js';
import { furtherChecks } from '../probes/further.js';
import { isLoadedLater } from '../probes/index.js';
import type { Check } from '../probes/probe.js';
import { inSlices, type Work } from '../slices.js';
import { agentInGeneral } from './agent-question.js';
import { checkInGeneral } from './check.js';

export type Loaded = { readonly failed: null } | { readonly failed: string; readonly reason: string };

/** Milliseconds; disks that have gone to sleep take some seconds. */
const patience = 30_000;
const entry = new URL('./loader.js', import.meta.url);

export class Loadable {
  /** Kinds of checks whose probes could be loaded. */
  readonly #known = new Set<string>();
  /** Virtual services all of whose probes could be. */
  readonly #required = new WeakSet<Virtual>();

  /** As `require`, for the servers of its virtual services and their agents, which would have no verdict otherwise. */
  async requireFor({ virtuals }: Config): Promise<void> {
    const others = virtuals.filter((virtual) => !this.#required.has(virtual));
    await this.require(checksInGeneral(others));
    for (const virtual of others) this.#required.add(virtual);
  }

  /**
   * In slices: these may be of thousands of services. Rejects where a probe cannot be loaded. Where that cannot be found
   * out just now, the checks will tell.
   */
  async require(checks: Iterable<Check>): Promise<void> {
    const wanted = await inSlices(this.#notKnown(checks));
    if (wanted.size === 0) return;
    const loaded = await inThread([...wanted]);
    if (loaded === null) return;
    if (loaded.failed !== null) {
      throw new Error(`the probe for checks of ${loaded.failed} cannot be loaded: ${loaded.reason}`);
    }
    for (const kind of wanted.keys()) this.#known.add(kind);
  }

  /** One check of each kind of which it is not known that its probe can be loaded. */
  *#notKnown(checks: Iterable<Check>): Work<ReadonlyMap<string, Check>> {
    const wanted = new Map<string, Check>();
    /** Of servers of one virtual they are the same. */
    const seen = new Set<Check['further']>([null]);
    const want = (check: Check): void => {
      const kind = kindOf(check);
      if (!this.#known.has(kind) && !wanted.has(kind) && isLoadedLater(check)) wanted.set(kind, check);
    };
    for (const check of checks) {
      yield;
      want(check);
      if (seen.has(check.further)) continue;
      seen.add(check.further);
      furtherChecks(check).forEach(want);
    }
    return wanted;
  }
}

/** What is asked of servers of these and of their agents, of nobody yet. */
function* checksInGeneral(virtuals: readonly Virtual[]): Generator<Check, undefined> {
  for (const virtual of virtuals) {
    for (const view of checkedViews(virtual)) {
      for (const check of [checkInGeneral(view), agentInGeneral(view)]) if (check !== null) yield check;
    }
  }
}

/** Null where the thread cannot be started, for want of memory or processes. */
async function inThread(checks: readonly (readonly [string, Check])[]): Promise<Loaded | null> {
  let thread: Worker | null = null;
  try {
    thread = new Worker(entry, { workerData: checks, name: 'loader', stdout: true, stderr: true });
    // Whoever waits for its answer gets an error as well; one may come when nobody does.
    thread.on('error', () => {});
    const [loaded] = await once(thread, 'message', { signal: AbortSignal.timeout(patience) });
    return loaded as Loaded;
  } catch {
    return null;
  } finally {
    await thread?.terminate();
  }
}

function kindOf({ type, service, protocol, tls, http }: Check): string {
  const secure = tls === null ? '' : ' over TLS';
  return `type ${type}, service ${service}${secure}${http.version === '2' ? ' in HTTP/2' : ''} (${protocol})`;
}
