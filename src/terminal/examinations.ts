/** What the doctor found, for people who have to mend it. */

import { type FindingRow, findings } from '../path/doctor/codes.js';
import type { Examination } from '../path/doctor/examination.js';
import type { Finding } from '../path/doctor/finding.js';
import { applyStyle, type Style, type Surface, wrap } from './fitting.js';
import { printable } from './printable.js';

/** Services that are named; of more there is their number. */
const mostNamed = 8;
/** Columns before a text. */
const indent = 10;

const styles: Readonly<Record<FindingRow['severity'], Style>> = {
  error: ['bold', 'red'],
  warning: ['bold', 'yellow'],
};

/** By machines, the worst of each first, and all in one line at the end. */
export function examinationsText(examinations: readonly Examination[], surface: Surface): string {
  const parts = examinations.filter((one) => one.findings.length + one.unexamined.length > 0);
  const lines = parts.flatMap((one) => [...machineLines(one, surface), '']);
  return `${[...lines, summary(examinations, surface)].join('\n')}\n`;
}

export function machineOf(on: Finding['on']): string {
  return on === 'director' ? on : on.server;
}

export function severityOf({ code }: Finding): FindingRow['severity'] {
  return findings[code].severity;
}

/** Errors first, and each in the order in which it was found. */
export function worstFirst(some: readonly Finding[]): Finding[] {
  return some.toSorted((one, other) => Number(severityOf(one) !== 'error') - Number(severityOf(other) !== 'error'));
}

function machineLines({ on, findings: found, unexamined }: Examination, surface: Surface): string[] {
  return [
    applyStyle({ text: printable(machineOf(on)), style: 'bold' }, surface.colour),
    ...worstFirst(found).flatMap((finding) => findingLines(finding, surface)),
    ...unexamined.flatMap(({ object, reason }) => unseenLines(`${object}: ${reason}`, surface)),
  ];
}

function findingLines(finding: Finding, surface: Surface): string[] {
  const severity = severityOf(finding);
  const { code, object, seen, mend } = finding;
  const head = `  ${severity.padEnd(indent - 2)}${printable(object)}  ${code}`;
  return [
    applyStyle({ text: head, style: styles[severity] }, surface.colour),
    ...row('breaks', findings[code].breaks.replaceAll('`', ''), surface),
    ...row('seen', seen, surface),
    ...(finding.for.length === 0 ? [] : row('for', servicesText(finding.for), surface)),
    // Commands are there to be copied: none is broken or cut.
    ...mend.flatMap((one, index) => row(index === 0 ? 'mend' : '', one, { ...surface, width: null })),
  ];
}

function unseenLines(text: string, { width, colour }: Surface): string[] {
  const lines = wrap(`  not seen: ${printable(text)}`, width, ' '.repeat(4));
  return lines.map((line) => applyStyle({ text: line, style: 'yellow' }, colour));
}

function servicesText(services: readonly string[]): string {
  const named = services.slice(0, mostNamed).join(', ');
  return services.length > mostNamed ? `${named} and ${services.length - mostNamed} more` : named;
}

function row(name: string, text: string, { width, colour }: Surface): string[] {
  const lead = `    ${name}`.padEnd(indent + 4);
  const [first = '', ...others] = wrap(`${lead}${printable(text)}`, width, ' '.repeat(indent + 4));
  return [
    applyStyle({ text: first.slice(0, lead.length), style: 'dim' }, colour) + first.slice(lead.length),
    ...others,
  ];
}

/** Nobody is told that all is well where something was not seen. */
function summary(examinations: readonly Examination[], { colour }: Surface): string {
  const all = examinations.flatMap(({ findings: found }) => found.map(severityOf));
  const errors = all.filter((severity) => severity === 'error').length;
  const unseen = examinations.reduce((sum, { unexamined }) => sum + unexamined.length, 0);
  const words = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(all.length > errors ? [counted(all.length - errors, 'warning')] : []),
    ...(unseen > 0 ? [`${unseen} not seen`] : []),
  ];
  const where = counted(examinations.length, 'machine');
  const style = errors > 0 ? styles.error : words.length > 0 ? styles.warning : 'green';
  return applyStyle({ text: `${where} examined: ${words.join(', ') || 'nothing is wrong'}`, style }, colour);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
