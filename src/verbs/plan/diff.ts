/** A plan as a difference that people read: what comes, goes and changes, by service. */

import { type Style, styled } from '../../control/columns.js';
import type { Operation } from '../../ipvs/backend.js';
import {
  type Destination,
  destinationKey,
  type Entry,
  type ObservedTable,
  type Service,
  serviceKey,
} from '../../ipvs/table.js';
import type { Forecast } from '../../reconcile/forecast.js';
import { printable } from '../../status/printable.js';

const styles = { '+': 'green', '-': 'red', '~': 'yellow', ' ': 'bold' } as const satisfies Record<string, Style>;

interface Line {
  readonly mark: keyof typeof styles;
  readonly text: string;
}

type DestinationOperation = Extract<Operation, { readonly destination: unknown }>;

/** Lines; none where there is nothing to do. */
export function difference(forecast: Forecast, before: ObservedTable, colour: boolean): string[] {
  const services = new Map<string, Operation[]>();
  for (const operation of forecast.operations) {
    const key = serviceKey(operation.service);
    const others = services.get(key);
    if (others) others.push(operation);
    else services.set(key, [operation]);
  }
  return [...services]
    .flatMap(([key, operations]) => [
      headLine(key, operations, forecast, before.get(key)),
      ...operations
        .filter((operation): operation is DestinationOperation => 'destination' in operation)
        .map((operation) => destinationLine(key, operation, forecast, before.get(key))),
    ])
    .map(({ mark, text }) => styled({ text: printable(`${mark} ${text}`), style: styles[mark] }, colour));
}

function headLine(
  key: string,
  operations: readonly Operation[],
  { wanted }: Forecast,
  before: Entry | undefined,
): Line {
  const name = wanted.get(key)?.name;
  const title = name === undefined || key.endsWith(` ${name}`) ? key : `${key} (${name})`;
  const own = operations.find(({ type }) => type.endsWith('-service'));
  switch (own?.type) {
    case 'add-service':
      return { mark: '+', text: `${title} ${settings(own.service)}` };
    case 'edit-service':
      return { mark: '~', text: `${title} ${before ? settings(before.service) : ''} -> ${settings(own.service)}` };
    case 'delete-service':
      return { mark: '-', text: title };
    default:
      return { mark: ' ', text: title };
  }
}

function destinationLine(
  key: string,
  operation: DestinationOperation,
  { awaited }: Forecast,
  before: Entry | undefined,
): Line {
  const place = destinationKey(operation.destination);
  if (operation.type === 'delete-destination') return { mark: '-', text: `  ${place}` };
  const condition = awaited.has(`${key} ${place}`) ? ', once its check passes' : '';
  const after = `${use(operation.destination)}${condition}`;
  if (operation.type === 'add-destination') return { mark: '+', text: `  ${place} ${after}` };
  const standing = before?.destinations.get(place);
  return { mark: '~', text: `  ${place} ${standing ? use(standing) : ''} -> ${after}` };
}

function settings({ scheduler, schedflags, persistent, netmask, oddMask, ops }: Service): string {
  return [
    scheduler,
    ...(schedflags.length > 0 ? [schedflags.join(',')] : []),
    ...(persistent > 0 ? [`persistent ${persistent}/${oddMask ?? netmask}`] : []),
    ...(ops ? ['ops'] : []),
  ].join(' ');
}

function use({ forward, weight, upperThreshold, lowerThreshold }: Destination): string {
  const thresholds = upperThreshold > 0 || lowerThreshold > 0 ? ` thresholds ${upperThreshold}/${lowerThreshold}` : '';
  return `${forward} weight ${weight}${thresholds}`;
}
