/** The program's parts, put together as the daemon does, without a table, sockets and a clock. */

import { assign } from '../../../../src/checks/assignment.js';
import { findingOfAll, vipsOf } from '../../../../src/directors/announce/vip-health.js';
import { AgentBook } from '../../../../src/health/agents.js';
import { Members } from '../../../../src/health/members.js';
import { streakAfter } from '../../../../src/health/policy.js';
import { noPolicyState, readPolicyState, writePolicyState } from '../../../../src/health/policy-state.js';
import type { Config, RealServer, Virtual } from '../../../../src/model/config.js';
import { unknownOrigin } from '../../../../src/model/origin.js';
import type { Override } from '../../../../src/model/override.js';
import { alwaysActive } from '../../../../src/model/role.js';
import { subjectKey, subjectOf } from '../../../../src/model/subject.js';
import { nothingAsked } from '../../../../src/overrides/in-force.js';
import { keptIn, policyStateOf } from '../../../../src/policies.js';
import { CurrentStandings } from '../../../../src/reconcile/current-standings.js';
import { allServed } from '../../../../src/reconcile/refusals.js';
import { keptStandings, poolsBefore } from '../../../../src/reconcile/standings/kept.js';
import { type Standings, standings } from '../../../../src/reconcile/standings/standings.js';
import { configOf } from '../../../helpers/configuration.js';
import { assertSame } from '../../../helpers/standings.js';
import type { Lists, Pool, Rules, Seen, Step } from './history.js';

const networks = { back: '10.0.0', front: '10.0.1', sorry: '10.0.2' } as const;

function textOf({ back, front, sorry }: Lists, rules: Rules): string {
  const { failurecount, risecount, flapdamping, resume, slowstart, minhealthy } = rules;
  const reals = (pool: Pool, numbers: readonly number[]) =>
    numbers.map((number) => `real=${networks[pool]}.${number}:80 gate 100`);
  const policies = [
    `failurecount=${failurecount}`,
    `risecount=${risecount}`,
    `flapdamping=${flapdamping?.join(' ') ?? 'off'}`,
    `resume=${resume}`,
    `slowstart=${slowstart}`,
    'scheduler=wlc',
    'checktype=connect',
  ];
  const yes = rules.fallbackcheck ? 'yes' : 'no';
  const fallbacks = sorry.map((number) => `fallback=${networks.sorry}.${number}:80 gate`);
  const agent = ['agent=3333', `agentmaxage=${rules.agentmaxage}`];
  const use = [`fallbackuse=${rules.fallbackuse}`, `fallbackcheck=${yes}`, `minhealthy=${minhealthy}`];
  if (minhealthy > 0) use.push(`belowminimum=${rules.belowminimum}`);
  const behind = [...reals('back', back), ...policies, ...agent, ...fallbacks, ...use];
  const before = [...reals('front', front), ...policies, 'track=192.0.2.1:80'];
  const section = (address: string, lines: readonly string[]): string =>
    `virtual=${address}:80\n${lines.map((line) => `\t${line}\n`).join('')}`;
  // Who is tracked need not stand before those who track it.
  return `${section('192.0.2.2', before)}${section('192.0.2.1', behind)}`;
}

/** `back 1`. */
function nameOf({ host }: RealServer): string {
  const { address = '' } = host;
  const [pool] = Object.entries(networks).find(([, network]) => address?.startsWith(`${network}.`)) ?? [];
  return `${pool} ${address?.split('.')[3]}`;
}

export class Director {
  readonly #rules: Rules;
  #config: Config;
  #members = Members.none;
  #decided: Standings | null = null;
  /** Decides about what has changed alone, and is to come to the same. */
  #current: CurrentStandings | null = null;
  #byHand: readonly Override[] = [];
  #kept = noPolicyState;
  #now = 0;
  /** When questions to agents were answered last, by their keys. */
  #answered = new Map<string, number>();
  #agents = this.#agentBook();
  #streaks = new Map<string, number>();
  /** Questions to agents, by the names of their servers. */
  #questions = new Map<string, string>();
  #resting: ReadonlySet<string> = new Set();
  /** As the file is on disk. */
  #file = writePolicyState(noPolicyState, 0);

  constructor(lists: Lists, rules: Rules) {
    this.#rules = rules;
    this.#config = configOf(textOf(lists, rules));
    this.#takeOver(new Map());
  }

  do(step: Step, now: number): void {
    this.#now = now;
    switch (step.does) {
      case 'result':
        this.#record(`${step.pool} ${step.server}`, step.ok);
        break;
      case 'say':
        this.#hear(`back ${step.server}`, step.words.join(' '));
        break;
      case 'drain':
      case 'undrain':
        this.#steer(step.does, step.pool, step.server);
        break;
      case 'reload':
        this.#config = configOf(textOf(step.lists, this.#rules));
        this.#takeOver(new Map());
        break;
      case 'die':
        this.#die();
    }
    this.#decide();
  }

  get seen(): Seen {
    const seen = new Map<string, 'out' | 'drained' | number | boolean>();
    for (const virtual of this.#config.virtuals) {
      for (const [index, { place, weight }] of (this.#decided?.of.get(virtual) ?? []).entries()) {
        const shown = place === 'in use' ? weight : place === 'drained' ? 'drained' : 'out';
        seen.set(nameOf(virtual.realServers[index] as RealServer), shown);
      }
      const serving = this.#decided?.serving.get(virtual) ?? [];
      for (const fallback of virtual.fallbacks) seen.set(nameOf(fallback), serving.includes(fallback));
    }
    return seen;
  }

  /** What becomes of announcing the address of `back`: whether too few are healthy, and whether it may be. */
  get announcing(): { readonly isBelow: boolean; readonly verdict: string } {
    const decided = this.#decided as Standings;
    const services = vipsOf(decided, () => true).get('192.0.2.1')?.services ?? [];
    return { isBelow: decided.below.size > 0, verdict: findingOfAll(services, 'all').verdict };
  }

  /** When it would decide by itself. */
  get nextChange(): number | null {
    return this.#decided?.nextChange ?? null;
  }

  wake(now: number): void {
    this.#now = now;
    this.#decide();
  }

  *#places(): Generator<readonly [Virtual, RealServer]> {
    for (const virtual of this.#config.virtuals) {
      for (const real of [...virtual.realServers, ...virtual.fallbacks]) yield [virtual, real];
    }
  }

