/** A watch of etcd: lines of JSON without an end, of which each has many changes. */

import type { Change, Fault, Watched } from '../store.js';
import { faultOf, statusFault } from './faults.js';
import type { Gateway, Part } from './gateway.js';
import { type Names, numberOf, part, textOf } from './names.js';

/** `{"result":{"events":[…]}}`: around the events stand two objects and the array. */
const eventDepth = 3;

export interface Watching {
  readonly gateway: Gateway;
  readonly names: Names;
  readonly from: number;
  readonly token: string | null;
}

export async function* watchEtcd(
  { gateway, names, from, token }: Watching,
  signal: AbortSignal,
): AsyncGenerator<Watched> {
  const body = {
    create_request: {
      ...names.all,
      start_revision: String(from),
      // Every ten minutes, as etcd is delivered: what this has come to though nothing was written.
      progress_notify: true,
      // Otherwise a line is as long as what there is to catch up with.
      fragment: true,
    },
  };
  const question = { path: '/v3/watch', body, token };
  const reading = new Reading(gateway, names, from);
  const parts = gateway.listen(question, { depth: eventDepth, patience: 1, lasts: true }, signal);
  for await (const part of parts) {
    for (const news of reading.take(part)) {
      yield news;
      if (news.type === 'ended') return;
    }
  }
  yield { type: 'ended', fault: faultOf(gateway.endpoint, 'away', 'watch-ended', 'it has ended the watch') };
}

/** What the pieces of the lines come to. */
class Reading {
  readonly #gateway: Gateway;
  readonly #names: Names;
  readonly #from: number;
  /** The greatest of the line so far; 0 where it has no events. */
  #latest = 0;

  constructor(gateway: Gateway, names: Names, from: number) {
    this.#gateway = gateway;
    this.#names = names;
    this.#from = from;
  }

  *take(part: Part): Generator<Watched> {
    if (part.type === 'fault') {
      yield { type: 'ended', fault: part.fault };
      return;
    }
    let changes: Change[] = [];
    for (const piece of part.pieces) {
      const parsed = this.#gateway.parse(piece.text);
      if (!parsed.ok) {
        yield { type: 'ended', fault: parsed.fault };
        return;
      }
      if (piece.type === 'element') {
        const change = this.#change(parsed.value);
        if (change !== null) changes.push(change);
        continue;
      }
      if (changes.length > 0) yield { type: 'changes', changes };
      changes = [];
      yield* this.#line(parsed.value);
    }
    if (changes.length > 0) yield { type: 'changes', changes };
  }

  /** Null for what is none of ours. */
  #change(event: unknown): Change | null {
    const revision = numberOf(part(event, 'kv', 'mod_revision'));
    this.#latest = Math.max(this.#latest, revision);
    const key = this.#names.nameOf(part(event, 'kv', 'key'));
    if (key === null) return null;
    return part(event, 'type') === 'DELETE'
      ? { type: 'delete', key, revision }
      : { type: 'put', key, value: textOf(part(event, 'kv', 'value')), revision };
  }

  *#line(line: unknown): Generator<Watched> {
    const result = part(line, 'result');
    const refusal = this.#gateway.refusalIn(line);
    if (refusal !== null) {
      yield { type: 'ended', fault: refusal };
      return;
    }
    if (part(result, 'canceled') === true) {
      yield { type: 'ended', fault: this.#canceled(result) };
      return;
    }
    const revision = numberOf(part(result, 'header', 'revision'));
    if (part(result, 'created') === true) {
      // etcd waits for revisions to come, also for those that another past of it has had.
      yield revision < this.#from - 1
        ? { type: 'ended', fault: anotherPast(this.#gateway.endpoint) }
        : { type: 'opened' };
      return;
    }
    // There is more to come of these revisions.
    if (part(result, 'fragment') === true) return;
    // The head of a line with events may be ahead of them, where there is much to catch up with.
    yield { type: 'reached', revision: this.#latest === 0 ? revision : this.#latest };
    this.#latest = 0;
  }

  #canceled(result: unknown): Fault {
    const { endpoint } = this.#gateway;
    if (numberOf(part(result, 'compact_revision')) > 0) return compacted(endpoint);
    const reason = part(result, 'cancel_reason');
    const said = typeof reason === 'string' && reason !== '' ? reason : 'the watch was canceled';
    return statusFault(endpoint, 14, said);
  }
}

export function compacted(endpoint: string): Fault {
  const message = 'the changes since then have been compacted; what is there is read whole';
  return faultOf(endpoint, 'compacted', 'compacted', message);
}

/** It has been set up anew, or another one answers. */
export function anotherPast(endpoint: string): Fault {
  const message = 'its data is not that of before: it was set up anew or restored; what is there is read whole';
  return faultOf(endpoint, 'compacted', 'another-past', message);
}
