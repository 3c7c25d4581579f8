/**
 * The text format that Prometheus reads, version 0.0.4. Written here and not by prom-client, which makes the text of
 * 150,000 samples in one go: it held the loop up for a second and more where this takes slices of some milliseconds.
 */

import type { Work } from '../../slices.js';
import { Portions } from '../portions.js';

export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/** A metric as the manual lists it. */
export interface Described {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  /** A sentence without its full stop. */
  readonly help: string;
  readonly labels: readonly string[];
}

/** Gathers text and gives it as bytes in portions, so that many readers can share them. */
export class Exposition {
  readonly #portions = new Portions();

  head({ name, type, help }: Described): void {
    this.#portions.add(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
  }

  /** `labels` as `labelText` makes them, or empty. */
  sample(name: string, labels: string, value: number): void {
    this.#portions.add(`${name}${labels} ${numberText(value)}\n`);
  }

  take(): readonly Buffer[] {
    return this.#portions.take();
  }

  end(): readonly Buffer[] {
    return this.#portions.end();
  }
}

/** A step of the work of writing: what many samples are written in. */
export type Writing = Work<void>;

/** `{a="b",c="d"}`, the same for all metrics of one object; empty without labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The labels with one more, whose value needs no escape. */
export function withLabel(labels: string, name: string, value: string): string {
  const pair = `${name}="${value}"`;
  return labels === '' ? `{${pair}}` : `${labels.slice(0, -1)},${pair}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
