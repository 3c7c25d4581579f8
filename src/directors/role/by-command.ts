/**
 * `role = command PROGRAM`: a program says whether this director is active. It is run as the commands of the file are,
 * under a deadline, and again some time after it began; one at a time.
 */

import { isIP } from 'node:net';
import { addressText, addressWords } from '../../ipvs/address.js';
import { isSameRole, type RoleState } from '../../model/role.js';
import { type Outcome, runCommand } from '../../notify/command.js';
import { heldOf, notKnownYet, type Role, type RoleOptions } from './role.js';

export interface CommandRoleOptions extends RoleOptions {
  /** In the words of sh(1). */
  readonly program: string;
  /** Milliseconds from one run's begin to the next one's. */
  readonly interval: number;
  /** Milliseconds until it is killed. */
  readonly timeout: number;
}

/** Runs in a row without an answer until what was said before counts no more. */
const mostFailures = 3;
/** Addresses by the thousand: what is more than this is no answer. */
const keep = { bytes: 1024 * 1024, lines: 65_536 };

export class CommandRole implements Role {
  readonly #options: CommandRoleOptions;
  readonly #cancel = new AbortController();
  #state: RoleState = notKnownYet;
  #vips: ReadonlySet<string> = new Set();
  /** What was said last. */
  #said: Said | null = null;
  #failures = 0;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: CommandRoleOptions) {
    this.#options = options;
  }

  get state(): RoleState {
    return this.#state;
  }

  async follow(vips: ReadonlySet<string>): Promise<void> {
    this.#vips = vips;
    if (this.#said !== null) this.#take(stateFor(this.#said, vips));
    else if (this.#timer === null) await this.#ask();
  }

  async close(): Promise<void> {
    this.#cancel.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #ask(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const { program, interval, timeout } = this.#options;
    const began = performance.now();
    const outcome = await runCommand({ command: program, args: [], timeout, keep }, this.#cancel.signal);
    this.#running = null;
    if (this.#cancel.signal.aborted) return;
    this.#note(answerOf(outcome));
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, began + interval - performance.now())).unref();
  }

  #note(answer: Said | { readonly fault: string }): void {
    if (!('fault' in answer)) {
      this.#said = answer;
      this.#failures = 0;
      this.#take(stateFor(answer, this.#vips));
      return;
    }
    this.#failures += 1;
    const fault = `${this.#options.program}: ${answer.fault}`;
    const isDoubted = this.#said === null || this.#failures >= mostFailures;
    if (isDoubted) this.#said = null;
    this.#take(isDoubted ? { ...notKnownYet, fault } : { ...this.#state, fault });
  }

  #take(state: RoleState): void {
    if (isSameRole(this.#state, state)) return;
    this.#state = state;
    this.#options.onChange();
  }
}

interface Said {
  readonly isActive: boolean;
  /** The addresses that it named, in their canonical form; null where it named none. */
  readonly held: ReadonlySet<string> | null;
}

function stateFor({ isActive, held }: Said, vips: ReadonlySet<string>): RoleState {
  if (!isActive) return { word: 'passive', held: null, fault: null };
  if (held === null || vips.size === 0) return { word: 'active', held: null, fault: null };
  return heldOf(vips, (address) => held.has(address));
}

/** What it prints but errors says it; where it prints nothing at all, its exit status does. */
export function answerOf({ how, status, output, answer }: Outcome): Said | { readonly fault: string } {
  const [word, ...addresses] =
    output.length === 0 ? wordsFor(status) : answer.flatMap((line) => line.trim().split(/\s+/));
  const isSound = status === 0 || (status === 1 && word === 'passive');
  if (!isSound || word === undefined) return { fault: [how, ...output.slice(0, 1)].join(': ') };
  if (word === 'passive' && addresses.length === 0) return { isActive: false, held: null };
  if (word !== 'active' || !addresses.every((address) => isIP(address) !== 0)) {
    return { fault: `it prints '${answer[0]}': neither \`active\`, perhaps with addresses, nor \`passive\`` };
  }
  const held = addresses.map((address) => addressText(addressWords(address)));
  return { isActive: true, held: held.length === 0 ? null : new Set(held) };
}

function wordsFor(status: number | null): string[] {
  return status === 0 ? ['active'] : status === 1 ? ['passive'] : [];
}
