/** Standings and wanted tables of servers about which a test says what it likes. */

import assert from 'node:assert/strict';
import type { Config, RealServer, Virtual } from '../../src/model/config.js';
import { type InForce, nobodyOverridden } from '../../src/model/override.js';
import { alwaysActive, passiveAmong, type RoleInForce } from '../../src/model/role.js';
import { nothingAsked } from '../../src/overrides/in-force.js';
import { type Desired, desired, type Memory } from '../../src/reconcile/desired.js';
import { type Standings, standings } from '../../src/reconcile/standings/standings.js';

export interface Said {
  readonly isUp: (real: RealServer) => boolean;
  readonly isDecided?: (real: RealServer) => boolean;
  readonly refused?: ReadonlySet<RealServer>;
  readonly inForce?: Partial<InForce>;
  readonly role?: RoleInForce;
}

export function standingsOf(
  config: Config,
  { isUp, isDecided = () => true, refused, inForce, role = alwaysActive }: Said,
): Standings {
  const evidence = {
    isUp,
    isDecided,
    isRefused: (real: RealServer) => refused?.has(real) ?? false,
    policyHoldOf: () => null,
  };
  const asked = { ...nobodyOverridden, ...inForce };
  const before = {
    config,
    overrides: nothingAsked,
    at: 0,
    inForce: asked,
    of: new Map(),
    serving: new Map(),
    below: new Map(),
    voted: new Map(),
    settled: new Set<Virtual>(),
    moving: new Map(),
    role,
    passive: passiveAmong(role, config.virtuals),
    leftOut: new Set<Virtual>(),
    nextChange: null,
  };
  return standings(config, evidence, nothingAsked, role, 0, before);
}

/** Whether two that were come to in different ways are the same. */
export function assertSame(revised: Standings, whole: Standings): void {
  const plain = <V>(map: ReadonlyMap<unknown, V>): ReadonlyMap<unknown, V> => new Map([...map]);
  const parts = ({ of, serving, below, voted, moving, inForce }: Standings) => ({
    of: plain(of),
    serving: plain(serving),
    below: plain(below),
    voted: plain(voted),
    moving: plain(moving),
    held: plain(inForce.held),
    weights: plain(inForce.weights),
    shares: plain(inForce.shares),
    agentEnds: plain(inForce.agentEnds),
  });
  assert.deepEqual(parts(revised), parts(whole));
  assert.deepEqual(revised.inForce.resting, whole.inForce.resting);
  assert.deepEqual(revised.settled, whole.settled);
  assert.deepEqual([...revised.leftOut], [...whole.leftOut]);
  assert.equal(revised.inForce.nextChange, whole.inForce.nextChange);
  assert.equal(revised.nextChange, whole.nextChange);
}

export function wantedOf(config: Config, said: Said | Said['isUp'], memory?: Memory): Desired {
  return desired(standingsOf(config, typeof said === 'function' ? { isUp: said } : said), memory);
}
