/** The table of what became of the cases: service × server × verdict, as aligned text. */

import type { ProbeResult } from '../../../src/probes/probe.js';
import type { Case, Served } from './case.js';

export interface Row {
  readonly service: string;
  readonly server: string;
  readonly settings: string;
  readonly asked: string;
  readonly verdict: string;
  readonly reason: string;
}

export function rowOf(served: Served, one: Case, { ok, reason }: Pick<ProbeResult, 'ok' | 'reason'>): Row {
  const verdict = ok === null ? 'no verdict' : ok ? 'up' : 'down';
  return { ...titleOf(served), asked: one.name, verdict: ok === one.up ? verdict : `${verdict}, WRONG`, reason };
}

export function absentRow(served: Served): Row {
  return { ...titleOf(served), asked: '', verdict: 'cannot run here', reason: served.missing || '' };
}

export function isRight({ up, says }: Case, { ok, reason }: Pick<ProbeResult, 'ok' | 'reason'>): boolean {
  return ok === up && says.test(reason);
}

function titleOf({ service, server, settings }: Served): Pick<Row, 'service' | 'server' | 'settings'> {
  return { service, server, settings };
}

const heads: Row = {
  service: 'Service',
  server: 'Server',
  settings: 'Settings',
  asked: 'Case',
  verdict: 'Verdict',
  reason: 'It says',
};

export function tableOf(rows: readonly Row[]): string[] {
  const columns = Object.keys(heads) as (keyof Row)[];
  const all = [heads, ...rows];
  const width = (column: keyof Row) => Math.max(...all.map((row) => row[column].length));
  const widths = columns.map(width);
  return all.map((row) =>
    columns
      .map((column, index) => row[column].padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
