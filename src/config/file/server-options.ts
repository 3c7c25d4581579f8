/** What follows the address of a real server: forwarding method, weight, request and answer, thresholds. */

import type { Forwarding, Pattern } from '../../model/config.js';
import { forwardings, refuseForwarding } from './endpoints.js';
import { type Field, subfield } from './lines.js';
import { accept, type Context, noteIgnored, type Outcome, refuse } from './reading.js';
import { pattern, rootPath } from './values.js';

/** ipvsadm(8) takes no larger ones. */
const largestWeight = 65_535;
const largestThreshold = 0x7fffffff;

export interface ServerOptions {
  readonly forward: Forwarding;
  readonly weight: number;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** Null where the virtual's hold. */
  readonly check: OwnCheck | null;
}

export interface OwnCheck {
  readonly request: string;
  /** Left out where it has no effect. */
  readonly receive?: Pattern;
}

/** Each part is searched for in what follows the part before; what is passed over has no effect. */
export function serverOptions(field: Field, context: Context): Outcome<ServerOptions> {
  const [word] = /\w+/.exec(field.text) ?? [];
  const start = word === undefined ? 0 : field.text.indexOf(word);
  const end = word === undefined ? field.text.length : start + word.length;
  const forward = forwardings.find((name) => name === word);
  if (forward === undefined) return refuseForwarding(subfield(field, start, end));
  const rest = new Rest(subfield(field, end), context);

  const weight = rest.takeNumber(/[ \t\v\f\r]+(\d+)/, largestWeight) ?? 1;
  const asked = takeCheck(rest, context);
  if (!asked.ok) return asked;
  if (asked.value?.request !== undefined && asked.value.receive === undefined) {
    return accept({ forward, weight, upperThreshold: 0, lowerThreshold: 0, check: asked.value });
  }
  const lowerThreshold = rest.takeNumber(/[ \t\v\f\r]+l:(\d+)/, largestThreshold) ?? 0;
  const upperThreshold = rest.takeNumber(/[ \t\v\f\r]+u:(\d+)/, largestThreshold) ?? 0;
  const left = rest.field.text.trim();
  if (left !== '') {
    const message = 'after gate, masq or ipip come a weight, "request","receive", l:NUMBER and u:NUMBER, in this order';
    return refuse('bad-real-server', message, rest.field.span(rest.field.text.indexOf(left), left.length));
  }
  return accept({ forward, weight, upperThreshold, lowerThreshold, check: asked.value });
}

/** A request and its answer, or null where there are none. */
function takeCheck(rest: Rest, context: Context): Outcome<OwnCheck | null> {
  const taken = rest.take(/[ \t\v\f\r]+("(.*)"[, ][ \t\v\f\r]*"(.*)")/s);
  if (taken === null) return accept(null);
  const [, pairText = '', request = '', receive = ''] = taken.match;
  const pair = subfield(taken.field, taken.field.text.length - pairText.length);
  const answer = subfield(pair, pairText.length - 1 - receive.length, pairText.length - 1);
  if (request.startsWith('/')) {
    // The reference loses whatever follows such a request.
    const message = 'the request begins with "/", so what follows it has no effect; leave that "/" out, it is added';
    context.note('receive-ignored', message, pair.span(pairText.length - receive.length - 2));
    return accept({ request });
  }
  if (/^[lu]:\d+$/.test(request) || /^[lu]:\d+$/.test(receive)) {
    const message = 'in quotes these are a request and its answer; write thresholds without quotes: l:10 u:20';
    context.note('quoted-thresholds', message, pair.span());
  }
  const read = pattern(answer, context);
  return read.ok ? accept({ request: rootPath(request), receive: read.value }) : read;
}

/** What is left of a value while its parts are taken from the front. */
class Rest {
  field: Field;
  readonly #context: Context;

  constructor(field: Field, context: Context) {
    this.field = field;
    this.#context = context;
  }

  /** The first match anywhere; what stands before it is passed over. */
  take(shape: RegExp): { readonly match: RegExpExecArray; readonly field: Field } | null {
    const match = shape.exec(this.field.text);
    if (match === null) return null;
    const end = match.index + match[0].length;
    noteIgnored(subfield(this.field, 0, match.index), this.#context);
    const field = subfield(this.field, match.index, end);
    this.field = subfield(this.field, end);
    return { match, field };
  }

  takeNumber(shape: RegExp, largest: number): number | null {
    const taken = this.take(shape);
    if (taken === null) return null;
    const digits = taken.match[1] ?? '';
    const value = Number(digits);
    if (value <= largest) return value;
    const message = `${digits} is too large: ${largest} is assumed`;
    this.#context.note('number-too-large', message, taken.field.span(taken.field.text.length - digits.length));
    return largest;
  }
}
