/** The listing of services and servers, from what can be seen of a director. */

import { withAddress } from '../model/names.js';
import { holdText, type WeightOverride } from '../model/override.js';
import { protocolId } from '../model/subject.js';
import type { ListedFallback, ListedServer, ListedVirtual } from '../status/brief.js';
import { countsOf, countsParts } from '../status/counts.js';
import type { Counts, ServerStatus, Status } from '../status/model.js';
import { roleText } from '../status/role-words.js';
import { type Cell, type Column, type Line, layOutInParts } from './columns.js';
import { countText, endingOf, originOf, span, textIfKnown } from './figures.js';
import { applyStyle, fit, type Style, type Surface, wrap } from './fitting.js';
import { printable } from './printable.js';

const columns: readonly Column[] = [
  // As wide as an address of IPv6 with its port, it is whole.
  { title: 'SERVER', least: 49, cut: 'middle' },
  { title: 'ADDRESS', dispensable: 7 },
  { title: 'HEALTH' },
  { title: 'WANTED', align: 'right', dispensable: 2 },
  { title: 'WEIGHT', align: 'right', dispensable: 4 },
  { title: 'ACTIVE', align: 'right', dispensable: 3 },
  { title: 'INACTIVE', align: 'right', dispensable: 6 },
  { title: 'SINCE', align: 'right', dispensable: 5 },
  { title: 'REASON', dispensable: 1, least: 18 },
];

export function listing(status: Status, surface: Surface): string {
  const made = new Listing(status, countsOf(status.virtuals), surface);
  return `${made.head}${status.virtuals.map((virtual) => made.add(virtual)).join('')}${made.end()}`;
}

/** Lines that are laid out together: as many as most directors have in all. */
const together = 4_000;

/** The same as it comes, a service after another: of a hundred thousand servers it is megabytes. */
export class Listing {
  readonly #surface: Surface;
  readonly #at: number;
  readonly head: string;
  #virtuals: ListedVirtual[] = [];
  #lines: Line[] = [];
  #layOut: ((lines: readonly Line[]) => string[]) | null = null;

  /** `found` is what is to come. */
  constructor(head: Omit<Status, 'virtuals'>, found: Counts, surface: Surface) {
    this.#surface = surface;
    this.#at = head.at;
    this.head = textOf(headLines(head, found, surface));
  }

  /** What can be printed of it by now. */
  add(virtual: ListedVirtual): string {
    this.#virtuals.push(virtual);
    this.#lines.push(...virtualLines(virtual, this.#at, this.#surface));
    return this.#lines.length < together ? '' : this.end();
  }

