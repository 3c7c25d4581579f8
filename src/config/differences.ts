/** What a new configuration changes, for people. Values of secrets are never told. */

import type { Config, Host, NamedFile, Server, StatusRange, Virtual } from './model.js';
import { hostText, statusText } from './names.js';

const secrets: ReadonlySet<string> = new Set(['login', 'passwd', 'secret', 'requestheader']);
const longestList = 20;

/** One short line a difference; past twenty only their number. */
export function differences(before: Config, after: Config): string[] {
  const found = [
    ...settings('', before.global, after.global),
    ...collection(before.virtuals, after.virtuals, virtualName, virtualDifferences),
  ];
  if (found.length <= longestList) return found;
  return [...found.slice(0, longestList), `and ${found.length - longestList} more`];
}

function virtualName({ family, endpoint }: Virtual): string {
  if (endpoint.protocol === 'fwm') return `virtual${family === 'inet6' ? '6' : ''} ${endpoint.mark} (fwm)`;
  return `virtual ${written(endpoint.host, endpoint.port)} (${endpoint.protocol})`;
}

/** By the name in the file, so that a name that gets an address stays the same server. */
function written(host: Host, port: number): string {
  return `${hostText({ name: host.name, address: null })}:${port}`;
}

function virtualDifferences(name: string, before: Virtual, after: Virtual): string[] {
  return [
    ...settings(`${name}: `, before, after),
    ...(before.endpoint.protocol === 'fwm' ? [] : settings(`${name}: `, before.endpoint, after.endpoint)),
    ...collection(
      before.realServers,
      after.realServers,
      (real) => `${name}: real ${written(real.host, real.port)}`,
      serverDifferences,
    ),
  ];
}

function serverDifferences(name: string, before: Server, after: Server): string[] {
  return settings(`${name}: `, before, after);
}

/** What came, what went, and what `inside` finds in those that stayed. Of two with one name the last counts. */
function collection<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (item: T) => string,
  inside: (name: string, before: T, after: T) => string[],
): string[] {
  const old = new Map(before.map((item) => [nameOf(item), item]));
  const found: string[] = [];
  for (const [name, item] of new Map(after.map((item) => [nameOf(item), item]))) {
    const earlier = old.get(name);
    if (earlier === undefined) found.push(`${name}: added`);
    else if (earlier !== item) found.push(...inside(name, earlier, item));
    old.delete(name);
  }
  return [...found, ...[...old.keys()].map((name) => `${name}: removed`)];
}

function settings<T extends object>(prefix: string, before: T, after: T): string[] {
  const found: string[] = [];
  for (const [key, value] of Object.entries(after)) {
    if (key === 'span' || key === 'realServers' || key === 'endpoint') continue;
    const [from, to] = [text(before[key as keyof T]), text(value)];
    if (from === to) continue;
    found.push(`${prefix}${key}${secrets.has(key) ? ' changed' : ` ${from} -> ${to}`}`);
  }
  return found;
}

function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(text).join(',') || 'none';
  if (typeof value !== 'object') return String(value);
  if ('path' in value) return fileText(value as NamedFile);
  if ('from' in value) return statusText(value as StatusRange);
  if ('name' in value && 'value' in value) return `${value.name}: ${value.value}`;
  if ('source' in value) return String(value.source);
  if ('address' in value) return String(value.address ?? 'unresolved');
  const { host, port, forward } = value as Server;
  return `${written(host, port)} ${forward}`;
}

/** With a part of the digest, since a file can change behind its name. */
function fileText({ path, digest }: NamedFile): string {
  return digest === '' ? path : `${path} (SHA-256 ${digest.slice(0, 8)}…)`;
}
