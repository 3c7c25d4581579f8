/** What happened since the last summary, for people who read it in the morning. */

import type { Event } from '../events.js';
import { withAddress } from '../model/names.js';
import { originWords } from '../model/origin.js';
import { holdText } from '../model/override.js';
import { type Subject, subjectKey } from '../model/subject.js';

/** Events that are counted, and what they are called. */
const counted = {
  'server-down': 'servers that went down',
  'server-up': 'servers that came back',
  'server-flapping': 'times that a server began to flap',
  'fallback-down': 'fallbacks that went down',
  'virtual-down': 'virtual services that lost their last server',
  'virtual-unserved': 'virtual services whose clients were refused',
  'virtual-below-minimum': 'virtual services with fewer healthy servers than minhealthy',
  'server-held': 'servers held out by flapdamping, resume or track',
  'maintenance-began': 'servers taken out for maintenance',
  'director-isolated': 'times that all checks failed at once',
  'director-alone': 'times that this director alone saw its servers down',
  'split-brain': 'addresses that were active here and elsewhere at once',
  'config-loaded': 'configurations taken over',
  'config-rejected': 'configurations turned down',
  'table-drifted': 'times that somebody else changed the table',
  'table-failed': 'entries that the table refused',
  'mail-failed': 'mails that failed',
} as const satisfies Partial<Record<Event['type'], string>>;

const longestList = 50;

export class Summary {
  #since: Date;
  #counts = new Map<string, number>();
  #downs = new Map<string, number>();
  /** Who is held out now, by key. */
  readonly #held = new Map<string, string>();

  constructor(since: Date) {
    this.#since = since;
  }

  note(event: Event): void {
    const name = (counted as Partial<Record<Event['type'], string>>)[event.type];
    if (name !== undefined) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (event.type === 'maintenance-began') {
      this.#held.set(subjectKey(event), `${nameOf(event)}: ${holdText(event, originWords(event))}`);
    }
    if (event.type === 'maintenance-ended') this.#held.delete(subjectKey(event));
    if (event.type !== 'server-down') return;
    const who = nameOf(event);
    if (this.#downs.has(who) || this.#downs.size < 10_000) this.#downs.set(who, (this.#downs.get(who) ?? 0) + 1);
  }

  /** The text up to now; counting begins anew. */
  take(now: Date, down: readonly Subject[], host: string): { readonly subject: string; readonly text: string } {
    const counts = Object.values(counted).map((name) => `${String(this.#counts.get(name) ?? 0).padStart(6)}  ${name}`);
    const worst = [...this.#downs].toSorted(([, a], [, b]) => b - a).map(([who, times]) => `${who}, ${times} times`);
    const text = [
      `ldirectord host: ${host}`,
      `From ${this.#since.toISOString()} to ${now.toISOString()}`,
      '',
      ...counts,
      ...list('Down now', down.map(nameOf)),
      ...list('Held out now', [...this.#held.values()]),
      ...list('Went down most', worst),
      '',
    ].join('\n');
    this.#since = now;
    this.#counts = new Map();
    this.#downs = new Map();
    const reals = down.filter(({ role }) => role === undefined);
    return { subject: `ldirectord summary: ${reals.length} real servers down`, text };
  }
}

function nameOf({ server, role, protocol, virtual, inFile }: Subject): string {
  const who = withAddress(inFile?.server ?? server, server);
  return `${role === undefined ? '' : 'fallback server '}${who} (${protocol}:${inFile?.virtual ?? virtual})`;
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return ['', `${title}: none`];
  const more = lines.length > longestList ? [`  and ${lines.length - longestList} more`] : [];
  return ['', `${title}:`, ...lines.slice(0, longestList).map((line) => `  ${line}`), ...more];
}
