/** What a soak came to, as aligned text. */

import type { Subject } from './soak-subject.js';
import { type WrongSpan, wrongSpans } from './timeline.js';

export interface Report {
  readonly lines: readonly string[];
  /** Whether a verdict was wrong for too long, or out of nothing. */
  readonly wrong: boolean;
}

interface Figures {
  /** Milliseconds that a verdict was wrong at most. */
  readonly longest: number;
  /** Milliseconds beyond one interval and the check that ended it, at most. */
  readonly beyond: number;
  readonly outOfNothing: readonly string[];
}

/** Milliseconds of a busy machine between a check and what is noted of it. */
const tolerance = 1_000;

export function reportOf(subjects: readonly Subject[], from: number, to: number, interval: number): Report {
  const heads = [
    'Service  Server  Settings',
    'Restarts',
    'Longest wrong, s',
    'Beyond one interval and the check, s',
    'Out of nothing',
  ];
  const rows: string[][] = [heads];
  const tales: string[] = [];
  let wrong = false;
  for (const subject of subjects) {
    const { longest, beyond, outOfNothing } = figuresOf(subject, from, to, interval * 1000);
    rows.push([
      subject.name,
      String(subject.restarts),
      inSeconds(longest),
      inSeconds(beyond),
      String(outOfNothing.length),
    ]);
    tales.push(...outOfNothing.map((tale) => `${subject.name}: ${tale}`));
    wrong ||= beyond > tolerance || outOfNothing.length > 0;
  }
  return { lines: [...aligned(rows), ...tales], wrong };
}

function figuresOf(subject: Subject, from: number, to: number, interval: number): Figures {
  const spans = wrongSpans(subject.truth, subject.verdict, from, to);
  const beyond = spans.map((span) => span.to - span.from - interval - checkThatEnded(subject, span));
  return {
    longest: Math.max(0, ...spans.map((span) => span.to - span.from)),
    beyond: Math.max(0, ...beyond),
    outOfNothing: spans.filter(({ outOfNothing }) => outOfNothing).map((span) => tale(subject, span, from)),
  };
}

/** Results are told at most some milliseconds before what they decide. */
function checkThatEnded({ durations }: Subject, { to }: WrongSpan): number {
  return durations.findLast(([at]) => at <= to && at > to - tolerance)?.[1] ?? 0;
}

function tale({ reasons }: Subject, { from, to, said }: WrongSpan, begin: number): string {
  const [, reason] = reasons.findLast(([at]) => at <= from) ?? [0, '?'];
  return `${said ? 'up' : 'down'} from ${inSeconds(from - begin)} to ${inSeconds(to - begin)} s: ${reason}`;
}

function inSeconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
