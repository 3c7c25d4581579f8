/** From what the lines set to what holds: defaults, and what a virtual takes over from the global section. */

import type { Fallback, FallbackUse, Global, Virtual } from '../../model/config.js';
import { sectionSpan } from '../../model/section-span.js';
import { serviceOfPort } from '../service-lists.js';
import { defaultTls } from '../tls-modes.js';
import type { Effective, Rows } from './directive.js';
import { type Draft, type Keyword, virtualDirectives } from './directives.js';
import { completeFallback, countedFallbacks, useOfFallbacks, type WrittenFallback } from './fallback.js';
import type { SectionFacts } from './reading.js';
import { inheritedDirectives } from './rows/inherited.js';
import { programDirectives } from './rows/program.js';
import { sectionDirectives } from './rows/section.js';
import type { Section } from './sections.js';

export function effectiveGlobal(draft: Draft): Global {
  return {
    ...settle(inheritedDirectives, draft),
    ...settle(programDirectives, draft),
    // A port of 0 stands for one that is left out.
    fallbacks: globalFallbacks(draft.fallback, useOfFallbacks(draft), '0'),
    fallbacks6: globalFallbacks(draft.fallback6, useOfFallbacks(draft), '0'),
  };
}

/** What holds of some directives where a section says so much of them. */
function settle<R extends Rows>(rows: R, draft: Partial<Record<string, unknown>>): Effective<R> {
  const held = Object.entries(rows).map(([keyword, { standIn, default: usual }]) => [
    keyword,
    draft[keyword] ?? (standIn === null ? undefined : draft[standIn]) ?? usual,
  ]);
  return Object.fromEntries(held);
}

/** A virtual of which no line says anything, under a global section. */
export type Usual = Record<Exclude<keyof Virtual, keyof typeof virtualDirectives>, null> &
  Effective<typeof virtualDirectives>;

export function usualUnder(global: Draft): Usual {
  return {
    span: null,
    family: null,
    endpoint: null,
    realServers: null,
    fallbacks: null,
    checktype: null,
    connects: null,
    service: null,
    ...settle(virtualDirectives, global),
  };
}

/** Each goes before what the global section says of the other. */
const standIns = Object.entries(virtualDirectives).flatMap(([keyword, { standIn }]) =>
  standIn === null ? [] : [[keyword as Keyword, standIn as Keyword] as const],
);

/**
 * Null for a section whose opening line was wrong. `usual` is copied and overwritten: V8 takes ten times as long to put
 * so many properties together.
 */
export function effectiveVirtual(section: Section, usual: Usual, global: Draft): Virtual | null {
  const { complete, draft, family, span } = section;
  if (complete === null) return null;
  const { endpoint, portText } = complete;
  const inherited = family === 'inet6' ? global.fallback6 : global.fallback;
  const { type: checktype, connects } = draft.checktype ?? sectionDirectives.checktype.default;
  const service = draft.service ?? serviceOfPort(portText);
  const virtual: Virtual = {
    ...usual,
    span: sectionSpan(span),
    family,
    endpoint,
    realServers: (family === 'inet6' ? draft.real6 : draft.real) ?? [],
    fallbacks:
      complete.fallbacks.length > 0
        ? complete.fallbacks
        : globalFallbacks(inherited, useOfFallbacks(draft, global), portText),
    checktype,
    connects,
    service,
    tls: defaultTls(service),
  };
  overwrite(virtual, draft);
  return virtual;
}

function overwrite(virtual: Partial<Record<Keyword, unknown>>, draft: Draft): void {
  for (const [keyword, standIn] of standIns) if (draft[standIn] !== undefined) virtual[keyword] = draft[standIn];
  let keyword: Keyword;
  for (keyword in draft) if (keyword in virtualDirectives) virtual[keyword] = draft[keyword];
}

const none: readonly Fallback[] = [];

/** Their addresses and ports were judged, and port names looked up, when they were read. */
function globalFallbacks(
  lines: readonly WrittenFallback[] = [],
  use: FallbackUse,
  portText: string,
): readonly Fallback[] {
  if (lines.length === 0) return none;
  return countedFallbacks(lines, use).flatMap((written) => {
    const facts: SectionFacts = { family: written.family, protocol: 'fwm', portText, isBare: false };
    const outcome = completeFallback(written, facts, { port: () => undefined, name: () => undefined }, () => {});
    return outcome.ok ? [outcome.value] : [];
  });
}
