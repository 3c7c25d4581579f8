/** What the table will be when a new configuration rules and its servers have been checked. */

import type { Operation } from '../ipvs/backend.js';
import { destinationKey, type ObservedTable, serviceKey } from '../ipvs/table.js';
import type { Config, RealServer } from '../model/config.js';
import type { RoleInForce } from '../model/role.js';
import type { Overrides } from '../overrides/in-force.js';
import type { Work } from '../slices.js';
import { type Desired, leftOutKeys, makeDesired } from './desired.js';
import { planInSlices } from './plan.js';
import type { Evidence } from './standings/standing.js';
import { decideStandings, type Standings } from './standings/standings.js';
import { purgeAll, type Removals, removals, tolerate } from './tolerance.js';

export interface Circumstances {
  readonly table: ObservedTable;
  /** Keys of services that are ours to remove. */
  readonly owned: ReadonlySet<string>;
  readonly removed: Removals;
  readonly overrides: Overrides;
  readonly role: RoleInForce;
  /** In milliseconds since 1970. */
  readonly now: number;
  /** As the new configuration finds it. What is not decided the first result of a check is to decide. */
  readonly evidence: Evidence;
  /** How the servers stand under the configuration that rules; null where none does. */
  readonly before: Standings | null;
}

export interface Forecast {
  readonly wanted: Desired;
  /** What is done in the end where every check that is awaited passes. */
  readonly operations: readonly Operation[];
  /** Those of them that are not done before. */
  readonly awaited: ReadonlySet<Operation>;
  /** What is done at once, and is over then. */
  readonly meanwhile: readonly Operation[];
}

const nothing: Desired = new Map();

export function* forecastInSlices(config: Config, circumstances: Circumstances): Work<Forecast> {
  const { isUp, isDecided } = circumstances.evidence;
  const atOnce = yield* planTakeOver(config, circumstances, isUp);
  const isOpen = (real: RealServer): boolean => !isUp(real) && !isDecided(real);
  const isWaiting = config.virtuals.some(
    ({ realServers, fallbackcheck, fallbacks }) =>
      realServers.some(isOpen) || (fallbackcheck && fallbacks.some(isOpen)),
  );
  if (!isWaiting) return { ...atOnce, awaited: new Set(), meanwhile: [] };
  const passing: Evidence['isUp'] = (real) => isUp(real) || !isDecided(real);
  const inTheEnd = yield* planTakeOver(config, circumstances, passing);
  const first = new Set(atOnce.operations.map(wordsOf));
  const last = new Set(inTheEnd.operations.map(wordsOf));
  return {
    ...inTheEnd,
    awaited: new Set(inTheEnd.operations.filter((operation) => !first.has(wordsOf(operation)))),
    meanwhile: atOnce.operations.filter((operation) => !last.has(wordsOf(operation))),
  };
}

/** As the reconciler takes a configuration over. */
function* planTakeOver(
  config: Config,
  { table, owned, removed, overrides, role, now, evidence, before }: Circumstances,
  isUp: Evidence['isUp'],
): Work<Pick<Forecast, 'wanted' | 'operations'>> {
  const decided = yield* decideStandings(config, { ...evidence, isUp }, overrides, role, now, before);
  const wanted = yield* makeDesired(decided);
  const gone = removals(wanted, nothing, table, removed);
  const target = yield* tolerate(wanted, table, gone, purgeAll);
  const ours = new Set([...owned, ...leftOutKeys(decided)]);
  return { wanted, operations: yield* planInSlices(target, table, ours) };
}

/** The same for operations that do the same. */
function wordsOf(operation: Operation): string {
  const service = serviceKey(operation.service);
  if (!('destination' in operation)) return `${operation.type} ${service} ${JSON.stringify(operation.service)}`;
  const destination = destinationKey(operation.destination);
  if (operation.type === 'delete-destination') return `${operation.type} ${service} ${destination}`;
  return `${operation.type} ${service} ${destination} ${JSON.stringify(operation.destination)}`;
}
