/** Modules that the kernel could load, or has. */

import { quote } from '../quote.js';
import { moduleName } from './modules.js';
import type { Section } from './section.js';

/**
 * Those of the names that are below /lib/modules or part of the kernel, as modprobe(8) finds them without loading any;
 * null where that is not there.
 */
export function loadableSection(names: readonly string[]): Section<ReadonlySet<string> | null> {
  const words = [...new Set(names)].map(quote).join(' ');
  const loop = `for name in ${words}; do\nmodprobe -nq -- "$name" >/dev/null 2>&1 && echo "$name"\ndone`;
  return {
    script: words === '' ? 'echo read\n' : `if command -v modprobe >/dev/null 2>&1; then\necho read\n${loop}\nfi\n`,
    read: ([first, ...lines]) => ({ ok: true, value: first === 'read' ? new Set(lines.map(moduleName)) : null }),
  };
}
