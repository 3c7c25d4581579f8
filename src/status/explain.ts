/** Everything about single servers, put together on request from what the parts know. */

import { sectionLines } from '../config/file/section-lines.js';
import type { Policy } from '../health/policy.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { isFallback, subjectOf } from '../model/subject.js';
import type { Place } from '../overrides/places.js';
import { furtherChecks } from '../probes/further.js';
import type { Check, ProbeResult } from '../probes/probe.js';
import type { Checked, CheckResults, CheckStatus, Explanation, Question, VirtualStatus } from './model.js';

/** Where checks are run. */
export interface Checks {
  check(key: string): Check | null;
  account(key: string): Promise<CheckResults | null>;
  runNow(key: string): Promise<ProbeResult | null>;
}

export interface ExplainParts {
  readonly config: Config;
  /** Of the configuration. */
  readonly text: string;
  readonly checkOf: (real: RealServer) => string | null;
  /** How many servers a check decides about. */
  readonly decides: (check: string) => number;
  readonly checks: Checks;
  /** Whether the agent of a server wants that it is not checked. */
  readonly rests: (real: RealServer) => boolean;
}

/** Servers of virtuals of which these are shown. */
export async function explainServers(
  places: readonly Place[],
  shownAs: ReadonlyMap<Virtual, VirtualStatus>,
  parts: ExplainParts,
): Promise<Explanation[]> {
  const { config, text, checkOf } = parts;
  return Promise.all(
    places.map(async ({ virtual, real }) => {
      const shown = shownAs.get(virtual);
      const server = isFallback(real)
        ? shown?.fallbacks[virtual.fallbacks.indexOf(real)]
        : shown?.servers[virtual.realServers.indexOf(real)];
      if (shown === undefined || server === undefined) throw new Error('the configuration has just changed: ask again');
      const { servers: _, fallbacks: __, ...rest } = shown;
      const key = checkOf(real);
      const check = key === null ? null : await checkStatus(key, virtual, parts);
      const explained = { virtual: rest, server, lines: sectionLines(text, config, virtual, real), check };
      return isFallback(real) ? { ...explained, role: real.role } : explained;
    }),
  );
}

async function checkStatus(
  key: string,
  { failurecount, risecount }: Policy,
  { checks, decides }: ExplainParts,
): Promise<CheckStatus | null> {
  const check = checks.check(key);
  if (check === null) return null;
  const results = await checks.account(key);
  return {
    ...questionOf(check),
    further: furtherChecks(check).map(questionOf),
    interval: check.interval,
    sharedBy: decides(key),
    failurecount,
    risecount,
    results,
  };
}

function questionOf({ type, service, address, port, route: { mark, towards } }: Check): Question {
  const path = towards === null || mark === null ? null : { server: towards, mark };
  return { type, service, address, port, path };
}

export async function checkServersNow(
  all: readonly Place[],
  { checkOf, checks, rests }: Pick<ExplainParts, 'checkOf' | 'checks' | 'rests'>,
): Promise<Checked[]> {
  // A fallback that is not checked is worth a word only where nobody else is meant.
  const checked = all.filter(({ real }) => !isFallback(real) || checkOf(real) !== null);
  const places = checked.length > 0 ? checked : all;
  const keys = new Set(places.map(({ real }) => checkOf(real)));
  const results = new Map<string | null, ProbeResult | null>();
  await Promise.all([...keys].map(async (key) => results.set(key, key === null ? null : await checks.runNow(key))));
  return places.map(({ virtual, real }) => {
    const key = checkOf(real);
    const result = results.get(key) ?? null;
    const why = key === null ? 'it is not checked' : result === null ? whyNot(rests(real)) : null;
    return { ...subjectOf(virtual, real), result, why };
  });
}

function whyNot(rests: boolean): string {
  return rests ? 'its check rests, since its agent says maint' : 'no result came in time';
}
