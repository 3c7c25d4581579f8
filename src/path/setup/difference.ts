/** Steps as a difference that people read. */

import { rangeText } from '../../model/names.js';
import type { Step } from './step.js';

export interface DifferenceLine {
  readonly mark: '+' | '-' | '~' | ' ';
  readonly text: string;
}

export function differenceOf(step: Step): readonly DifferenceLine[] {
  switch (step.kind) {
    case 'sysctl':
      return [{ mark: '~', text: `${step.key} ${step.before ?? 'as it comes'} -> ${step.value}` }];
    case 'load-module':
      return [{ mark: '+', text: `module ${step.name}` }];
    case 'raise-link':
      return [{ mark: '~', text: `link ${step.name} down -> up` }];
    case 'add-address':
      return [{ mark: '+', text: `${step.address}/${step.prefix} on ${step.device}` }];
    case 'add-route':
      return [{ mark: '+', text: `route by ${step.gateway} in table ${step.table}` }];
    case 'add-rule': {
      const { protocol, from, ports, table } = step;
      return [{ mark: '+', text: `rule for ${protocol} from ${from} port ${rangeText(ports)} to table ${table}` }];
    }
    case 'make-directory':
      return [{ mark: '+', text: `${step.path}/` }];
    case 'write-file':
      return [
        { mark: step.before === null ? '+' : '~', text: step.path },
        ...textDifference(step.before ?? '', step.text),
      ];
  }
}

/** What was taken back is the same with its marks turned around. */
export function differenceBack(step: Step): readonly DifferenceLine[] {
  switch (step.kind) {
    case 'sysctl':
      return step.before === null ? [] : differenceOf({ ...step, before: step.value, value: step.before });
    case 'raise-link':
      return [{ mark: '~', text: `link ${step.name} up -> down` }];
    case 'write-file': {
      const mark = step.before === null ? '-' : '~';
      return [{ mark, text: step.path }, ...textDifference(step.text, step.before ?? '')];
    }
    default:
      return differenceOf(step).map(({ text }) => ({ mark: '-', text }));
  }
}

/** Our files have each line once, in one order. */
function textDifference(before: string, after: string): DifferenceLine[] {
  const [old, fresh] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''));
  const gone = (old ?? []).filter((line) => !fresh?.includes(line));
  const come = (fresh ?? []).filter((line) => !old?.includes(line));
  return [
    ...gone.map((text): DifferenceLine => ({ mark: '-', text: `  ${text}` })),
    ...come.map((text): DifferenceLine => ({ mark: '+', text: `  ${text}` })),
  ];
}