  #serverCalled(name: string): RealServer | undefined {
    for (const [, real] of this.#places()) if (nameOf(real) === name) return real;
    return undefined;
  }

  #record(name: string, ok: boolean): void {
    const real = this.#serverCalled(name);
    const check = real && this.#members.checkOf(real);
    // Who rests is not asked.
    if (!check || this.#resting.has(check)) return;
    const streak = streakAfter(this.#streaks.get(check) ?? 0, ok);
    this.#streaks.set(check, streak);
    this.#members.record(check, { ok, reason: '', streak }, this.#now);
  }

  #hear(name: string, words: string): void {
    const question = this.#questions.get(name);
    if (question === undefined) return;
    if (words !== '') this.#answered.set(question, this.#now);
    this.#agents.record(question, words === '' ? { ok: false, reason: 'refused' } : { ok: true, reason: words });
  }

  #steer(does: 'drain' | 'undrain', pool: Pool, number: number): void {
    const server = `${networks[pool]}.${number}:80`;
    this.#byHand = this.#byHand.filter((other) => other.server !== server);
    if (does === 'drain') {
      const drain = { kind: 'drain', server, virtual: null, weight: 0, until: null, ...unknownOrigin } as const;
      this.#byHand = [...this.#byHand, drain];
      return;
    }
    const real = this.#serverCalled(`${pool} ${number}`);
    if (real) this.#members.forgive(real, 'all', this.#now);
  }

  /** `table` is what stands there for those of whom nothing is known. */
  #takeOver(table: Seen): void {
    const assigning = assign(this.#config);
    let next = assigning.next();
    while (!next.done) next = assigning.next();
    const { servers, checks, agents } = next.value;
    const stands = (_: Virtual, real: RealServer): boolean => {
      const place = table.get(nameOf(real)) ?? 'out';
      return place !== 'out' && place !== false;
    };
    const isFirst = this.#members === Members.none;
    const stateOf = (virtual: Virtual, real: RealServer) =>
      isFirst ? this.#kept.servers.get(subjectKey(subjectOf(virtual, real))) : undefined;
    const preparing = Members.prepare(servers, this.#members, stands, stateOf);
    let made = preparing.next();
    while (!made.done) made = preparing.next();
    this.#members = made.value();
    for (const check of this.#streaks.keys()) if (!checks.has(check)) this.#streaks.delete(check);
    this.#agents.takeOver(agents);
    this.#questions = new Map([...agents].map(([key, { check }]) => [`back ${check.address.split('.')[3]}`, key]));
    for (const key of this.#answered.keys()) if (!agents.has(key)) this.#answered.delete(key);
    this.#decide();
  }

  #agentBook(): AgentBook {
    return new AgentBook({
      publish: () => {},
      onChange: () => {},
      answeredAt: (question) => this.#answered.get(question) ?? null,
      now: () => this.#now,
      before: this.#kept.agents,
    });
  }

  #die(): void {
    const { seen } = this;
    // A fallback stands in the table while no real server of its service is in use.
    const isServed = [...seen].some(([name, place]) => name.startsWith('back') && typeof place === 'number');
    const table = new Map([...seen].map(([name, place]) => [name, place === true ? !isServed : place]));
    this.#kept = readPolicyState(this.#file, this.#now);
    this.#members = Members.none;
    this.#decided = null;
    this.#current = null;
    this.#streaks = new Map();
    this.#answered = new Map();
    this.#agents = this.#agentBook();
    this.#takeOver(table);
  }

  #decide(): void {
    const members = this.#members;
    const evidence = {
      isUp: (real: RealServer) => members.isUp(real),
      isDecided: (real: RealServer) => members.isDecided(real),
      isRefused: () => false,
      policyHoldOf: (real: RealServer, at: number) => members.policyHoldOf(real, at),
    };
    const overrides = { ...nothingAsked, byHand: this.#byHand, agents: this.#agents.all };
    const atStart = poolsBefore(keptIn(this.#kept));
    const decided = standings(this.#config, evidence, overrides, alwaysActive, this.#now, this.#decided, atStart);
    this.#current ??= new CurrentStandings({
      config: () => this.#config,
      health: {
        isUp: (real) => this.#members.isUp(real),
        isDecided: (real) => this.#members.isDecided(real),
        policyHoldOf: (real, at) => this.#members.policyHoldOf(real, at),
        takeChanged: () => this.#members.takeChanged(),
      },
      overrides: () => ({ ...nothingAsked, byHand: this.#byHand, agents: this.#agents.all }),
      role: () => alwaysActive,
      unserved: () => allServed,
      atStart,
    });
    const revised = this.#current.decideSome(this.#now)?.decided ?? this.#current.decideAnew(this.#now);
    assertSame(revised, decided);
    this.#decided = decided;
    this.#resting = members.rest(decided.inForce.resting);
    for (const check of this.#resting) this.#streaks.delete(check);
    const state = policyStateOf(members, keptStandings(decided), this.#now, this.#agents.heard);
    this.#file = writePolicyState(state, this.#now);
  }
}
