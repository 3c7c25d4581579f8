/** The text of an ldirectord.cf to a Config, and everything that there is to say about it. */

import type { Config, Virtual } from '../../model/config.js';
import { giveMarks } from '../../model/port-marks.js';
import { atOnce, type Work } from '../../slices.js';
import { adviseOn } from '../diagnostics/advice.js';
import { contradictions } from '../diagnostics/contradictions.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import { type NamedOutput, outputsIn } from '../named-outputs.js';
import { type NamedProgram, programsIn } from '../named-programs.js';
import { effectiveGlobal, effectiveVirtual, usualUnder } from './effective.js';
import { splitLines } from './lines.js';
import { type ParseOptions, readLines } from './reader.js';

export type { ParseOptions } from './reader.js';

export interface Parsed {
  /** Null exactly when there is an error among the diagnostics. */
  readonly config: Config | null;
  /** By line; in strict mode in the order in which the reference notices, since it stops at the first error. */
  readonly diagnostics: readonly Diagnostic[];
  /** Programs that the file names; none where the config is null. */
  readonly programs: readonly NamedProgram[];
  /** Likewise, where it wants lines written. */
  readonly outputs: readonly NamedOutput[];
}

/** Pure: names stay unresolved, and files that the text names are not looked at. */
export function parse(text: string, options: ParseOptions): Parsed {
  return atOnce(parseInSlices(text, options));
}

/** The same as work that can be interrupted: large files take hundreds of milliseconds. */
export function* parseInSlices(text: string, options: ParseOptions): Work<Parsed> {
  const reading = yield* readLines(splitLines(text), options);
  const { diagnostics, global, sections } = reading;
  const wrongLine = diagnostics.some(({ severity }) => severity === 'error');
  const virtuals: Virtual[] = [];
  const usual = usualUnder(global);
  for (const section of sections) {
    const virtual = effectiveVirtual(section, usual, global);
    if (virtual !== null) virtuals.push(virtual);
    yield;
  }
  const marked = giveMarks(virtuals);
  // With a wrong line the sections need not be what was meant.
  const contradicting = wrongLine ? [] : contradictions(marked, sections);
  const config = wrongLine || contradicting.length > 0 ? null : { global: effectiveGlobal(global), virtuals: marked };
  const advice = config === null ? [] : yield* adviseOn(config, reading);
  const all = [...diagnostics, ...contradicting, ...advice];
  return {
    config,
    diagnostics: options.strict ? all : all.toSorted((a, b) => a.span.line - b.span.line),
    programs: config === null ? [] : programsIn(config, reading),
    outputs: config === null ? [] : outputsIn(config, reading),
  };
}
