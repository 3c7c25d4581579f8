/** Settings and modules for the next boot: sysctl.d(5) and modules-load.d(5), which everybody's boot reads. */

import type { Change } from '../../needs/change.js';
import { tunnels } from '../../needs/real.js';
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
  const modules = new Set(changes.flatMap((one) => moduleBehind(one) ?? []));
  return [...fileOf(moduleFile, [...modules]), ...fileOf(sysctlFile, settings)];
}

/** Of links that come with a module. */
const linkModules = new Map<string, string>(Object.values(tunnels).map(({ name, module }) => [name, module]));

/** What has to be loaded at the next boot for a change, whoever had it loaded at this one; null is nothing. */
function moduleBehind(change: Change): string | null {
  switch (change.kind) {
    case 'load-module':
      return change.name;
    case 'raise-link':
      return linkModules.get(change.name) ?? null;
    case 'add-address':
      return linkModules.get(change.device) ?? null;
    case 'sysctl': {
      // Before IPVS is there, it has no settings.
      if (change.key.startsWith('net.ipv4.vs.')) return 'ip_vs';
      return [...linkModules].find(([link]) => change.key.includes(`.${link}.`))?.[1] ?? null;
    }
    default:
      return null;
  }
}

function fileOf(path: string, lines: readonly string[]): WantedFile[] {
  return lines.length === 0 ? [] : [{ path, text: textOf(lines), mode: '644' }];
}

export function textOf(lines: readonly string[]): string {
  return [header, ...lines].map((line) => `${line}\n`).join('');
}
