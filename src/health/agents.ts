/**
 * What feedback agents have said. That one does not answer says nothing about its server: its last word stays, also from
 * one configuration to the next as long as it is asked at the same place.
 */

import type { Publish } from '../events.js';
import type { Agent, Agents } from '../model/agent.js';
import { mergeSaying, nothingSaid, outWord, parseSaying, sayingText } from '../model/agent-word.js';
import type { ProbeAnswer } from '../probes/probe.js';

export interface AgentBookOptions {
  readonly publish: Publish;
  /** Another thing is said, or an agent fell silent or answers again. */
  readonly onChange: () => void;
  /** When the question with this key was answered last, in milliseconds since 1970; null where it was not. */
  readonly answeredAt: (key: string) => number | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What agents had said in the run before, by their names. */
  readonly before?: ReadonlyMap<string, Heard>;
}

/** What an agent has said, for the next run: in few words, which are read again as anything that comes from outside. */
export interface Heard extends Pick<Agent, 'since' | 'outSince' | 'answered'> {
  readonly said: string;
  readonly word: string;
}

/** What is asked, by key, of whom. */
type Questions = ReadonlyMap<string, { readonly name: string }>;

export class AgentBook {
  readonly #options: AgentBookOptions;
  #questions: Questions = new Map();
  /** What is asked of each, by the agent's name. */
  #keys = new Map<string, string[]>();
  #agents = new Map<string, Agent>();
  /** A copy, until something changes. */
  #all: Agents | null = null;
  /** Those of whom it was told that they are silent, and that they say what nobody knows. */
  readonly #silent = new Set<string>();
  readonly #misunderstood = new Set<string>();

  constructor(options: AgentBookOptions) {
    this.#options = options;
    for (const [name, heard] of options.before ?? []) this.#agents.set(name, remembered(name, heard));
  }

  /** For the next run. */
  get heard(): ReadonlyMap<string, Heard> {
    const found = new Map<string, Heard>();
    for (const [name, agent] of this.#agents) {
      const { word, said, since, outSince } = agent;
      if (said === null) continue;
      const answered = this.answeredAt(agent);
      found.set(name, { said, word: sayingText({ ...word, unknown: null }), since, outSince, answered });
    }
    return found;
  }

  /** What they have said so far; the same object as long as nothing changes. */
  get all(): Agents {
    this.#all ??= new Map(this.#agents);
    return this.#all;
  }

  /** When it answered last, in milliseconds since 1970; null where it has not. */
  answeredAt(agent: Agent): number | null {
    return agent.silence === null ? this.#answeredBy(agent) : agent.answered;
  }

  /** From now on these are asked. To be called while those that were asked before are asked still. */
  takeOver(questions: Questions): void {
    if (questions === this.#questions) return;
    const before = new Map([...this.#agents].map(([name, agent]) => [name, this.#asOfNow(agent)]));
    this.#questions = questions;
    this.#agents = new Map([...questions.values()].map(({ name }) => [name, before.get(name) ?? newAgent(name)]));
    this.#keys = new Map([...this.#agents.keys()].map((name) => [name, []]));
    for (const [key, { name }] of questions) this.#keys.get(name)?.push(key);
    this.#all = null;
    for (const told of [this.#silent, this.#misunderstood]) {
      for (const name of told) if (!this.#agents.has(name)) told.delete(name);
    }
  }

  /** Takes note of what came of a question; what is none to an agent is none of its business. */
  record(question: string, { ok, reason }: ProbeAnswer): void {
    const name = this.#questions.get(question)?.name;
    const before = name === undefined ? undefined : this.#agents.get(name);
    if (before === undefined) return;
    const after = ok ? this.#hear(before, reason) : this.#miss(before, reason);
    if (ok === false) this.#tellSilence(after, reason);
    if (before.said === after.said && before.silence === after.silence) return;
    this.#agents.set(after.name, after);
    this.#all = null;
    this.#options.onChange();
  }

  #hear(before: Agent, said: string): Agent {
    const { publish, now } = this.#options;
    const { name } = before;
    const saying = parseSaying(said);
    if (this.#silent.delete(name)) publish({ type: 'agent-answers', agent: name });
    if (saying.unknown !== null && !this.#misunderstood.has(name)) {
      this.#misunderstood.add(name);
      publish({ type: 'agent-misunderstood', agent: name, word: saying.unknown });
    }
    const answered = now();
    const word = mergeSaying(before.word, saying);
    const since = said === before.said ? before.since : answered;
    const out = outWord(word);
    const outSince = out === outWord(before.word) ? before.outSince : out === null ? null : answered;
    return { name, word, said, since, outSince, answered, silence: null };
  }

  /** Why matters less than that: the cause of the first time stays. */
  #miss(before: Agent, reason: string): Agent {
    return before.silence === null ? { ...this.#asOfNow(before), silence: reason } : before;
  }

  /** What keeps this machine from asking is told once for all checks. */
  #tellSilence({ name, said }: Agent, reason: string): void {
    if (this.#silent.has(name)) return;
    this.#silent.add(name);
    this.#options.publish({ type: 'agent-silent', agent: name, reason, said });
  }

  /** With when it answered last: that it says the same again is not told. */
  #asOfNow(agent: Agent): Agent {
    return { ...agent, answered: this.answeredAt(agent) };
  }

  #answeredBy({ name, answered }: Agent): number | null {
    const times = (this.#keys.get(name) ?? []).flatMap((key) => this.#options.answeredAt(key) ?? []);
    return times.length === 0 ? answered : Math.max(...times, answered ?? 0);
  }
}

function remembered(name: string, { said, word, since, outSince, answered }: Heard): Agent {
  const all = mergeSaying(nothingSaid, parseSaying(word));
  return { name, word: all, said: sayingText(parseSaying(said)), since, outSince, answered, silence: null };
}

function newAgent(name: string): Agent {
  return { name, word: nothingSaid, said: null, since: null, outSince: null, answered: null, silence: null };
}
