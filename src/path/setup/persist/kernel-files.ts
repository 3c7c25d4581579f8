/** Settings and modules for the next boot: sysctl.d(5) and modules-load.d(5), which everybody's boot reads. */

import type { Change } from '../../needs/change.js';
import type { WantedFile } from './files.js';

/** What tells that a file is ours. */
export const header = '# made by ldirectord setup';

export const sysctlFile = '/etc/sysctl.d/60-ldirectord.conf';
export const moduleFile = '/etc/modules-load.d/ldirectord.conf';

export function isOurs(text: string): boolean {
  return text.split('\n', 2).includes(header);
}

export function kernelFiles(changes: readonly Change[]): WantedFile[] {
  const values = new Map(changes.flatMap((one) => (one.kind === 'sysctl' ? [[one.key, one.value]] : [])));
  const settings = [...values].map(([key, value]) => `${key} = ${value}`);
  const modules = new Set(changes.flatMap((one) => (one.kind === 'load-module' ? [one.name] : [])));
  return [...fileOf(moduleFile, [...modules]), ...fileOf(sysctlFile, settings)];
}

function fileOf(path: string, lines: readonly string[]): WantedFile[] {
  return lines.length === 0 ? [] : [{ path, text: textOf(lines), mode: '644' }];
}

export function textOf(lines: readonly string[]): string {
  return [header, ...lines].map((line) => `${line}\n`).join('');
}
