/**
 * What is known of a file for when it is read again. A section that stands as it stood, in whichever line below the same
 * global section, says what it said, and is the same object: whoever compares has nothing to do then.
 */

import type { Config, SectionSpan, Span, Virtual } from '../../model/config.js';
import { sectionSpan, spanIn } from '../../model/section-span.js';
import type { Work } from '../../slices.js';
import { adviseOnAll, adviseOnEach } from '../diagnostics/advice.js';
import type { DiagnosticCode } from '../diagnostics/codes.js';
import { contradictions } from '../diagnostics/contradictions.js';
import type { Diagnostic } from '../diagnostics/diagnostics.js';
import { type Block, type Blocks, blocksOf, isPlain, linesOf } from './blocks.js';
import type { Keyword } from './directives.js';
import { effectiveVirtual, usualUnder } from './effective.js';
import { splitLines } from './lines.js';
import { type ParseOptions, type Places, type Reading, readLines } from './reader.js';
import { type Section, writtenKey } from './sections.js';

export interface KnownFile {
  readonly head: string;
  readonly global: Config['global'];
  readonly sections: readonly KnownSection[];
}

/** A section that neither says anything of others nor hangs on them. */
export interface KnownSection {
  readonly block: Block;
  readonly virtual: Virtual;
  /** Null where it is that of no other. */
  readonly key: string | null;
  /** What was said of its lines as they were read, and of its virtual service once that was known: where it stood then. */
  readonly noted: readonly Diagnostic[];
  readonly advice: readonly Diagnostic[];
  /** Where it named programs and places to write to. */
  readonly places: Places['sections'][number]['places'];
}

/** A file of which the sections that are known were not read. */
export interface ReadAgain {
  readonly config: Config;
  /** What was said as lines were read, and then. */
  readonly noted: readonly Diagnostic[];
  readonly advice: readonly Diagnostic[];
  readonly places: Places;
  readonly known: KnownFile;
}

/** What is known of a file without an error that was read as a whole; null where its sections hang on each other. */
export function* knowFile(
  text: string,
  config: Config,
  reading: Reading,
  advice: readonly (readonly Diagnostic[])[],
): Work<KnownFile | null> {
  const blocks = yield* blocksOf(text);
  if (blocks === null) return null;
  const sections = yield* knowSections(blocks.sections, config.virtuals, reading, advice);
  return sections && { head: blocks.head, global: config.global, sections };
}

/** Null where the file is to be read as a whole: what is not known has an error, or hangs on other sections. */
export function* readAgain(text: string, options: ParseOptions, before: KnownFile): Work<ReadAgain | null> {
  const blocks = yield* blocksOf(text);
  if (blocks === null || blocks.head !== before.head) return null;
  const kept = yield* sameBlocks(before.sections, blocks);
  const unknown = blocks.sections.filter((block) => !kept.has(block));
  const lines = [...splitLines(blocks.head), ...unknown.flatMap(linesOf)];
  const reading = yield* readLines(lines, options);
  if (reading.diagnostics.some(({ severity }) => severity === 'error')) return null;
  const usual = usualUnder(reading.global);
  const virtuals: Virtual[] = [];
  for (const section of reading.sections) {
    const virtual = effectiveVirtual(section, usual, reading.global);
    if (virtual !== null) virtuals.push(virtual);
    yield;
  }
  if ((yield* contradictions(virtuals, reading.sections)).length > 0) return null;
  const adviceOnOthers = yield* adviseOnEach(virtuals, reading.sections);
  const found = yield* knowSections(unknown, virtuals, reading, adviceOnOthers);
  if (found === null) return null;
  const others = found.values();
  const sections: KnownSection[] = [];
  for (const block of blocks.sections) {
    yield;
    const known = kept.get(block);
    // The text of the version before is to be let go of.
    const section = known === undefined ? others.next().value : { ...known, block };
    if (section !== undefined) sections.push(section);
  }
  if (yield* isAnyTwice(sections)) return null;
  const config = { global: before.global, virtuals: sections.map(({ virtual }) => virtual), ...movedIn(sections) };
  const { globalPlaces } = reading;
  const read = new Set(found);
  const noted = [...reading.diagnostics];
  const advice: Diagnostic[] = [];
  for (const known of sections) {
    if (!read.has(known)) noted.push(...asMoved(known.noted, known));
    advice.push(...asMoved(known.advice, known));
    yield;
  }
  return {
    config,
    noted,
    advice: [...advice, ...(yield* adviseOnAll(config, globalPlaces))],
    places: { globalPlaces, sections: sections.map((known) => ({ places: placesOf(known) })) },
    known: { ...before, head: blocks.head, sections },
  };
}

