/** Which way packets go, by `ip route get` of ip-route(8). */

import { isIP } from 'node:net';
import { type Route, type RouteQuestion, routeKey } from '../machine.js';
import { transportNumbers } from '../transport-numbers.js';
import { objectOf, objectsIn, textOf } from './json.js';
import { iproute } from './links.js';
import type { Section } from './section.js';

/** Of a line that has failed ip(8) says so on standard error, which is printed after the answers. */
const failure = /^Command failed -:(\d+)$/;
/** Routes that lead nowhere. */
const nowhere: readonly unknown[] = ['unreachable', 'blackhole', 'prohibit', 'throw'];

const head = "{ failed=$(ip -j -force -batch - 2>&1 >&3 3>&- <<'END'\n";
const tail = 'END\n); } 3>&1\nprintf \'%s\\n\' "$failed"\n';

/** One process answers all of them. */
export function routeSection(questions: readonly RouteQuestion[]): Section<ReadonlyMap<string, Route | null>> {
  const asked = questions.filter(({ to, from }) => isIP(to) > 0 && (from === undefined || isIP(from) > 0));
  const lines = asked.map(commandFor).join('');
  return {
    tool: iproute,
    script: asked.length === 0 ? '' : [head, lines, tail].join(''),
    read: (answer) => ({ ok: true, value: answersTo(asked, answer) }),
  };
}

function commandFor({ to, from, source }: RouteQuestion): string {
  const way = from === undefined ? '' : ` from ${from}`;
  return `route get ${to}${way}${source === undefined ? '' : ` ipproto ${transportNumbers[source.protocol]} sport ${source.port}`}\n`;
}

/** Those that failed have no answer; the others have theirs in the order of the questions. */
function answersTo(questions: readonly RouteQuestion[], lines: readonly string[]): Map<string, Route | null> {
  const failed = new Set(lines.map((line) => Number(failure.exec(line)?.[1])));
  const answers = lines.filter((line) => line.startsWith('[')).map(routeIn);
  const routes = new Map<string, Route | null>();
  let next = 0;
  for (const [index, question] of questions.entries()) {
    routes.set(routeKey(question), failed.has(index + 1) ? null : (answers[next++] ?? null));
  }
  return routes;
}

function routeIn(line: string): Route | null {
  const [object] = objectsIn<'type' | 'protocol' | 'dev' | 'gateway' | 'via' | 'prefsrc' | 'metrics'>(line) ?? [];
  const device = textOf(object?.dev);
  if (object === undefined || device === null || nowhere.includes(object.type)) return null;
  return {
    device,
    // Of the other family it is told apart (RFC 8950).
    gateway: textOf(object.gateway) ?? textOf(objectOf<'host'>(object.via).host),
    source: textOf(object.prefsrc),
    isLocal: object.type === 'local',
    isAdvertised: object.protocol === 'ra',
  };
}
