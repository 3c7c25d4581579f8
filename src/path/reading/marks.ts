/** Firewall marks that packet filters set, by nft(8) and iptables-save(8). */

import type { PacketMarks } from '../doctor/director-facts.js';
import type { Section } from './section.js';

/**
 * Only who may read the rules says that it has read them. Programs that ask for rules bring in the kernel's part for
 * them, which was not there then; elements of sets, of which there can be very many, tell nothing here.
 */
export const markSection: Section<PacketMarks | null> = {
  script: [
    'has() { [ ! -d "/lib/modules/$(uname -r)" ] || [ -e "/sys/module/$1" ] || grep -qs "/$1.ko" "/lib/modules/$(uname -r)/modules.builtin"; }',
    'if ! has nf_tables && ! has ip_tables && ! has ip6_tables && [ "$(id -u)" = 0 ]; then echo read; fi',
    'if has nf_tables && rules=$(nft -j -t list ruleset 2>/dev/null); then',
    'echo read; printf \'%s\\n\' "$rules" | grep \'"mark"\'',
    'fi',
    'if has nf_tables || has ip_tables || has ip6_tables; then',
    // Without the name of a table, none is brought in by being asked for.
    'for save in iptables-save ip6tables-save; do',
    'if rules=$($save 2>/dev/null); then echo read; printf \'%s\\n\' "$rules" | grep -i mark; fi',
    'done',
    'fi\n',
  ].join('\n'),
  read: (lines) => ({ ok: true, value: lines.includes('read') ? marksIn(lines) : null }),
};

function marksIn(lines: readonly string[]): PacketMarks {
  const found = { set: new Set<number>(), setsOthers: false };
  for (const line of lines) {
    if (line.startsWith('{')) takeFromJson(line, found);
    else takeFromSaved(line, found);
  }
  return found;
}

type Found = { readonly set: Set<number>; setsOthers: boolean };

/** Statements stand at many depths, in maps and in sets. */
function takeFromJson(line: string, found: Found): void {
  const open: unknown[] = [];
  try {
    open.push(JSON.parse(line));
  } catch {
    found.setsOthers = true;
  }
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      if (name === 'mangle') takeFromStatement(part, found);
      open.push(part ?? 0);
    }
  }
}

/** `{"key":{"meta":{"key":"mark"}},"value":7}` */
function takeFromStatement(statement: unknown, found: Found): void {
  const { key, value } = (statement ?? {}) as {
    readonly key?: { readonly meta?: { readonly key?: unknown } };
    readonly value?: unknown;
  };
  if (key?.meta?.key !== 'mark') return;
  if (typeof value === 'number') found.set.add(value);
  else found.setsOthers = true;
}

/** `-A PREROUTING -d 192.0.2.1/32 -j MARK --set-xmark 0x1/0xffffffff` */
function takeFromSaved(line: string, found: Found): void {
  const value = /-j MARK --set-x?mark (0x[\da-f]+|\d+)/i.exec(line)?.[1];
  if (value !== undefined) found.set.add(Number(value));
  else if (/--restore-mark|--or-mark|--and-mark|--xor-mark|-j SET .*--map-mark/.test(line)) found.setsOthers = true;
}
