/** The difference of two tables as operations, in an order that leaves no service empty on the way. */

import type { Operation } from '../ipvs/backend.js';
import { type Entry, type ObservedTable, sameDestination, sameService, type Table } from '../ipvs/table.js';
import { atOnce, type Work } from '../slices.js';

/**
 * Operations that turn `actual` into `wanted`. Services that are not wanted go only where `owned` names
 * them by key; the others are somebody else's. Within a service what adds or raises comes before what
 * lowers or removes.
 */
export function plan(wanted: Table, actual: ObservedTable, owned: ReadonlySet<string>): Operation[] {
  return atOnce(planInSlices(wanted, actual, owned));
}

/** The same as work that can be interrupted. */
export function* planInSlices(wanted: Table, actual: ObservedTable, owned: ReadonlySet<string>): Work<Operation[]> {
  const operations: Operation[] = [];
  const take = ({ first, last }: ServicePlan): void => void operations.push(...first, ...last);
  for (const plan of yield* planServices(wanted, actual)) take(plan);
  for (const plan of planRemovals(wanted, actual, owned)) take(plan);
  return operations;
}

/** What is to be done to one service. */
export interface ServicePlan {
  readonly key: string;
  /** What adds or raises. */
  readonly first: readonly Operation[];
  /** What lowers or removes, for which the first may have made room. */
  readonly last: readonly Operation[];
}

/** What turns the services of `wanted` into what they are to be; those that are in order are left out. */
export function* planServices(wanted: Table, actual: ObservedTable): Work<ServicePlan[]> {
  const plans: ServicePlan[] = [];
  for (const [key, entry] of wanted) {
    const plan = planService(key, entry, actual.get(key));
    if (plan !== null) plans.push(plan);
    yield;
  }
  return plans;
}

/** What takes out services that are owned and not wanted. */
export function planRemovals(
  wanted: Pick<Table, 'has'>,
  actual: ObservedTable,
  owned: ReadonlySet<string>,
): ServicePlan[] {
  const plans: ServicePlan[] = [];
  for (const key of owned) {
    const entry = wanted.has(key) ? undefined : actual.get(key);
    if (entry !== undefined) plans.push({ key, first: [], last: planRemoval(entry) });
  }
  return plans;
}

/** Operations that take a service and everything in it out of the table. */
export function planRemoval({ service, destinations }: Entry): Operation[] {
  return [
    ...[...destinations.values()].map(
      (destination): Operation => ({ type: 'delete-destination', service, destination }),
    ),
    { type: 'delete-service', service },
  ];
}

function planService(key: string, wanted: Entry, actual: Entry | undefined): ServicePlan | null {
  const { service } = wanted;
  const first: Operation[] = [];
  const last: Operation[] = [];
  if (!actual) first.push({ type: 'add-service', service });
  else if (!sameService(service, actual.service)) first.push({ type: 'edit-service', service });

  let common = 0;
  for (const [place, destination] of wanted.destinations) {
    const standing = actual?.destinations.get(place);
    if (!standing) {
      first.push({ type: 'add-destination', service, destination });
      continue;
    }
    common += 1;
    if (!sameDestination(destination, standing)) {
      const queue = destination.weight < standing.weight ? last : first;
      queue.push({ type: 'edit-destination', service, destination });
    }
  }
  if (actual && actual.destinations.size !== common) {
    for (const [place, destination] of actual.destinations) {
      if (!wanted.destinations.has(place)) last.push({ type: 'delete-destination', service, destination });
    }
  }
  return first.length + last.length === 0 ? null : { key, first, last };
}
