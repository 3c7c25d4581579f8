/** What a new configuration changes, for people. Values of secrets are never told. */

import { type AgentAddress, agentText } from '../model/agent.js';
import type {
  Config,
  Damping,
  Host,
  NamedFile,
  Quorum,
  Requirement,
  Server,
  StatusRange,
  Virtual,
  VirtualPlace,
} from '../model/config.js';
import { carriedBy } from '../model/endpoint.js';
import { dampingText, hostText, quorumText, rangeText, requirementText } from '../model/names.js';
import type { Work } from '../slices.js';
import { directives } from './file/directives.js';

const secrets: ReadonlySet<string> = new Set(
  directives.filter(({ secret }) => secret !== null).map(({ keyword }) => keyword),
);
const longestList = 20;

/** One short line a difference; past twenty only their number. */
export function* compareInSlices(before: Config, after: Config): Work<string[]> {
  if (before === after) return [];
  const found = settings('', before.global, after.global);
  // Of a file that is read again most are the same objects.
  const [was, is] = [new Set(before.virtuals), new Set(after.virtuals)];
  const gone = before.virtuals.filter((virtual) => !is.has(virtual));
  const came = after.virtuals.filter((virtual) => !was.has(virtual));
  for (const difference of collection(gone, came, virtualName, virtualDifferences)) {
    found.push(...difference);
    yield;
  }
  if (found.length <= longestList) return found;
  return [...found.slice(0, longestList), `and ${found.length - longestList} more`];
}

function virtualName({ family, endpoint }: Virtual): string {
  const carries = carriedBy(endpoint);
  // Another list of ports is a difference of one service.
  if (carries !== null) return `virtual ${hostText({ ...carries.host, address: null })} (ports)`;
  if (endpoint.protocol === 'fwm') return `virtual${family === 'inet6' ? '6' : ''} ${endpoint.mark} (fwm)`;
  return `virtual ${spell(endpoint.host, endpoint.port)} (${endpoint.protocol})`;
}

function addressIn({ endpoint }: Virtual): object {
  return endpoint.protocol === 'fwm' ? (endpoint.carries ?? {}) : endpoint;
}

/** By the name in the file, so that a name that gets an address stays the same server. */
function spell(host: Host, port: number): string {
  return `${hostText({ name: host.name, address: null })}:${port}`;
}

function virtualDifferences(name: string, before: Virtual, after: Virtual): string[] {
  return [
    ...settings(`${name}: `, before, after),
    ...settings(`${name}: `, addressIn(before), addressIn(after)),
    ...[...collection(before.realServers, after.realServers, serverName, serverDifferences)]
      .flat()
      .map((difference) => `${name}: ${difference}`),
  ];
}

/** In its virtual. */
function serverName({ host, port }: Server): string {
  return `real ${spell(host, port)}`;
}

function serverDifferences(name: string, before: Server, after: Server): string[] {
  return settings(`${name}: `, before, after);
}

/** What came, what went, and what `inside` finds in those that stayed. Of two with one name the last counts. */
function* collection<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (item: T) => string,
  inside: (name: string, before: T, after: T) => string[],
): Generator<string[]> {
  const old = new Map(before.map((item) => [nameOf(item), item]));
  for (const [name, item] of new Map(after.map((item) => [nameOf(item), item]))) {
    const earlier = old.get(name);
    if (earlier === undefined) yield [`${name}: added`];
    else yield earlier === item ? [] : inside(name, earlier, item);
    old.delete(name);
  }
  for (const name of old.keys()) yield [`${name}: removed`];
}

function settings<T extends object>(prefix: string, before: T, after: T): string[] {
  const found: string[] = [];
  for (const key in after) {
    // Most are the same plain values.
    if (before[key] === after[key] || key === 'span' || key === 'realServers' || key === 'endpoint') continue;
    const [from, to] = [text(before[key]), text(after[key])];
    if (from === to) continue;
    found.push(`${prefix}${nameOf(key)}${secrets.has(key) ? ' changed' : ` ${from} -> ${to}`}`);
  }
  return found;
}

/** The directive that says it. */
function nameOf(key: string): string {
  return key.replace(/^fallbacks/, 'fallback');
}

function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(text).join(',') || 'none';
  if (typeof value !== 'object') return String(value);
  if ('path' in value && 'port' in value) return agentText(value as AgentAddress);
  if ('path' in value) return fileText(value as NamedFile);
  if ('from' in value) return rangeText(value as StatusRange);
  if ('unit' in value) return quorumText(value as Quorum);
  if ('kind' in value) return requirementText(value as Requirement);
  if ('name' in value && 'value' in value) return `${value.name}: ${value.value}`;
  if ('source' in value) return String(value.source);
  if ('most' in value) return dampingText(value as Damping);
  if ('device' in value) return placeText(value as VirtualPlace);
  if ('address' in value) return String(value.address ?? 'unresolved');
  if ('forward' in value) return serverText(value as Server);
  // No reload is to fail for want of words.
  return JSON.stringify(value);
}

function serverText({ host, port, forward }: Server): string {
  return `${spell(host, port)} ${forward}`;
}

function placeText({ device, label }: VirtualPlace): string {
  return label === null ? device : `${device} ${label}`;
}

/** With a part of the digest, since a file can change behind its name. */
function fileText({ path, digest }: NamedFile): string {
  return digest === '' ? path : `${path} (SHA-256 ${digest.slice(0, 8)}…)`;
}
