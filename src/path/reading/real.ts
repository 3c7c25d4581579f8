/** What is to be known of a real server. */

import type { MachineQuestions } from '../machine.js';
import { machineSections } from './machine.js';
import type { Section } from './section.js';

export function realSections(questions: MachineQuestions) {
  return { clock: clockSection, ...machineSections(questions), firewall: firewallSection };
}

/** Whole seconds since 1970; null where it says none. */
const clockSection: Section<number | null> = {
  script: 'date +%s\n',
  read: ([line = '']) => ({ ok: true, value: /^\d{1,12}$/.test(line) ? Number(line) : null }),
};

/** Chains that drop or reject; on a machine of containers there can be thousands. */
const most = 20;

/** Of `nft list ruleset`: chains that packets to this machine, or packets anywhere, go through. */
const ofNft = [
  'function tell() {',
  'if (!away && (policy == "drop" || count)) print "chain", family, table, chain, policy == "drop" ? "drop" : "accept", count',
  'count = 0; policy = ""; away = 0',
  '}',
  '/^table / { family = $2; table = $3 }',
  '/^\\tchain / { chain = $2 }',
  '/^\\t}/ { tell() }',
  '/ hook (forward|output|postrouting|egress) / { away = 1 }',
  '/ policy drop;/ { policy = "drop" }',
  '/[ \\t](drop|reject)( |$)/ { if (!/ policy /) count++ }',
].join('\n');

/** Of iptables-save(8). */
const ofIptables = [
  '/^\\*/ { table = substr($1, 2) }',
  '/^:INPUT DROP/ { policy[table] = "drop" }',
  '/^-A / && !/^-A (FORWARD|OUTPUT|POSTROUTING) / && / -j (DROP|REJECT)( |$)/ { count[table " " $2]++ }',
  'END {',
  'for (name in policy) if (!count[name " INPUT"]) print "chain", family, name, "INPUT", "drop", 0',
  'for (name in count) { split(name, part, " "); print "chain", family, name, part[2] == "INPUT" && policy[part[1]] ? "drop" : "accept", count[name] }',
  '}',
].join('\n');

/** What drops or rejects of what comes in, in words; null where the user may not see it. */
const firewallSection: Section<readonly string[] | null> = {
  script: [
    'if [ "$(id -u)" = 0 ]; then echo seen; suffix=',
    '{ if command -v nft >/dev/null 2>&1; then',
    `nft -t list ruleset 2>/dev/null | awk '${ofNft}'; suffix=-legacy`,
    'fi',
    'for family in ip ip6; do',
    // Without tables of the older kind, asking for them would make some.
    '[ -z "$suffix" ] || [ -s /proc/net/"$family"_tables_names ] || continue',
    'program="$family"tables"$suffix"-save',
    'command -v "$program" >/dev/null 2>&1 || continue',
    `"$program" 2>/dev/null | awk -v family="$family" '${ofIptables}'`,
    `done; } | head -n ${most}`,
    'fi\n',
  ].join('\n'),
  read: ([first, ...lines]) => {
    return { ok: true, value: first === 'seen' ? lines.flatMap((line) => wordsOf(line) ?? []) : null };
  },
};

/** `chain inet filter input drop 3` */
function wordsOf(line: string): string | null {
  const [, family, table, chain, policy, count] = /^chain (\S+) (\S+) (\S+) (drop|accept) (\d+)$/.exec(line) ?? [];
  if (chain === undefined) return null;
  const rules = count === '0' ? [] : [`${count} ${count === '1' ? 'rule drops or rejects' : 'rules drop or reject'}`];
  const whole = [...(policy === 'drop' ? ['policy drop'] : []), ...rules];
  return `table ${family} ${table}, chain ${chain}: ${whole.join(', ')}`;
}
