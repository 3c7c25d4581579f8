/** What the readers of values have in common: what they know, and what they answer. */

import type { Protocol, Span } from '../../model/config.js';
import type { ServicePorts } from '../../system/port-names.js';
import type { ErrorCode, WarningCode } from '../diagnostics/codes.js';
import type { Field } from './lines.js';

export interface ValueRefusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly span: Span;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | ValueRefusal;

/** A warning on its way to the diagnostics. */
export interface Note {
  readonly code: WarningCode;
  readonly message: string;
  readonly span: Span;
}

/** As the file says it; two are those of a service over several ports. */
export type WrittenProtocol = Protocol | 'tcp,udp';

/** The virtual service in whose section a line stands, as far as it is known there. */
export interface SectionFacts {
  readonly family: 'inet' | 'inet6';
  /** Set by the `protocol` lines so far. */
  readonly protocol: Protocol;
  /** As written, so that `080` is no `80`; `0` under a firewall mark. */
  readonly portText: string;
  /** Whether its address has no port, so that it can be a service over several of them. */
  readonly isBare: boolean;
}

export interface Context {
  /** Null in the global section. */
  readonly section: SectionFacts | null;
  readonly services: ServicePorts;
  /** Whether values are accepted that the reference does not know. */
  readonly extensions: boolean;
  /** Says what is odd about a value that is accepted all the same. */
  note(code: WarningCode, message: string, span: Span): void;
}

/** Reads the value of one directive exactly as the reference does. */
export type Reader<T> = (field: Field, context: Context) => Outcome<T>;

export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refuse(code: ErrorCode, message: string, span: Span): ValueRefusal {
  return { ok: false, code, message, span };
}

/** Says that part of a value has no effect. A comment needs no word. */
export function noteIgnored(field: Field, context: Pick<Context, 'note'>): void {
  const text = field.text.trim();
  if (text === '' || text.startsWith('#')) return;
  const lead = field.text.length - field.text.trimStart().length;
  context.note('ignored-text', 'this text has no effect; remove it', field.span(lead, text.length));
}
