/** Answers that are too large to stand in memory: made as their readers take them off. */

import type { Work } from '../../slices.js';
import { Portions } from '../portions.js';
import { bytes, type HttpAnswer } from './answer.js';
import type { Turns } from './turns.js';

export interface Flow {
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for each who takes it. Rejects where what it is made of cannot be read any more. */
  readonly parts: () => AsyncGenerator<Buffer>;
}

/** Servers up to which an answer is made whole, once for all who ask for it at the same time. */
const wholeUpTo = 4_000;

/** An answer about so many servers. */
export async function answerOf(
  type: string,
  servers: number,
  parts: () => AsyncGenerator<Buffer>,
): Promise<HttpAnswer | Flow> {
  if (servers > wholeUpTo) return { headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, parts };
  const all: Buffer[] = [];
  for await (const part of parts()) all.push(part);
  return bytes(type, all);
}

interface Gathering {
  take(): readonly Buffer[];
  end(): readonly Buffer[];
}

/** What a work writes, as it comes. */
export async function* partsOf<T extends Gathering>(
  turns: Turns,
  to: T,
  write: (to: T) => Work<void>,
): AsyncGenerator<Buffer> {
  const work = write(to);
  for (;;) {
    const { isDone, parts } = await turns.run(someOf(work, to));
    yield* parts;
    if (isDone) break;
  }
  yield* to.end();
}

function* someOf(
  work: Work<void>,
  to: Gathering,
): Work<{ readonly isDone: boolean; readonly parts: readonly Buffer[] }> {
  for (;;) {
    const { done } = work.next();
    const parts = to.take();
    if (done || parts.length > 0) return { isDone: done === true, parts };
    yield;
  }
}

export type Writing<T> = (to: Portions, item: T) => Work<void>;

/** An object as JSON with one more property, a list whose items are written as they come. */
export async function* listParts<T>(
  turns: Turns,
  head: object,
  property: string,
  items: AsyncIterable<T> | Iterable<T>,
  write: Writing<T>,
): AsyncGenerator<Buffer> {
  const to = new Portions();
  to.add(`${openingOf(head)}"${property}":[`);
  let isFirst = true;
  for await (const item of items) {
    if (!isFirst) to.add(',');
    isFirst = false;
    await turns.run(write(to, item));
    yield* to.take();
  }
  to.add(']}');
  yield* to.end();
}

/** An object up to where its next property begins. */
export function openingOf(head: object): string {
  const text = JSON.stringify(head).slice(0, -1);
  return text === '{' ? text : `${text},`;
}
