/** What a new configuration changes in the table, by service: fit for JSON, so that another process can show it. */

import type { Operation } from '../ipvs/backend.js';
import { destinationKey, type Observed, type ObservedTable, type Service, serviceKey } from '../ipvs/table.js';
import type { Forecast } from '../reconcile/forecast.js';

/** What is asked about. */
export interface PlanRequest {
  /** Of a file; null is that of the daemon as it stands on disk. */
  readonly text: string | null;
  /** What the file is called where it is said what is wrong with it; null where it is that of the daemon. */
  readonly name: string | null;
  readonly strict: boolean;
}

/** `diagnostics` is what there is to say about the file, as it is shown to people. */
export type Plan =
  | { readonly ok: true; readonly diagnostics: string; readonly services: readonly PlannedService[] }
  /** It cannot be taken. */
  | { readonly ok: false; readonly diagnostics: string };

export interface PlannedService {
  readonly key: string;
  /** As the configuration calls it; null where it does not. */
  readonly name: string | null;
  /** By name, where the configuration has one. */
  readonly called?: string;
  /** As it stands now; null where it does not. */
  readonly standing: Service | null;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly operation: Operation;
  /** `passed`: once checks have; `meanwhile`: until then alone. Null where it is done at once and for good. */
  readonly when: 'passed' | 'meanwhile' | null;
  readonly isFallback: boolean;
  /** The server by name, where the configuration has one. */
  readonly called?: string;
  /** The destination as it stands now; null where it does not, or where the operation is about the service. */
  readonly standing: Observed | null;
}

/** Services in the order in which they are changed. What is over once checks have passed comes first in each. */
export function plannedServices(
  { wanted, operations, awaited, meanwhile }: Forecast,
  table: ObservedTable,
): PlannedService[] {
  const services = new Map<string, PlannedService & { readonly changes: PlannedChange[] }>();
  const note = (operation: Operation, when: PlannedChange['when']): void => {
    const key = serviceKey(operation.service);
    const entry = wanted.get(key);
    const place = 'destination' in operation ? destinationKey(operation.destination) : null;
    const service = services.get(key) ?? {
      key,
      name: entry?.name ?? null,
      ...(entry?.called !== undefined && { called: entry.called }),
      standing: table.get(key)?.service ?? null,
      changes: [],
    };
    services.set(key, service);
    const named = place === null ? undefined : entry?.named.get(place);
    const isFallback = named?.role === 'fallback';
    const standing = (place !== null && table.get(key)?.destinations.get(place)) || null;
    service.changes.push({
      operation,
      when,
      isFallback,
      ...(named?.called !== undefined && { called: named.called }),
      standing,
    });
  };
  for (const operation of operations) note(operation, awaited.has(operation) ? 'passed' : null);
  for (const operation of meanwhile) note(operation, 'meanwhile');
  return [...services.values()];
}
