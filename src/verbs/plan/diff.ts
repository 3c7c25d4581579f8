/** A plan as a difference that people read: what comes, goes and changes, by service. */

import { type Style, styled } from '../../control/columns.js';
import type { Operation } from '../../ipvs/backend.js';
import { type Destination, destinationKey, type ObservedTable, type Service, serviceKey } from '../../ipvs/table.js';
import type { Forecast } from '../../reconcile/forecast.js';
import { printable } from '../../status/printable.js';

const styles = { '+': 'green', '-': 'red', '~': 'yellow', ' ': 'bold' } as const satisfies Record<string, Style>;

/** Empty where there is nothing to do. */
export function difference(
  { operations, awaited, wanted }: Forecast,
  before: ObservedTable,
  colour: boolean,
): string[] {
  const services = new Map<string, Operation[]>();
  for (const operation of operations) {
    const key = serviceKey(operation.service);
    services.set(key, [...(services.get(key) ?? []), operation]);
  }
  const line = (mark: keyof typeof styles, text: string): string =>
    styled({ text: printable(`${mark} ${text}`), style: styles[mark] }, colour);
  return [...services].flatMap(([key, its]) => {
    const own = its.find(({ type }) => type.endsWith('-service'));
    const inside = its.flatMap((operation) => ('destination' in operation ? [destinationLine(operation)] : []));
    return [headLine(own), ...inside];

    function headLine(operation: Operation | undefined): string {
      const name = wanted.get(key)?.name;
      const title = name === undefined || key.endsWith(` ${name}`) ? key : `${key} (${name})`;
      switch (operation?.type) {
        case 'add-service':
          return line('+', `${title} ${settings(operation.service)}`);
        case 'delete-service':
          return line('-', title);
        case 'edit-service': {
          const standing = before.get(key)?.service;
          return line('~', `${title} ${standing ? settings(standing) : ''} -> ${settings(operation.service)}`);
        }
        default:
          return line(' ', title);
      }
    }

    function destinationLine(operation: Extract<Operation, { destination: unknown }>): string {
      const place = destinationKey(operation.destination);
      if (operation.type === 'delete-destination') return line('-', `  ${place}`);
      const { destination } = operation;
      const standing = before.get(key)?.destinations.get(place);
      const condition = awaited.has(`${key} ${place}`) ? ', once its check passes' : '';
      if (operation.type === 'add-destination') return line('+', `  ${place} ${use(destination)}${condition}`);
      return line('~', `  ${place} ${standing ? use(standing) : ''} -> ${use(destination)}${condition}`);
    }
  });
}

function settings({ scheduler, schedflags, persistent, netmask, ops }: Service): string {
  return [
    scheduler,
    ...(schedflags.length > 0 ? [schedflags.join(',')] : []),
    ...(persistent > 0 ? [`persistent ${persistent}/${netmask}`] : []),
    ...(ops ? ['ops'] : []),
  ].join(' ');
}

function use({ forward, weight, upperThreshold, lowerThreshold }: Destination): string {
  const thresholds = upperThreshold > 0 || lowerThreshold > 0 ? ` thresholds ${upperThreshold}/${lowerThreshold}` : '';
  return `${forward} weight ${weight}${thresholds}`;
}