  /** What is left. */
  end(): string {
    if (this.#lines.length === 0) return '';
    this.#layOut ??= withoutAddresses(columns, this.#virtuals, this.#surface);
    const text = textOf(this.#layOut(this.#lines));
    this.#virtuals = [];
    this.#lines = [];
    return text;
  }
}

function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Where the file has addresses alone, they have no column of their own. */
function withoutAddresses(
  all: readonly Column[],
  virtuals: readonly ListedVirtual[],
  surface: Surface,
): (lines: readonly Line[]) => string[] {
  if (virtuals.some(({ servers, fallbacks }) => [...servers, ...fallbacks].some(hasName))) {
    return layOutInParts(all, surface);
  }
  return layOutInParts(
    all.map((column) => (column.title === 'ADDRESS' ? { ...column, isLeftOut: true } : column)),
    surface,
  );
}

/** What is amiss with the file, the logs or the store goes over as many lines as it takes. */
function headLines(status: Omit<Status, 'virtuals'>, found: Counts, { width, colour }: Surface): string[] {
  const { services, servers, others } = countsParts(found);
  const loaded = `, file taken over ${span(status.at - status.loaded)} ago`;
  const head = fit(
    [
      { text: `${printable(status.file)}: `, dispensable: 1, least: 14 },
      { text: `${services}, ${servers}${others}` },
      { text: roleText(status) },
      { text: `; ${status.phase}`, dispensable: 2 },
      { text: `, ${printable(status.backend)}`, dispensable: 3 },
      { text: syncText(status), dispensable: 3 },
      { text: status.fitness === null ? '' : `, fitness ${status.fitness}`, dispensable: 3 },
      { text: loaded, dispensable: 4 },
    ],
    width,
  );
  const faults = [
    ...(status.role.fault === null ? [] : [`Nobody says the role: ${status.role.fault}`]),
    ...(status.rejected === null ? [] : [`The file on disk does not rule: ${status.rejected}`]),
    ...(status.handover ? [`Clients go to other directors${originOf(status.handover, status.at)}`] : []),
    ...(status.packetTable?.fault ? [`No packet rules: ${status.packetTable.fault}`] : []),
    ...status.sync.flatMap(({ state, why }) => (why === null ? [] : `No synchronization, ${state}: ${why}`)),
    ...(status.store?.fault ? [`Store is away: ${status.store.fault}`] : []),
    ...(status.store?.writeFault ? [`Store takes no writes: ${status.store.writeFault}`] : []),
    ...status.unwritten.map(({ place, reason }) => `Not written: ${place}: ${reason}`),
  ];
  const amiss = faults.flatMap((text) => wrap(printable(text), width, '  '));
  return [head, ...amiss.map((text) => applyStyle({ text, style: 'yellow' }, colour))];
}

/** Which synchronization daemons run. */
function syncText({ sync }: Pick<Status, 'sync'>): string {
  const running = sync.filter(({ runs }) => runs).map(({ state }) => state);
  return running.length === 0 ? '' : `, sync ${running.join(' and ')}`;
}

/** Whether it is served here, and stands as it is wanted. */
function roleIn({ stands, active, leftOut }: ListedVirtual): string {
  const passive = active ? '' : leftOut ? ', passive: left out of the table' : ', passive';
  if (stands !== leftOut) return passive;
  return `${passive}${stands ? ', still in the table' : ', not in the table'}`;
}

function virtualLines(virtual: ListedVirtual, at: number, { width }: Surface): Line[] {
  const { name, called, scheduler, title, servers, fallbacks, inUse, minimum, vip, announcement } = virtual;
  const short = minimum === null ? '' : `, below minhealthy: ${minimum.healthy} healthy of ${minimum.needed}`;
  const away = vip === null || vip.stands || virtual.leftOut ? '' : `, not on ${printable(vip.device)}`;
  const state = `${roleIn(virtual)}${away}${inUse ? '' : ', no server in use'}${short}${announcedText(announcement)}`;
  const isAsWanted = virtual.stands !== virtual.leftOut;
  const isAmiss = announcement !== null && (announcement.announced !== 'well' || announcement.fault !== null);
  const text = fit(
    [
      { text: `${protocolId(virtual)} ` },
      { text: printable(called), least: 14 },
      { text: printable(withAddress(called, name).slice(called.length)), dispensable: 3 },
      { text: ` ${scheduler}`, dispensable: 2 },
      { text: title === null ? '' : ` ${printable(title)}`, dispensable: 1 },
      { text: packetsText(virtual), dispensable: 4 },
      { text: state },
    ],
    width,
  );
  return [
    { text, style: inUse && isAsWanted && away === '' && minimum === null && !isAmiss ? 'bold' : ['bold', 'red'] },
    ...servers.map((server) => serverLine(server, at)),
    ...fallbacks.map((fallback) => fallbackLine(fallback, at)),
  ];
}

/** Whether its address is announced, where it is to be. */
function announcedText(announcement: ListedVirtual['announcement']): string {
  if (announcement === null) return '';
  const { announced, why, fault } = announcement;
  if (fault !== null) return `, announcing fails: ${printable(fault)}`;
  switch (announced) {
    case 'well':
      return ', announced';
    case 'leaving':
      return ', handed over';
    case 'ill':
      return ', announced though not healthy';
    default:
      return `, not announced: ${printable(why)}`;
  }
}

/** What our rules have counted for it. */
function packetsText({ packets }: ListedVirtual): string {
  const marked = packets?.marked ? `, ${packets.marked.packets} packets marked` : '';
  return packets?.masqueraded ? `${marked}, ${packets.masqueraded.packets} connections by snat` : marked;
}

function serverLine(server: ListedServer, at: number): Cell[] {
  const { text, style } = healthOf(server);
  return [
    { text: `  ${printable(server.called)}` },
    { text: addressOf(server) },
    { text, style },
    ...figures(server),
    { text: span(at - server.since) },
    { text: printable(reasonOf(server, at)) },
  ];
}

function fallbackLine(fallback: ListedFallback, at: number): Cell[] {
  const { text, style } = fallbackHealth(fallback);
  return [
    { text: `  ${printable(fallback.called)}`, style },
    { text: addressOf(fallback), style },
    { text, style },
    ...figures(fallback),
    { text: fallback.asked ? span(at - fallback.since) : '' },
    { text: printable(fallbackReason(fallback, at)), style },
  ];
}

export function fallbackHealth({ up, inUse }: ListedFallback): { readonly text: string; readonly style: Style } {
  if (!up) return { text: 'down', style: 'red' };
  return inUse ? { text: 'in use', style: 'yellow' } : { text: 'waits', style: 'dim' };
}

export function fallbackReason(fallback: ListedFallback, at: number): string {
  return fallback.asked ? `fallback: ${reasonOf(fallback, at)}` : 'fallback';
}

/** Whether the file has a name where the log has an address. */
export function hasName({ name, called }: Pick<ServerStatus, 'name' | 'called'>): boolean {
  return called !== name;
}

/** Beside a name. */
function addressOf(server: ListedServer): string {
  return hasName(server) ? printable(server.name) : '';
}

function figures({ wanted, weight, connections }: ListedServer): Cell[] {
  return [
    { text: textIfKnown(wanted) },
    { text: textIfKnown(weight), style: weight === wanted ? undefined : 'yellow' },
    { text: textIfKnown(connections?.active) },
    { text: textIfKnown(connections?.inactive) },
  ];
}

/** In a word. */
export function healthOf({ state }: ListedServer): { readonly text: string; readonly style: Style } {
  return { text: state, style: state === 'up' ? 'green' : state === 'down' ? 'red' : 'yellow' };
}

/** Until when another weight stands, and who asked for it. */
export function byHandText(override: WeightOverride, at: number): string {
  return `${endingOf(override)}${originOf(override, at)}`;
}

/** What decides against its checks whether it is in use, where anything does: `minhealthy`, or the votes of directors. */
export function beyondChecksText({ byMinimum, vote, inUse }: ListedServer): string | null {
  if (!byMinimum && vote === null) return null;
  const use = `${inUse ? 'kept in' : 'out of'} use`;
  if (vote === null) return `${use} below minhealthy`;
  const { up, directors } = vote;
  return `${use} by the vote (${up} of ${directors} directors ${up === 1 ? 'sees' : 'see'} it up)`;
}

/** How often it has changed of late. */
export function flappingText({ changes }: NonNullable<ListedServer['flapping']>): string {
  return `flaps, ${countText(changes, 'change')} in the last minute`;
}

/** What people do comes before what checks say, and that they say nothing now before what they said. */
export function reasonOf(server: ListedServer, at: number): string {
  const { held, hold, heldUntil, override, configured, weighed, flapping, hindered, stale, reason } = server;
  const by = hold === null ? held : holdText(hold, originOf(hold, at));
  const holds = by === null ? null : `${by}${endingOf({ until: heldUntil })}`;
  const byHand = override === null ? null : `weight set by hand${byHandText(override, at)} (${configured} in the file)`;
  const silent = hindered === null ? null : `no verdict now: ${hindered}`;
  const kept = beyondChecksText(server);
  const flaps = flapping === null ? null : flappingText(flapping);
  const grown = weighed?.grown ? `slow start, ${weighed.grown.percent} % of its weight` : null;
  const named = weighed?.from === 'agent' ? `weight ${weighed.base} by its agent (${configured} in the file)` : null;
  const shared = weighed && weighed.share !== 100 ? `${weighed.share} % of its weight by its agent` : null;
  return [holds, kept, byHand, named, shared, grown, flaps, stale, silent, reason]
    .filter((part) => part !== null && part !== '')
    .join('; ');
}
