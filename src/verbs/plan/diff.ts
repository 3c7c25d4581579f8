/** A plan as a difference that people read: what comes, goes and changes, by service. */

import { type Destination, destinationKey, type Service } from '../../ipvs/table.js';
import type { PlannedChange, PlannedService } from '../../status/outlook.js';
import { applyStyle, type Style, type Surface, wrap } from '../../terminal/fitting.js';
import { printable } from '../../terminal/printable.js';

const styles = { '+': 'green', '-': 'red', '~': 'yellow', ' ': 'bold' } as const satisfies Record<string, Style>;

interface Line {
  readonly mark: keyof typeof styles;
  readonly text: string;
}

/** Lines; none where there is nothing to do. */
export function difference(services: readonly PlannedService[], { width, colour }: Surface): string[] {
  return services
    .flatMap((service) => [headLine(service), ...service.changes.flatMap(destinationLine)])
    .flatMap(({ mark, text }) => {
      const lines = wrap(printable(`${mark} ${text}`), width, '      ');
      return lines.map((line) => applyStyle({ text: line, style: styles[mark] }, colour));
    });
}

function headLine({ key, name, called, standing, changes }: PlannedService): Line {
  const other = called ?? name;
  const title = other === null || key.endsWith(` ${other}`) ? key : `${key} (${other})`;
  const own = changes.map(({ operation }) => operation).find(({ type }) => type.endsWith('-service'));
  switch (own?.type) {
    case 'add-service':
      return { mark: '+', text: `${title} ${settings(own.service)}` };
    case 'edit-service':
      return { mark: '~', text: `${title} ${standing ? settings(standing) : ''} -> ${settings(own.service)}` };
    case 'delete-service':
      return { mark: '-', text: title };
    default:
      return { mark: ' ', text: title };
  }
}

function destinationLine(change: PlannedChange): Line[] {
  const { operation, standing, called } = change;
  if (!('destination' in operation)) return [];
  const key = destinationKey(operation.destination);
  const place = called === undefined ? key : `${key} (${called})`;
  const condition = conditionOf(change);
  if (operation.type === 'delete-destination') return [{ mark: '-', text: `  ${place}${condition}` }];
  const after = `${use(operation.destination)}${condition}`;
  if (operation.type === 'add-destination') return [{ mark: '+', text: `  ${place} ${after}` }];
  return [{ mark: '~', text: `  ${place} ${standing ? use(standing) : ''} -> ${after}` }];
}

/** Of a server that is in use once its own check has passed, or of what goes or comes along with that. */
function conditionOf({ operation, when, isFallback }: PlannedChange): string {
  if (when === null) return '';
  const check = isFallback || operation.type === 'delete-destination' ? 'a check' : 'its check';
  return when === 'passed' ? `, once ${check} passes` : `, until ${check} passes`;
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
