/** The listing of services and servers, from what can be seen of a director. */

import { holdText, type WeightOverride } from '../model/override.js';
import { protocolId } from '../model/subject.js';
import type { FallbackStatus, ServerStatus, Status, VirtualStatus } from '../status/model.js';
import { type Cell, type Column, type Line, layOut, type Style, type Surface } from './columns.js';
import { countText, endingOf, originOf, span, textIfKnown } from './figures.js';
import { printable } from './printable.js';

const columns: readonly Column[] = [
  { title: 'SERVER' },
  { title: 'HEALTH' },
  { title: 'WANTED', align: 'right' },
  { title: 'WEIGHT', align: 'right', dispensable: 1 },
  { title: 'ACTIVE', align: 'right' },
  { title: 'INACTIVE', align: 'right', dispensable: 4 },
  { title: 'SINCE', align: 'right', dispensable: 3 },
  { title: 'REASON', dispensable: 2 },
];

export function listing(status: Status, surface: Surface): string {
  const lines = status.virtuals.flatMap((virtual) => virtualLines(virtual, status.at));
  const head = layOut([], headLines(status), surface).slice(1);
  return `${[...head, ...(lines.length > 0 ? layOut(columns, lines, surface) : [])].join('\n')}\n`;
}

function headLines(status: Status): Line[] {
  const servers = status.virtuals.flatMap((virtual) => virtual.servers);
  const up = servers.filter((server) => server.up).length;
  const loaded = `file taken over ${span(status.at - status.loaded)} ago`;
  const sizes = `${countText(status.virtuals.length, 'service')}, ${up} of ${countText(servers.length, 'server')} up`;
  const head: Line = { text: printable(`${status.file}: ${sizes}; ${status.phase}, ${status.backend}, ${loaded}`) };
  const faults = [
    ...(status.rejected === null ? [] : [`The file on disk does not rule: ${status.rejected}`]),
    ...status.unwritten.map(({ place, reason }) => `Not written: ${place}: ${reason}`),
  ];
  return [head, ...faults.map((text): Line => ({ text: printable(text), style: 'yellow' }))];
}

function virtualLines(virtual: VirtualStatus, at: number): Line[] {
  const { name, scheduler, title, servers, fallbacks, inUse, stands, minimum } = virtual;
  const short = minimum === null ? '' : `, below minhealthy: ${minimum.healthy} healthy of ${minimum.needed}`;
  const state = `${stands ? '' : ', not in the table'}${inUse ? '' : ', no server in use'}${short}`;
  const text = printable(`${protocolId(virtual)} ${name} ${scheduler}${title === null ? '' : ` ${title}`}${state}`);
  return [
    { text, style: inUse && stands && minimum === null ? 'bold' : ['bold', 'red'] },
    ...servers.map((server) => serverLine(server, at)),
    ...fallbacks.map((fallback) => fallbackLine(fallback, at)),
  ];
}

function serverLine(server: ServerStatus, at: number): Cell[] {
  const { text, style } = healthOf(server);
  return [
    { text: `  ${printable(server.name)}` },
    { text, style },
    ...figures(server),
    { text: span(at - server.since) },
    { text: printable(reasonOf(server, at)) },
  ];
}

function fallbackLine(fallback: FallbackStatus, at: number): Cell[] {
  const { name, up, inUse, asked, since } = fallback;
  const style: Style = !up ? 'red' : inUse ? 'yellow' : 'dim';
  return [
    { text: `  ${printable(name)}`, style },
    { text: !up ? 'down' : inUse ? 'in use' : 'waits', style },
    ...figures(fallback),
    { text: asked ? span(at - since) : '' },
    { text: printable(asked ? `fallback: ${reasonOf(fallback, at)}` : 'fallback'), style },
  ];
}

function figures({ wanted, weight, connections }: ServerStatus | FallbackStatus): Cell[] {
  return [
    { text: textIfKnown(wanted) },
    { text: textIfKnown(weight), style: weight === wanted ? undefined : 'yellow' },
    { text: textIfKnown(connections?.active) },
    { text: textIfKnown(connections?.inactive) },
  ];
}

/** In a word. */
export function healthOf({ state }: ServerStatus): { readonly text: string; readonly style: Style } {
  return { text: state, style: state === 'up' ? 'green' : state === 'down' ? 'red' : 'yellow' };
}

/** Until when another weight stands, and who asked for it. */
export function byHandText(override: WeightOverride, at: number): string {
  return `${endingOf(override)}${originOf(override, at)}`;
}

/** What people do comes before what checks say, and that they say nothing now before what they said. */
export function reasonOf(server: ServerStatus, at: number): string {
  const { held, hold, heldUntil, byMinimum, inUse, override, configured, weighed, hindered, reason } = server;
  const by = hold === null ? held : holdText(hold, originOf(hold, at));
  const holds = by === null ? null : `${by}${endingOf({ until: heldUntil })}`;
  const byHand = override === null ? null : `weight set by hand${byHandText(override, at)} (${configured} in the file)`;
  const silent = hindered === null ? null : `no verdict now: ${hindered}`;
  const kept = byMinimum ? `${inUse ? 'kept in' : 'out of'} use below minhealthy` : null;
  const grown = weighed?.grown ? `slow start, ${weighed.grown.percent} % of its weight` : null;
  const shared = weighed && weighed.share !== 100 ? `${weighed.share} % of its weight by its agent` : null;
  return [holds, kept, byHand, shared, grown, silent, reason].filter((part) => part !== null && part !== '').join('; ');
}
