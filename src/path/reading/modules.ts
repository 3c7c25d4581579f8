/** Modules of the kernel: those that are loaded, and those that are part of it. */

import type { Section } from './section.js';

/** In a container /lib/modules is not there; of what is part of the kernel, sysfs shows what has parameters. */
export const moduleSection: Section<ReadonlySet<string>> = {
  script: [
    'cat /proc/modules 2>/dev/null',
    'cat "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null',
    "printf 'part %s\\n' /sys/module/*\n",
  ].join('\n'),
  read: (lines) => ({ ok: true, value: new Set(lines.flatMap((line) => nameIn(line) ?? [])) }),
};

/** The kernel takes both for one: `ip-vs` and `ip_vs`. */
export function moduleName(text: string): string {
  return text.replaceAll('-', '_');
}

function nameIn(line: string): string | null {
  const found =
    /^part \/sys\/module\/([\w-]+)$/.exec(line) ?? /^\S*\/([\w-]+)\.ko\S*$/.exec(line) ?? /^([\w-]+) \d+ /.exec(line);
  return found?.[1] === undefined ? null : moduleName(found[1]);
}
