/** Settings of the kernel, by their names in sysctl(8). */

import { quote } from '../quote.js';
import type { Section } from './section.js';

const root = '/proc/sys/';

/** Names; `*` stands for every part there is: `net.ipv4.conf.*.rp_filter`. */
export function sysctlSection(names: readonly string[]): Section<ReadonlyMap<string, string>> {
  const files = [...new Set(names)].map((name) => `${root}${name.split('*').map(swapped).map(quoted).join('*')}`);
  return {
    // sh(1) may read a byte at a time, which such a file does not go along with. Beside a second file each is named.
    script: files.length === 0 ? '' : `grep -s '' ${files.join(' ')} /dev/null\n`,
    read: (lines) => ({ ok: true, value: valuesIn(lines) }),
  };
}

function quoted(text: string): string {
  return text === '' ? '' : quote(text);
}

function valuesIn(lines: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines) {
    // No device has a colon in its name.
    const colon = line.indexOf(':');
    if (colon < 0 || !line.startsWith(root)) continue;
    values.set(swapped(line.slice(root.length, colon)), line.slice(colon + 1).replaceAll('\t', ' '));
  }
  return values;
}

/** Between the name and the path: a device may have a dot in its name, which sysctl(8) then writes as a slash. */
function swapped(text: string): string {
  return text.replaceAll(/[./]/g, (one) => (one === '.' ? '/' : '.'));
}
