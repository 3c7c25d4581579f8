/** Reading a machine, with what is the set-up's alone: files that could be ours, and who rules the network. */

import type { MachineQuestions } from '../machine.js';
import { machineSections } from '../reading/machine.js';
import { composeScript, readSections, type Section } from '../reading/section.js';
import type { RunOptions, Shell } from '../shell.js';
import type { Facts, Ruler } from './facts.js';
import { waitScript } from './script.js';

export type Surveyed =
  | { readonly ok: true; readonly facts: Facts }
  /** One line, with what to do about it. */
  | { readonly ok: false; readonly fault: string };

interface Found {
  readonly files: ReadonlyMap<string, string>;
  readonly directories: ReadonlySet<string>;
}

/** Never rejects. */
export async function survey(
  shell: Shell,
  questions: MachineQuestions,
  options: Omit<RunOptions, 'asRoot'>,
): Promise<Surveyed> {
  const sections = { turn: turnSection, ...machineSections(questions), found: fileSection, ruler: rulerSection };
  const ran = await shell.run(composeScript(sections), { ...options, asRoot: false });
  if (!ran.ok) return { ok: false, fault: `${ran.fault.message}; ${ran.fault.remedy}` };
  const read = readSections(sections, ran.stdout);
  if (!read.ok) return { ok: false, fault: `${read.fault.message}; ${read.fault.remedy}` };
  const { turn: _, found, ruler, ...machine } = read.value;
  return { ok: true, facts: { machine, ...found, ruler } };
}

/** First, so that what follows is read of a machine that nobody changes. */
const turnSection: Section<null> = {
  script: waitScript,
  read: (lines) => {
    if (!lines.includes('busy')) return { ok: true, value: null };
    return { ok: false, fault: { message: 'another setup is at work there', remedy: 'wait for its end' } };
  },
};

/** What stands in the place of a file of ours, and can be anything: a link to /dev/null, or something huge. */
const fileSection: Section<Found> = {
  script: [
    'for place in /etc/sysctl.d /etc/modules-load.d /etc/systemd/network /etc/systemd/network/*.d \\',
    '/etc/network/if-up.d /etc/NetworkManager/dispatcher.d; do',
    '[ ! -d "$place" ] || printf \'directory %s\\n\' "$place"',
    'for file in "$place"/60-ldirectord* "$place/ldirectord" "$place/ldirectord.conf"; do',
    'if [ -f "$file" ] && [ ! -L "$file" ] && [ "$(wc -c <"$file")" -le 1000000 ]; then',
    'printf \'file %s %s\\n\' "$(base64 <"$file" | tr -d \'\\n\')" "$file"',
    'elif [ -e "$file" ] || [ -L "$file" ]; then printf \'file - %s\\n\' "$file"',
    'fi',
    'done',
    'done\n',
  ].join('\n'),
  read: (lines) => {
    const files = new Map<string, string>();
    const directories = new Set<string>();
    for (const line of lines) {
      const [, content, file, directory] = /^(?:file (\S+) (.+)|directory (.+))$/.exec(line) ?? [];
      if (directory !== undefined) directories.add(directory);
      if (file === undefined || content === undefined) continue;
      files.set(file, content === '-' ? '' : Buffer.from(content, 'base64').toString('utf8'));
    }
    return { ok: true, value: { files, directories } };
  },
};

const rulerSection: Section<Ruler> = {
  script: [
    'if systemctl -q is-active systemd-networkd 2>/dev/null; then',
    'echo networkd',
    'networkctl --no-pager status -a 2>/dev/null',
    'elif [ "$(nmcli -t -f RUNNING general 2>/dev/null)" = running ]; then echo NetworkManager',
    'elif command -v ifup >/dev/null && [ -f /etc/network/interfaces ]; then echo ifupdown',
    'fi\n',
  ].join('\n'),
  read: ([name, ...lines]) => ({ ok: true, value: rulerOf(name, lines) }),
};

export function rulerOf(name: string | undefined, lines: readonly string[]): Ruler {
  switch (name) {
    case 'networkd':
      return { name, networkFiles: networkFilesIn(lines) };
    case 'ifupdown':
    case 'NetworkManager':
      return { name };
    default:
      return { name: 'nobody' };
  }
}

/** `● 2: eth0`, and below it ` Network File: /run/systemd/network/10-netplan-eth0.network`, or `n/a`. */
function networkFilesIn(lines: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  let link = '';
  for (const line of lines) {
    link = /^\S+ +\d+: (\S+)/.exec(line)?.[1] ?? link;
    const file = /^ *Network File: .*?([^/\s]+\.network)$/.exec(line)?.[1];
    if (file !== undefined) files.set(link, file);
  }
  return files;
}
