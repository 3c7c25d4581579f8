/** Modules that the kernel could load, or has. */

import { quote } from '../quote.js';
import { moduleName } from './modules.js';
import type { Section } from './section.js';

/** Those of the names that are below /lib/modules or part of the kernel, as modprobe(8) finds them without loading any. */
export function loadableSection(names: readonly string[]): Section<ReadonlySet<string>> {
  const words = [...new Set(names)].map(quote).join(' ');
  return {
    tool: { program: 'modprobe', package: 'kmod' },
    script:
      words === '' ? '' : `for name in ${words}; do\nmodprobe -nq -- "$name" >/dev/null 2>&1 && echo "$name"\ndone\n`,
    read: (lines) => ({ ok: true, value: new Set(lines.map(moduleName)) }),
  };
}
