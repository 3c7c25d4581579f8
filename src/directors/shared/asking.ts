/**
 * What directors want to know of each other now and then: connections that a drain still waits for, and a whole table. It is
 * written for as long as somebody asks for it, so that it costs nothing otherwise.
 */

import { randomUUID } from 'node:crypto';
import type { NamedServer } from '../../overrides/places.js';
import type { Left } from '../../status/left.js';
import type { Lease } from '../store/store.js';
import { rooms } from './keys.js';
import type { Link } from './link.js';
import { OwnKeys } from './own-keys.js';
import type { Peers } from './peers.js';
import { objectIn, textsIn } from './presence.js';

/** What a director still has of connections to a server, all its places together. */
export interface LeftThere extends Left {
  /** Places that the table there has with a weight above 0 still. */
  readonly open: number;
}

export interface AskingOptions {
  readonly name: string;
  readonly link: Link;
  readonly peers: Peers;
  readonly connections: (servers: readonly NamedServer[]) => Promise<ReadonlyMap<string, LeftThere>>;
  /** The table that this director wants, as one text. */
  readonly table: () => string;
}

/** Milliseconds for which it is asked on after somebody has wanted to know. */
const interest = 3_000;
/** Milliseconds between two countings. */
const countPace = 1_000;
const writePace = 500;
/** Characters of a part: etcd takes requests of 1.5 MiB, and its gateway wants them in base64. */
const partLength = 256 * 1024;
/** Characters of a whole table; one of fifty thousand servers is shorter. */
const longestTable = 8 * 1024 * 1024;
/** Milliseconds for another director to send its table. */
const tablePatience = 15_000;
/** Servers that are asked about at once. */
const mostServers = 100;

interface Ask {
  readonly connections: readonly NamedServer[];
  readonly table: { readonly of: string; readonly nonce: string } | null;
}

