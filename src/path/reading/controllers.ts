/** Other programs that keep the kernel's table, by proc(5). */

import { basename } from 'node:path';
import type { Controller } from '../doctor/director-facts.js';
import type { Section } from './section.js';

/**
 * Command lines, each with its process; which of these are in another network, whose table is another one; which files
 * of keepalived's have virtual servers; and whether kube-proxy has its device.
 */
export const controllerSection: Section<readonly Controller[]> = {
  script: [
    'here=$(readlink /proc/self/ns/net)',
    "for line in $(grep -alsE 'keepalived|kube-proxy|ldirectord' /proc/[0-9]*/cmdline); do",
    '[ -r "$line" ] || continue',
    'process=$(dirname "$line")',
    'net=$(readlink "$process/ns/net" 2>/dev/null)',
    '[ -z "$net" ] || [ "$net" = "$here" ] || continue',
    // A command line can have lines of its own.
    "words=$(tr '\\n\\000' ' \\037' <\"$line\")",
    'printf \'process %s %s\\n\' "$(basename "$process")" "$words"',
    "file=$(tr '\\000' '\\n' <\"$line\" | sed -n -e '/^-f$/{n;p;}' -e '/^--use-file$/{n;p;}' -e 's/^--use-file=//p' | head -n 1)",
    '[ -n "$file" ] && grep -qsE \'^[[:space:]]*virtual_server[[:space:]]\' "$file" && echo "virtual servers"',
    'done',
    "grep -rqsE '^[[:space:]]*virtual_server[[:space:]]' /etc/keepalived && echo 'virtual servers'",
    "[ -e /sys/class/net/kube-ipvs0 ] && echo 'kube-ipvs0'\n",
  ].join('\n'),
  read: (lines) => ({ ok: true, value: controllersIn(lines) }),
};

function controllersIn(lines: readonly string[]): Controller[] {
  const found = new Map<Controller['name'], number>();
  for (const line of lines) {
    const [, pid, text = ''] = /^process (\d+) (.*)$/.exec(line) ?? [];
    const name = pid === undefined ? null : controllerOf(text.split('\u001f'), lines);
    // Of one that has children the first stands for all.
    if (name !== null && !found.has(name)) found.set(name, Number(pid));
  }
  return [...found].map(([name, pid]) => ({ name, pid }));
}

function controllerOf(
  [program = '', ...words]: readonly string[],
  lines: readonly string[],
): Controller['name'] | null {
  // One that has given itself another name has it in one word.
  const [own = '', ...more] = program.split(' ');
  const name = basename(own);
  const rest = [...more, ...words];
  if (name === 'keepalived') {
    const isAlone = rest.includes('-P') || rest.includes('--vrrp');
    return !isAlone && lines.includes('virtual servers') ? 'keepalived' : null;
  }
  if (name === 'kube-proxy') {
    return lines.includes('kube-ipvs0') || rest.some((word) => /^(--proxy-mode=)?ipvs$/.test(word))
      ? 'kube-proxy'
      : null;
  }
  const script = basename(rest.find((word) => !word.startsWith('-')) ?? '');
  return /^perl[\d.]*$/.test(name) && /^ldirectord(\.pl)?$/.test(script) ? 'ldirectord of Perl’s' : null;
}
