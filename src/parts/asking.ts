/** Where people ask: by verbs over the control socket, on the page over HTTP; and what they ask for single servers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Control } from '../control/control.js';
import type { ControlledDirector } from '../control/director.js';
import { handlerOf } from '../control/handlers.js';
import type { Directors } from '../directors/directors.js';
import type { Memory } from '../memory.js';
import { Web } from '../observe/http/web.js';
import { noByHandFile } from '../overrides/by-hand-file.js';
import type { Place } from '../overrides/places.js';
import { ServerSteering, type Steered, type Steering } from '../overrides/steering.js';
import type { OverrideStore } from '../overrides/store.js';
import type { Decisions } from '../reconcile/decisions.js';
import { missingAt, servicesOf } from '../reconcile/missing.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import { amongDirectors } from '../sharing.js';
import type { Views } from '../status/views.js';
import type { Given } from './given.js';

/** Milliseconds that whoever asks something for single servers waits for the table to have it. */
const steeringPatience = 20_000;
/** Who acts over HTTP, as far as anybody knows. */
const fromPage = 'status page';

interface Steerable {
  readonly overrides: OverrideStore;
  readonly directors: Directors;
  readonly decisions: Decisions;
  readonly reconciler: Reconciler;
  readonly forgive: (places: readonly Place[]) => number;
}

export function steeringOf(
  { state }: Given,
  { overrides, directors, decisions, reconciler, forgive }: Steerable,
): ServerSteering {
  return new ServerSteering({
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
    forgive,
    objection: (asked) => decisions.objectionTo(asked),
  });
}

export function openWeb(
  { options, open }: Given,
  { chronicle, history }: Memory,
  { steering, views, unready }: { steering: () => Steering; views: () => Views; unready: () => readonly string[] },
): Web {
  const { bus, version, backend } = options;
  const web = new Web({
    bus,
    version,
    backend: backend.name,
    stream: (selection, page) => views().stream(selection, page),
    chronicle,
    history,
    unready,
    actions: {
      drain: async (server, asked) => {
        expectApplied(await steering().drain({ server, virtual: null }, { ...asked, who: fromPage }));
      },
      undrain: async (server, { why }) => {
        expectApplied(await steering().undrain({ server, virtual: null }, { why, who: fromPage }));
      },
    },
  });
  open.push(() => web.close());
  return web;
}

/** Null where there is no control socket. */
export function openControl(
  { options, open }: Given,
  { chronicle }: Memory,
  {
    steering,
    directors,
    decisions,
    views,
  }: Pick<Steerable, 'directors' | 'decisions'> & {
    readonly steering: Steering;
    readonly views: Views;
  },
): Control | null {
  if (options.control === undefined) return null;
  const { path, reload, setLogLevel } = options.control;
  const { publish } = options.bus;
  const controlled: ControlledDirector = {
    steering,
    handover: directors.handover,
    chronicle,
    reload,
    setLogLevel,
    ...amongDirectors(directors, decisions),
    stream: (selection) => views.stream(selection),
    unready: () => views.unready,
    plan: (request) => views.plan(request),
    explain: (target) => views.explain(target),
    checkNow: (target) => views.checkNow(target),
  };
  const onFailure = (reason: string) => publish({ type: 'control-failed', reason });
  const control = new Control({ path, handle: handlerOf(controlled), onFailure });
  open.push(() => control.close());
  return control;
}

/** Throws an Error for people where the table does not have what was asked for yet. */
function expectApplied({ servers }: Steered): void {
  const missing = servers.flatMap(({ missing }) => missing ?? []);
  if (missing.length > 0) throw new Error(`it is asked for, and not in the table yet: ${missing.join('; ')}`);
}
