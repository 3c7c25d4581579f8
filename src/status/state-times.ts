/** Since when each server is in the state that it is in, and since when its checks say what they say. */

import type { Config, RealServer, Virtual } from '../model/config.js';
import { type Hold, isDrained } from '../model/override.js';
import { nameWithin, virtualKey, virtualSubjectOf } from '../model/subject.js';
import { type Standing, standAs } from '../reconcile/standing.js';
import type { Standings } from '../reconcile/standings.js';
import { type ServerState, serverStates } from './model.js';
import { stateOf } from './server-state.js';

/** What checks have made of the servers. */
export interface Checked {
  isUp(real: RealServer): boolean;
  /** Whether a check has decided that, or none is needed. */
  isDecided(real: RealServer): boolean;
}

/** In milliseconds since 1970. */
export interface Since {
  readonly state: number;
  /** When its checks last changed their mind; when they were first asked where they have said nothing yet. */
  readonly health: number;
}

const unknown = serverStates.indexOf('unknown');

/** Of the servers of a virtual, as `serversOf` gives them: in arrays, since there may be tens of thousands. */
class Times {
  readonly states: Uint8Array;
  readonly since: Float64Array;
  /** That nothing is known yet, as after a restart, is no end of how it was: the state before it, and since when. */
  readonly settled: Uint8Array;
  readonly settledSince: Float64Array;
  /** As its checks said last: `up` or `down`. */
  readonly health: Uint8Array;
  readonly healthSince: Float64Array;

  constructor(servers: number) {
    this.states = new Uint8Array(servers).fill(unknown);
    this.since = new Float64Array(servers);
    this.settled = new Uint8Array(servers).fill(unknown);
    this.settledSince = new Float64Array(servers);
    this.health = new Uint8Array(servers).fill(unknown);
    this.healthSince = new Float64Array(servers);
  }

  note(index: number, state: ServerState, up: boolean | null, now: number): void {
    const code = serverStates.indexOf(state);
    if (this.since[index] === 0 || code !== this.states[index]) {
      if (code !== unknown && code !== this.settled[index]) {
        this.settled[index] = code;
        this.settledSince[index] = now;
      }
      this.states[index] = code;
      this.since[index] = code === unknown ? now : (this.settledSince[index] ?? now);
    }
    const said = up === null ? unknown : serverStates.indexOf(up ? 'up' : 'down');
    if (this.healthSince[index] !== 0 && (said === unknown || said === this.health[index])) return;
    this.health[index] = said;
    this.healthSince[index] = now;
  }

  copyFrom(before: Times, from: number, to: number): void {
    for (const name of ['states', 'since', 'settled', 'settledSince', 'health', 'healthSince'] as const) {
      this[name][to] = before[name][from] ?? 0;
    }
  }
}

export class StateTimes {
  #last: Standings | null = null;
  #of = new Map<Virtual, Times>();

  /**
   * To be told of each decision, and before anybody looks. `now` in milliseconds since 1970. A server that a
   * configuration names again, in the same virtual, goes on as it was.
   */
  note(decided: Standings, checked: Checked, now: number): void {
    const before = this.#last;
    if (before?.config !== decided.config) this.#of = timesFor(decided.config, before?.config ?? null, this.#of);
    for (const virtual of decided.config.virtuals) {
      const times = this.#of.get(virtual);
      const own = decided.of.get(virtual);
      if (times === undefined || own === undefined) continue;
      const last = before?.of.get(virtual);
      for (const [index, real] of virtual.realServers.entries()) {
        const standing = own[index];
        if (standing === undefined) continue;
        const isSame = standing === last?.[index] && decided.inForce === before?.inForce;
        const hold = decided.inForce.held.get(real);
        // Of others than these the standing tells what their checks say.
        if (isSame && hold === undefined && standing.by === null) continue;
        const [up, isDecided] = [checked.isUp(real), checked.isDecided(real)];
        times.note(index, stateFor(standing, up, isDecided, hold), isDecided ? up : null, now);
      }
      if (!virtual.fallbackcheck) continue;
      for (const [index, fallback] of virtual.fallbacks.entries()) {
        const [up, isDecided] = [checked.isUp(fallback), checked.isDecided(fallback)];
        const state = stateFor(asChecked, up, isDecided, undefined);
        times.note(virtual.realServers.length + index, state, isDecided ? up : null, now);
      }
    }
    this.#last = decided;
  }

  /** Null where nothing was noted of the server at this place, the fallbacks' being after those of the real servers. */
  of(virtual: Virtual, index: number): Since | null {
    const times = this.#of.get(virtual);
    const [state, health] = [times?.since[index], times?.healthSince[index]];
    return state === undefined || health === undefined ? null : { state, health };
  }
}

/** Of a fallback: nothing but its checks decides about it. */
const asChecked = standAs('out', 0, true);

function serversOf({ realServers, fallbacks }: Virtual): readonly RealServer[] {
  return [...realServers, ...fallbacks];
}

/** `hold` is what people, schedules or its agent ask for it. */
export function stateFor({ place, by }: Standing, up: boolean, decided: boolean, hold: Hold | undefined): ServerState {
  const byMinimum = by === 'minimum';
  // By a policy of the file, though its checks pass.
  const isKeptOut = up && by !== null && !byMinimum;
  const held = isDrained(hold) ? 'drained' : hold !== undefined || isKeptOut ? 'held' : null;
  return stateOf({ up, decided, hold: held, byMinimum, inUse: place === 'in use' });
}

/** With what is known from before, whatever objects the configurations have for a server. */
function timesFor(config: Config, before: Config | null, known: ReadonlyMap<Virtual, Times>): Map<Virtual, Times> {
  const earlier = new Map(before?.virtuals.map((virtual) => [virtualKey(virtualSubjectOf(virtual)), virtual]));
  return new Map(
    config.virtuals.map((virtual) => {
      const times = new Times(serversOf(virtual).length);
      const was = earlier.get(virtualKey(virtualSubjectOf(virtual)));
      const itsTimes = was && known.get(was);
      if (was !== undefined && itsTimes !== undefined) {
        const places = new Map(serversOf(was).map((server, index) => [nameWithin(server), index]));
        for (const [index, server] of serversOf(virtual).entries()) {
          const from = places.get(nameWithin(server));
          if (from !== undefined) times.copyFrom(itsTimes, from, index);
        }
      }
      return [virtual, times];
    }),
  );
}
