/**
 * Places in sections. A section that stands as it stood is the same object wherever lines above it came or went, so that it
 * has the places of when it was read; by how many lines it has moved since, the configuration says.
 */

import type { Config, SectionSpan, Span, Virtual } from './config.js';

export function sectionSpan({ line, column, length }: Span): SectionSpan {
  return { row: line, column, length };
}

/** Where it stood when it was read. */
export function spanAsRead({ row, column, length }: SectionSpan): Span {
  return { line: row, column, length };
}

/** Where a place of a virtual service stands now: the line that opens its section, unless another one is given. */
export function spanIn(
  { moved }: Pick<Config, 'moved'>,
  virtual: Pick<Virtual, 'span'>,
  { row, column, length }: SectionSpan = virtual.span,
): Span {
  // What is inherited has not moved: where any section has, the global one stands before them all.
  const by = row < virtual.span.row ? 0 : (moved?.get(virtual.span) ?? 0);
  return { line: row + by, column, length };
}