export class Asking {
  readonly #options: AskingOptions;
  readonly #keys: OwnKeys;
  /** Until when each is wanted, of performance.now(), by what it is called. */
  readonly #servers = new Map<string, { readonly server: NamedServer; readonly until: number }>();
  #table: { readonly of: string; readonly nonce: string } | null = null;
  readonly #waiting = new Set<() => void>();
  /** What this one answers, by key. */
  #answers = new Map<string, string>();
  #nonces = '';
  #timer: NodeJS.Timeout | null = null;
  #lastTable: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: AskingOptions) {
    this.#options = options;
    this.#keys = new OwnKeys({ link: options.link, wanted: () => this.#wanted(), pace: () => writePace });
  }

  /** What others have of a server, by their names; of those that have not said it yet nothing. Asks on for some seconds. */
  connections(server: NamedServer): ReadonlyMap<string, LeftThere> {
    const called = calledOf(server);
    this.#servers.set(called, { server, until: performance.now() + interest });
    this.#keys.touch();
    this.#go();
    const found = new Map<string, LeftThere>();
    for (const [key, text] of this.#options.peers.words) {
      const [, name = ''] = /^answers\/(.+)\/connections$/.exec(key) ?? [];
      const left = name === '' || name === this.#options.name ? undefined : objectIn(text)[called];
      if (isLeft(left)) found.set(name, left);
    }
    return found;
  }

  /** The table that another one wants. Rejects where it does not send it. */
  tableOf(name: string): Promise<string> {
    const asked = this.#lastTable.then(() => this.#askTable(name));
    this.#lastTable = asked.catch(() => {});
    return asked;
  }

  leased(lease: Lease): void {
    this.#keys.leased(lease);
  }

  /** The store takes writes again. */
  back(): void {
    this.#keys.back();
    this.#go();
  }

  /** Somebody asks or answers something. */
  changed(): void {
    for (const look of this.#waiting) look();
    this.#go();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#keys.close();
    for (const look of this.#waiting) look();
  }

  async #askTable(name: string): Promise<string> {
    const nonce = randomUUID();
    this.#table = { of: name, nonce };
    this.#keys.touch();
    const began = performance.now();
    try {
      for (;;) {
        const text = this.#whole(name, nonce);
        if (text !== null) return text;
        const left = tablePatience - (performance.now() - began);
        if (left <= 0 || this.#isClosed)
          throw new Error(`${name} has not sent its table within ${tablePatience / 1_000} s`);
        await this.#somethingNew(left);
      }
    } finally {
      this.#table = null;
      this.#keys.touch();
    }
  }

  #somethingNew(patience: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(look, patience);
      this.#waiting.add(look);
    });
  }

  /** Null where not all parts are there. */
  #whole(name: string, nonce: string): string | null {
    const { words } = this.#options.peers;
    const parts: string[] = [];
    for (let part = 0; ; part += 1) {
      const text = words.get(`${rooms.answers}${name}/table/${part}`);
      const end = text?.indexOf('\n') ?? -1;
      if (text === undefined || end < 0) return null;
      const { nonces, parts: all, fault } = objectIn(text.slice(0, end));
      if (!textsIn(nonces).includes(nonce)) return null;
      if (typeof fault === 'string') throw new Error(`${name}: ${fault.slice(0, 200)}`);
      parts.push(text.slice(end + 1));
      if (parts.length === all) return parts.join('');
    }
  }

  /** What this one asks and answers now. */
  #wanted(): ReadonlyMap<string, string> {
    const { name } = this.#options;
    const now = performance.now();
    for (const [called, { until }] of this.#servers) if (until < now) this.#servers.delete(called);
    const connections = [...this.#servers.values()].map(({ server }) => server).slice(0, mostServers);
    const asks = connections.length > 0 || this.#table !== null;
    const ask: Ask = { connections, table: this.#table };
    return new Map([...(asks ? [[`${rooms.asks}${name}`, JSON.stringify(ask)] as const] : []), ...this.#answers]);
  }

  #go(): void {
    if (this.#timer !== null || this.#isClosed) return;
    void this.#answer().catch(() => {
      // The table could not be read: who asks sees that there is no answer.
    });
  }

  /** Answers what others ask, and again each second, until nobody does. */
  async #answer(): Promise<void> {
    const { name, connections, table } = this.#options;
    const asks = [...this.#options.peers.words]
      .filter(([key]) => key.startsWith(rooms.asks) && key !== `${rooms.asks}${name}`)
      .map(([, text]) => askIn(text));
    const isOver = asks.length === 0 && this.#servers.size === 0;
    if (isOver && this.#answers.size === 0) return;
    // Set first: what comes meanwhile waits for it.
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#go();
    }, countPace).unref();
    const servers = asks.flatMap((ask) => ask.connections).slice(0, mostServers);
    const answers = new Map<string, string>();
    if (servers.length > 0) {
      const counts = await connections(servers);
      answers.set(`${rooms.answers}${name}/connections`, JSON.stringify(Object.fromEntries(counts)));
    }
    const nonces = asks.flatMap((ask) => (ask.table?.of === name ? ask.table.nonce : [])).sort();
    const isSame = nonces.join(' ') === this.#nonces;
    this.#nonces = nonces.join(' ');
    const parts = isSame
      ? [...this.#answers].filter(([key]) => key.includes('/table/'))
      : nonces.length === 0
        ? []
        : partsOf(`${rooms.answers}${name}/table/`, table(), nonces);
    for (const [key, text] of parts) answers.set(key, text);
    this.#answers = answers;
    this.#keys.touch();
  }
}

function partsOf(room: string, table: string, nonces: readonly string[]): (readonly [string, string])[] {
  const head = (more: object): string => `${JSON.stringify({ nonces, ...more })}\n`;
  if (table.length > longestTable) {
    return [[`${room}0`, head({ parts: 1, fault: `its table is longer than ${longestTable} characters` })]];
  }
  const parts = Math.max(1, Math.ceil(table.length / partLength));
  return Array.from({ length: parts }, (_, part) => {
    return [`${room}${part}`, `${head({ parts })}${table.slice(part * partLength, (part + 1) * partLength)}`] as const;
  });
}

/** One text for it. */
export function calledOf({ server, virtual }: NamedServer): string {
  return virtual === null ? server : `${server} in ${virtual}`;
}

function askIn(text: string): Ask {
  const { connections, table } = objectIn(text);
  const servers = Array.isArray(connections) ? connections.flatMap((one: unknown) => serverIn(one) ?? []) : [];
  const { of, nonce } = (typeof table === 'object' && table !== null ? table : {}) as Record<string, unknown>;
  const isTable = typeof of === 'string' && typeof nonce === 'string' && nonce.length <= 64;
  return { connections: servers.slice(0, mostServers), table: isTable ? { of, nonce } : null };
}

function serverIn(value: unknown): NamedServer | null {
  if (typeof value !== 'object' || value === null) return null;
  const { server, virtual = null } = value as Record<string, unknown>;
  if (typeof server !== 'string' || (virtual !== null && typeof virtual !== 'string')) return null;
  return { server, virtual };
}

function isLeft(value: unknown): value is LeftThere {
  if (typeof value !== 'object' || value === null) return false;
  const { active, inactive, clients, open } = value as Record<string, unknown>;
  return [active, inactive, clients, open].every((number) => typeof number === 'number');
}
