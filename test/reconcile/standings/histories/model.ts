/**
 * A small model of health policies that is written another way: from what the manual says, with one object a server. It
 * knows no minimum. Times in milliseconds, which are whole: fractions of seconds do not add up.
 */

import type { AgentSays, Lists, Pool, Rules, Seen, Step } from './history.js';

/** What an agent wants of its server. */
export class ModelledAgent {
  readonly #maxAge: number;
  #isMaint = false;
  #drains = false;
  #isDown = false;
  #percent = 100;
  #weight: number | null = null;
  #answered: number | null = null;
  #isSilent = false;

  constructor({ agentmaxage }: Rules) {
    this.#maxAge = agentmaxage * 1000;
  }

  say(words: readonly AgentSays[], now: number): void {
    this.#isSilent = words.length === 0;
    if (this.#isSilent) return;
    this.#answered = now;
    for (const word of words) this.#obey(word);
  }

  /** Another director knows what was said, and does not know that nobody answers. */
  outlive(): void {
    this.#isSilent = false;
  }

  /** `rests` is out and not asked. */
  wants(now: number): 'in' | 'drained' | 'out' | 'rests' {
    if (!this.#counts(now)) return 'in';
    if (this.#isMaint) return 'rests';
    if (this.#isDown) return 'out';
    return this.#drains || this.#percent === 0 ? 'drained' : 'in';
  }

  /** Of a server whose file says 100. */
  weightAt(now: number): number {
    return this.#counts(now) ? ((this.#weight ?? 100) * this.#percent) / 100 : 100;
  }

  #counts(now: number): boolean {
    if (this.#answered === null) return false;
    return !this.#isSilent || this.#maxAge === 0 || now - this.#answered < this.#maxAge;
  }

  #obey(word: AgentSays): void {
    switch (word) {
      case 'up':
        this.#isDown = false;
        break;
      case 'down':
      case 'stopped':
        this.#isDown = true;
        break;
      case 'ready':
        this.#isMaint = false;
        this.#drains = false;
        break;
      // Of words of one kind the last counts.
      case 'drain':
      case 'maint':
        this.#isMaint = word === 'maint';
        this.#drains = word === 'drain';
        break;
      case 'weight:7':
        this.#weight = 7;
        this.#percent = 100;
        break;
      default:
        this.#weight = null;
        this.#percent = Number(word.slice(0, -1));
    }
  }
}

/** What checks say of a server, and what of its past counts. */
class ModelledServer {
  readonly rules: Rules;
  readonly agent: ModelledAgent;
  up = false;
  known = false;
  drained = false;
  growsFrom: number | null = null;
  inUse = false;
  #passed = 0;
  #failed = 0;
  #waits = false;
  #falls = 0;
  #heldUntil = 0;
  /** Since when it is up again, without a fall; null while it is down. */
  #calmSince: number | null = null;

  constructor(rules: Rules) {
    this.rules = rules;
    this.agent = new ModelledAgent(rules);
  }

  judge(ok: boolean, now: number): void {
    const { failurecount, risecount, flapdamping, resume } = this.rules;
    this.#passed = ok ? this.#passed + 1 : 0;
    this.#failed = ok ? 0 : this.#failed + 1;
    const wasUp = this.up;
    const wasKnown = this.known;
    this.known = true;
    if (ok) {
      this.up = wasUp || !wasKnown || this.#passed >= risecount;
      if (this.up && !wasUp) this.#calmSince = now;
      return;
    }
    this.up = wasUp && wasKnown && this.#failed < failurecount;
    if (this.up || (wasKnown && !wasUp)) return;
    if (resume === 'manual') this.#waits = true;
    if (flapdamping === null || !wasUp) {
      this.#calmSince = null;
      return;
    }
    const [base, most] = flapdamping.map((seconds) => seconds * 1000) as [number, number];
    const calm = this.#calmSince === null ? 0 : Math.max(0, now - Math.max(this.#calmSince, this.#heldUntil));
    this.#falls = Math.max(0, this.#falls - Math.floor(calm / most)) + 1;
    this.#heldUntil = now + Math.min(base * 2 ** (this.#falls - 1), most);
    this.#calmSince = null;
  }

  undrain(): void {
    this.drained = false;
    this.#waits = false;
    this.#falls = 0;
    this.#heldUntil = 0;
  }

  /** Nobody asks it: the first result afterwards decides, as of a new server. */
  rest(): void {
    this.up = false;
    this.known = false;
    this.#passed = 0;
    this.#failed = 0;
  }

  /** Who stands in the table is up, and nothing else is known but what policies keep. */
  outlive(stands: boolean): void {
    const rises = this.rules.risecount > 1 && this.known && !this.up;
    this.up = !rises && stands;
    this.known = rises;
    if (!rises) this.#passed = 0;
    this.#failed = 0;
    this.agent.outlive();
    // It is settled anew.
    this.inUse = this.inUse && this.up;
  }

  isHeld(now: number): boolean {
    return this.#waits || now < this.#heldUntil;
  }

  /** Whether somebody wants it out of use, whatever its checks say. */
  isOut(now: number): boolean {
    return this.drained || this.agent.wants(now) !== 'in';
  }

  /** Whether it is known not to be in use, so that its service may be without any. */
  isGone(now: number): boolean {
    return !this.inUse && (this.isOut(now) || this.known || (this.up && this.isHeld(now)));
  }
}

/** The servers of one service. */
class ModelledPool {
  readonly #rules: Rules;
  #servers = new Map<number, ModelledServer>();
  #settled = false;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  server(number: number): ModelledServer | undefined {
    return this.#servers.get(number);
  }

  get servers(): readonly ModelledServer[] {
    return [...this.#servers.values()];
  }

  /** Gives those that are new. */
  list(numbers: readonly number[]): ReadonlySet<ModelledServer> {
    const before = this.#servers;
    this.#servers = new Map(numbers.map((number) => [number, before.get(number) ?? new ModelledServer(this.#rules)]));
    if (!numbers.some((number) => before.has(number))) this.#settled = false;
    return new Set([...this.#servers].filter(([number]) => !before.has(number)).map(([, server]) => server));
  }

  /** `isLost` is that the service which it tracks has nobody. */
  decide(now: number, isLost: boolean, fresh: ReadonlySet<ModelledServer>): void {
    const all = this.servers.map((server) => {
      const isInUse = server.up && !server.isOut(now) && !server.isHeld(now) && !isLost;
      return { server, isInUse, wasInUse: server.inUse && !fresh.has(server) };
    });
    const others = all.some(({ isInUse, wasInUse }) => isInUse && wasInUse);
    const { slowstart } = this.#rules;
    for (const { server, isInUse, wasInUse } of all) {
      const begins = isInUse && !wasInUse && this.#settled && others && slowstart > 0;
      if (begins) server.growsFrom = now;
      const isOver = server.growsFrom !== null && secondsBetween(server.growsFrom, now) >= slowstart;
      if (!isInUse || isOver) server.growsFrom = null;
      server.inUse = isInUse;
      if (server.agent.wants(now) === 'rests') server.rest();
    }
    this.#settled ||= all.every(({ server }) => server.known || server.isOut(now));
  }

  outlive(): void {
    this.#settled = false;
  }

  seen(name: Pool, now: number): [string, 'out' | 'drained' | number][] {
    return [...this.#servers].map(([number, server]) => [`${name} ${number}`, this.#placeOf(server, now)]);
  }

  #placeOf(server: ModelledServer, now: number): 'out' | 'drained' | number {
    // What people ask goes before what agents do.
    if (server.drained) return 'drained';
    if (server.agent.wants(now) === 'drained') return 'drained';
    return server.inUse ? this.#weightOf(server, now) : 'out';
  }

  #weightOf({ growsFrom, agent }: ModelledServer, now: number): number {
    const { slowstart } = this.#rules;
    const whole = agent.weightAt(now);
    if (growsFrom === null) return Math.ceil(whole);
    const grown = secondsBetween(growsFrom, now);
    return Math.ceil((whole * (slowstart + 9 * grown)) / (10 * slowstart));
  }
}

function secondsBetween(from: number, to: number): number {
  return Math.floor(to / 1000) - Math.floor(from / 1000);
}

const none: ReadonlySet<ModelledServer> = new Set();

export class Model {
  readonly #rules: Rules;
  readonly #back: ModelledPool;
  readonly #front: ModelledPool;
  #sorry = new Map<number, ModelledServer>();
  readonly #drains = new Set<string>();
  #now = 0;

  constructor(lists: Lists, rules: Rules) {
    this.#rules = rules;
    this.#back = new ModelledPool(rules);
    this.#front = new ModelledPool(rules);
    this.#list(lists);
  }

  do(step: Step, now: number): void {
    switch (step.does) {
      case 'result': {
        const { pool, server } = step;
        const asked = pool === 'sorry' ? this.#sorry.get(server) : this.#pool(pool).server(server);
        if (asked?.agent.wants(now) !== 'rests') asked?.judge(step.ok, now);
        break;
      }
      case 'say':
        this.#back.server(step.server)?.agent.say(step.words, now);
        break;
      case 'drain':
      case 'undrain': {
        const name = `${step.pool} ${step.server}`;
        if (step.does === 'drain') this.#drains.add(name);
        else this.#drains.delete(name);
        const server = this.#pool(step.pool).server(step.server);
        if (step.does === 'undrain') server?.undrain();
        else if (server !== undefined) server.drained = true;
        break;
      }
      case 'reload':
        this.#now = now;
        this.#list(step.lists);
        break;
      case 'die':
        this.#die();
    }
    this.decide(now);
  }

  get seen(): Seen {
    const fallbacks = [...this.#sorry].map(([number]) => [`sorry ${number}`, this.#serving.has(number)] as const);
    return new Map<string, 'out' | 'drained' | number | boolean>([
      ...this.#front.seen('front', this.#now),
      ...this.#back.seen('back', this.#now),
      ...fallbacks,
    ]);
  }

  decide(now: number, fresh = none): void {
    this.#now = now;
    this.#back.decide(now, false, fresh);
    const isLost = this.#back.servers.every((server) => server.isGone(now));
    this.#front.decide(now, isLost, fresh);
  }

  #pool(name: Pool): ModelledPool {
    return name === 'back' ? this.#back : this.#front;
  }

  #list({ back, front, sorry }: Lists): void {
    const fresh = new Set([...this.#back.list(back), ...this.#front.list(front)]);
    for (const name of ['back', 'front'] as const) {
      for (const number of name === 'back' ? back : front) {
        const server = this.#pool(name).server(number);
        if (server !== undefined) server.drained = this.#drains.has(`${name} ${number}`);
      }
    }
    // Nothing keeps one back that is up.
    const rules = { ...this.#rules, flapdamping: null, resume: 'auto' } as const;
    this.#sorry = new Map(sorry.map((number) => [number, this.#sorry.get(number) ?? new ModelledServer(rules)]));
    this.decide(this.#now, fresh);
  }

  /** Those that would answer: in their order the first that is up, or all of them. */
  get #serving(): ReadonlySet<number> {
    const able = [...this.#sorry].flatMap(([number, { up }]) => (up || !this.#rules.fallbackcheck ? number : []));
    return new Set(this.#rules.fallbackuse === 'all' ? able : able.slice(0, 1));
  }

  #die(): void {
    const isServed = this.#back.servers.some(({ inUse }) => inUse);
    const serving = this.#serving;
    for (const [number, server] of this.#sorry) server.outlive(!isServed && serving.has(number));
    for (const pool of [this.#back, this.#front]) {
      for (const server of pool.servers) {
        const stands = server.inUse || server.drained || server.agent.wants(this.#now) === 'drained';
        server.outlive(stands);
      }
      pool.outlive();
    }
  }
}
