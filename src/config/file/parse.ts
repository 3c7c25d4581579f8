/** The text of an ldirectord.cf to a Config, and everything that there is to say about it. */

import type { Config, Virtual } from '../../model/config.js';
import { giveMarks } from '../../model/port-marks.js';
import { atOnce, type Work } from '../../slices.js';
import { adviseOnAll, adviseOnEach } from '../diagnostics/advice.js';
import { contradictions } from '../diagnostics/contradictions.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import { type NamedOutput, outputsIn } from '../named-outputs.js';
import { type NamedProgram, programsIn } from '../named-programs.js';
import { effectiveGlobal, effectiveVirtual, usualUnder } from './effective.js';
import { type KnownFile, knowFile, readAgain } from './known-file.js';
import { splitInSlices } from './lines.js';
import { type ParseOptions, type Places, readLines } from './reader.js';

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
  /** For when the file is read again; null where all of it is to be read then. */
  readonly known: KnownFile | null;
}

/** Pure: names stay unresolved, and files that the text names are not looked at. */
export function parse(text: string, options: ParseOptions): Parsed {
  return atOnce(parseInSlices(text, options));
}

/**
 * The same as work that can be interrupted: large files take hundreds of milliseconds. What is known of a version `before`,
 * which was read with the same options, is not read again.
 */
export function* parseInSlices(text: string, options: ParseOptions, before: KnownFile | null = null): Work<Parsed> {
  const again = before === null || options.strict ? null : yield* readAgain(text, options, before);
  if (again !== null) {
    const { config, noted, advice, places, known } = again;
    yield;
    return { config, diagnostics: byLine([...noted, ...advice]), ...(yield* namedIn(config, places)), known };
  }
  const reading = yield* readLines(yield* splitInSlices(text), options);
  const { diagnostics, global, globalPlaces, sections } = reading;
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
  const contradicting = wrongLine ? [] : yield* contradictions(marked, sections);
  const said = [...diagnostics, ...contradicting];
  if (wrongLine || contradicting.length > 0) {
    const nothing = { programs: [], outputs: [], known: null };
    return { config: null, diagnostics: options.strict ? said : byLine(said), ...nothing };
  }
  const config = { global: effectiveGlobal(global), virtuals: marked };
  const advice = yield* adviseOnEach(marked, sections);
  const all = [...said, ...advice.flat(), ...(yield* adviseOnAll(config, globalPlaces))];
  yield;
  return {
    config,
    diagnostics: options.strict ? all : byLine(all),
    ...(yield* namedIn(config, reading)),
    known: options.strict ? null : yield* knowFile(text, config, reading, advice),
  };
}

function byLine(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.span.line - b.span.line);
}

function* namedIn(config: Config, places: Places): Work<Pick<Parsed, 'programs' | 'outputs'>> {
  const programs = programsIn(config, places);
  yield;
  return { programs, outputs: outputsIn(config, places) };
}