/** What is known of the blocks that say what they said. */
function* sameBlocks(before: readonly KnownSection[], { sections }: Blocks): Work<Map<Block, KnownSection>> {
  // Most stand in their order, before what has changed and after it: the others are found by their text.
  const isSame = (known: KnownSection | undefined, block: Block | undefined): boolean =>
    known !== undefined && known.block.text === block?.text;
  let [first, last] = [0, 0];
  for (; isSame(before[first], sections[first]); first += 1) yield;
  const most = Math.min(before.length, sections.length) - first;
  for (; last < most && isSame(before.at(-1 - last), sections.at(-1 - last)); last += 1) yield;
  const byText = new Map<string, KnownSection>();
  for (const known of before.slice(first, before.length - last)) {
    byText.set(known.block.text, known);
    yield;
  }
  const end = sections.length - last;
  const same = new Map<Block, KnownSection>();
  for (const [index, block] of sections.entries()) {
    yield;
    const inOrder = index < first ? before[index] : before.at(index - sections.length);
    const known = index < first || index >= end ? inOrder : byText.get(block.text);
    if (known === undefined) continue;
    if (movedBy({ ...known, block }) === 0 || !known.advice.some(({ code }) => namingLines.has(code))) {
      same.set(block, known);
    }
  }
  return same;
}

/** What is said with the line of something else in the section: where that has moved, it is to be said anew. */
const namingLines: ReadonlySet<DiagnosticCode> = new Set(['duplicate-real-server', 'duplicate-fallback']);

/** By how many lines it stands lower than when it was read. */
function movedBy({ block, virtual }: KnownSection): number {
  return block.line - virtual.span.row;
}

/** Nothing where none has moved. */
function movedIn(sections: readonly KnownSection[]): Pick<Config, 'moved'> {
  const moved = new Map<SectionSpan, number>();
  for (const known of sections) {
    const by = movedBy(known);
    if (by !== 0) moved.set(known.virtual.span, by);
  }
  return moved.size === 0 ? {} : { moved };
}

/** With the places where they are now. */
function asMoved(said: readonly Diagnostic[], known: KnownSection): readonly Diagnostic[] {
  if (said.length === 0 || movedBy(known) === 0) return said;
  return said.map((one) => ({ ...one, span: spanNow(one.span, known) }));
}

function placesOf(known: KnownSection): KnownSection['places'] {
  if (known.places.size === 0 || movedBy(known) === 0) return known.places;
  return new Map([...known.places].map(([keyword, span]) => [keyword, spanNow(span, known)]));
}

function spanNow(span: Span, known: KnownSection): Span {
  return spanIn({ moved: new Map([[known.virtual.span, movedBy(known)]]) }, known.virtual, sectionSpan(span));
}

/** Of blocks, each of which is to be a section by itself; null where one is not. */
function* knowSections(
  blocks: readonly Block[],
  virtuals: readonly Virtual[],
  reading: Reading,
  advice: readonly (readonly Diagnostic[])[],
): Work<KnownSection[] | null> {
  const { sections } = reading;
  if (sections.length !== blocks.length || virtuals.length !== blocks.length) return null;
  const first = blocks[0]?.line ?? Number.POSITIVE_INFINITY;
  if ([...reading.globalPlaces.values()].some(({ line }) => line >= first)) return null;
  const noted = notesByBlock(blocks, reading.diagnostics);
  const found: KnownSection[] = [];
  for (const [index, block] of blocks.entries()) {
    const [section, virtual] = [sections[index], virtuals[index]];
    if (section?.line.number !== block.line || virtual === undefined) return null;
    if (!standsAlone(section, virtual, reading) || !isPlain(block)) return null;
    const own = noted.get(block) ?? nothing;
    found.push({
      ...{ block, virtual, key: writtenKey(section), noted: own, advice: advice[index] ?? nothing },
      places: naming.some((keyword) => section.places.has(keyword)) ? section.places : nowhere,
    });
    yield;
  }
  return found;
}

const nothing: readonly Diagnostic[] = [];
const nowhere: KnownSection['places'] = new Map();
const naming: readonly Keyword[] = ['fallbackcommand', 'checkcommand', 'monitorfile'];

/** Whether it means the same whatever other sections say. */
function standsAlone({ draft }: Section, { track, checkpath, endpoint }: Virtual, { global }: Reading): boolean {
  if (track !== null || checkpath === 'forwarded') return false;
  if (endpoint.protocol === 'fwm' && endpoint.carries !== undefined) return false;
  // Whether a global fallback is replaced by a later one is a matter of all sections.
  const isList = (global.fallback?.length ?? 0) > 1 || (global.fallback6?.length ?? 0) > 1;
  return !isList || (draft.fallbackuse === undefined && draft.fallbackcheck === undefined);
}

function notesByBlock(
  blocks: readonly Block[],
  diagnostics: readonly Diagnostic[],
): ReadonlyMap<Block, readonly Diagnostic[]> {
  const found = new Map<Block, Diagnostic[]>();
  let index = -1;
  for (const diagnostic of diagnostics.toSorted((a, b) => a.span.line - b.span.line)) {
    while ((blocks[index + 1]?.line ?? Number.POSITIVE_INFINITY) <= diagnostic.span.line) index += 1;
    const block = blocks[index];
    if (block === undefined) continue;
    const own = found.get(block);
    if (own === undefined) found.set(block, [diagnostic]);
    else own.push(diagnostic);
  }
  return found;
}

function* isAnyTwice(sections: readonly KnownSection[]): Work<boolean> {
  const keys = new Set<string>();
  let written = 0;
  for (const { key } of sections) {
    yield;
    if (key === null) continue;
    keys.add(key);
    written += 1;
  }
  return keys.size < written;
}
