/** Standings and wanted tables of servers about which a test says what it likes. */

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
    role,
    passive: passiveAmong(role, config.virtuals),
    leftOut: new Set<Virtual>(),
    nextChange: null,
  };
  return standings(config, evidence, nothingAsked, role, 0, before);
}

export function wantedOf(config: Config, said: Said | Said['isUp'], memory?: Memory): Desired {
  return desired(standingsOf(config, typeof said === 'function' ? { isUp: said } : said), memory);
}
