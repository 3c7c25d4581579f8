/** What a director says of itself, for as long as it is there: its key is bound to its lease. */

import type { DirectorPresence } from '../../status/shared-status.js';

const roleWords = ['active', 'passive', 'unknown'] as const;

export type Presence = DirectorPresence;

export function presenceText(presence: Presence): string {
  return JSON.stringify(presence);
}

/** Null where it is none: another version may have written it. */
export function presenceIn(text: string): Presence | null {
  const value = objectIn(text);
  const { version, config, unready = null, role, vips = null, fitness = null } = value;
  const word = roleWords.find((some) => some === role);
  if (typeof version !== 'string' || typeof config !== 'string' || word === undefined) return null;
  return {
    version: shortOf(version),
    started: numberIn(value['started']),
    config: shortOf(config),
    ready: value['ready'] === true,
    unready: typeof unready === 'string' ? unready.slice(0, 200) : null,
    role: word,
    vips: Array.isArray(vips) ? textsIn(vips) : null,
    downVips: textsIn(value['downVips']),
    fitness: typeof fitness === 'number' ? fitness : null,
    checks: value['checks'] === true,
    leaving: value['leaving'] === true,
    servers: numberIn(value['servers']),
    down: numberIn(value['down']),
  };
}

export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function shortOf(text: string): string {
  return text.slice(0, 64);
}

function numberIn(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
