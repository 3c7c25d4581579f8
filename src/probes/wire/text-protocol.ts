/** Simple text protocols as tables: what to send, what to expect, under which name a failure goes. */

import { afterwards, type Phase, ProbeFailure } from '../failure.js';
import type { Dialogue } from './dialogue.js';

/** A reply of one line or more. */
export interface Expect {
  /** Whether more lines follow this one; `first` is the first line of the reply. */
  readonly more: (line: string, first: string) => boolean;
  /** What the last line must match. */
  readonly ok: RegExp;
  /** How many bytes follow the last part of a line before it goes on; null where it ends there. */
  readonly literal?: (line: string, part: string) => number | null;
}

export interface Step {
  readonly phase: Phase;
  /** The line to send, without its end. From the reply before, where it depends on that; null leaves the step out. */
  readonly send: string | ((reply: Reply) => string | null);
  readonly expect: Expect;
  /** Parts of what is sent that must not come back in a reason: a password, and as it is encoded. */
  readonly secrets?: readonly string[] | ((sent: string) => readonly string[]);
  /** After the expected reply, TLS begins. */
  readonly startsTls?: boolean;
  /** What to send instead, one after the other, for as long as the reply is another one. */
  readonly otherwise?: readonly string[];
}

export interface TextProtocol {
  /** Null where the server waits for the client. */
  readonly greeting: Expect | null;
  readonly steps: readonly Step[];
}

/** The lines of a reply, in order. */
export type Reply = readonly string[];

/** Lines of one reply; servers list some dozen capabilities. */
const replyBound = 256;

/** Goes through the protocol and returns the last reply. Rejects with a ProbeFailure where a reply is another one. */
export async function converse(dialogue: Dialogue, { greeting, steps }: TextProtocol): Promise<Reply> {
  const greeted = greeting === null ? [] : await expectReply(dialogue, greeting, 'greeting');
  return proceed(dialogue, steps, greeted);
}

/** Goes on with further steps, and returns the last reply. */
export async function proceed(dialogue: Dialogue, steps: readonly Step[], before: Reply): Promise<Reply> {
  let reply = before;
  for (const step of steps) reply = await take(dialogue, step, reply);
  return reply;
}

async function take(dialogue: Dialogue, step: Step, before: Reply): Promise<Reply> {
  const { expect, phase } = step;
  const text = typeof step.send === 'string' ? step.send : step.send(before);
  if (text === null) return before;
  for (const secret of secretsOf(step, text)) dialogue.conceal(secret);
  dialogue.send(`${oneLine(text, phase)}\r\n`);
  let reply = await read(dialogue, expect, phase);
  for (const other of step.otherwise ?? []) {
    const last = lastOf(reply);
    if (expect.ok.test(last)) break;
    dialogue.send(`${oneLine(other, phase)}\r\n`);
    reply = await read(dialogue, expect, phase).catch((error: unknown) => {
      // Servers that hang up at this point have said before what they do not like.
      throw afterwards(error, dialogue.quoted(last));
    });
  }
  require(dialogue, reply, expect, phase);
  if (step.startsTls === true) await dialogue.upgrade();
  return reply;
}

function secretsOf({ secrets = [] }: Step, sent: string): readonly string[] {
  return typeof secrets === 'function' ? secrets(sent) : secrets;
}

/** Reads a reply that nothing needs to be sent for. Rejects with a ProbeFailure where it is another one. */
export async function expectReply(dialogue: Dialogue, expect: Expect, phase: Phase): Promise<Reply> {
  const reply = await read(dialogue, expect, phase);
  require(dialogue, reply, expect, phase);
  return reply;
}

async function read(dialogue: Dialogue, expect: Expect, phase: Phase): Promise<Reply> {
  const first = await wholeLine(dialogue, expect, phase);
  const reply = [first];
  for (let line = first; expect.more(line, first); reply.push(line)) {
    if (reply.length === replyBound) throw new ProbeFailure(phase, `a reply of more than ${replyBound} lines`);
    line = await wholeLine(dialogue, expect, phase);
  }
  return reply;
}

async function wholeLine(dialogue: Dialogue, { literal }: Expect, phase: Phase): Promise<string> {
  let part = await dialogue.line(phase);
  let whole = part;
  for (;;) {
    const size = literal?.(whole, part) ?? null;
    if (size === null) return whole;
    const bytes = await dialogue.bytes(size, phase);
    part = await dialogue.line(phase);
    whole += bytes.toString('latin1') + part;
  }
}

function require(dialogue: Dialogue, reply: Reply, { ok }: Expect, phase: Phase): void {
  const last = lastOf(reply);
  if (!ok.test(last)) throw new ProbeFailure(phase, `the server says "${dialogue.quoted(last)}"`);
}

export function lastOf(reply: Reply): string {
  return reply.at(-1) ?? '';
}

/** A line end in a setting would be a command of its own. */
export function oneLine(text: string, phase: Phase): string {
  if (/[\0\r\n]/.test(text)) throw new ProbeFailure(phase, 'a setting of the check holds a line end');
  return text;
}

/** One line. */
export function line(ok: RegExp): Expect {
  return { more: () => false, ok };
}

/**
 * A reply with a code of three digits, as in SMTP, FTP and NNTP: `250-…` begins one of several lines, which
 * ends with `250 …` (RFC 959, section 4.2).
 */
export function expectCode(ok: RegExp): Expect {
  return {
    more: (text, first) => /^\d{3}-/.test(first) && !(text.startsWith(first.slice(0, 3)) && text[3] !== '-'),
    ok,
  };
}

/**
 * A tagged reply with the untagged lines before it, as in IMAP (RFC 3501, section 2.2.2). Data that end with a number
 * in braces go on after as many bytes (section 4.3), which can look like lines; the words of a status cannot.
 */
export function expectTagged(tag: string): Expect {
  return {
    more: (text) => /^[*+] /.test(text),
    ok: new RegExp(`^${tag} OK\\b`, 'i'),
    literal: (text, part) => {
      const [, size] = /\{(\d{1,9})\}$/.exec(part) ?? [];
      return size === undefined || !/^\* (?!(?:OK|NO|BAD|BYE)\b)/i.test(text) ? null : Number(size);
    },
  };
}
