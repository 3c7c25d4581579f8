/** etcd by its v3 JSON gateway (etcd's documentation, dev-guide/api_grpc_gateway): the same in 3.4, 3.5 and 3.6. */

import type { Entry, Lease, Outcome, Snapshot, Store, Transaction, Watched } from '../store.js';
import { largestStore, mostOperations } from '../store.js';
import { type CredentialFiles, readCredentials } from './credentials.js';
import { faultOf } from './faults.js';
import { Gateway, type Question, usualDeadline } from './gateway.js';
import { base64, Names, numberOf, part, type Range, textOf } from './names.js';
import { Session } from './session.js';
import { compacted, watchEtcd } from './watch.js';

export interface EtcdOptions {
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly files: CredentialFiles;
  /** Milliseconds for connecting, and for an answer. */
  readonly deadline?: number;
}

/** Keys of one page. */
const pageSize = 1_000;
/** It may be as large as all of the store. */
const pagePatience = 4;
/** Bytes of the keys and values of a transaction: etcd takes 1.5 MiB as it is delivered (--max-request-bytes). */
export const largestTransaction = 1024 * 1024;
/** `{"kvs":[…]}`: around them stand an object and the array. */
const entryDepth = 2;

export async function openEtcd(
  endpoint: string,
  { prefix, files, deadline = usualDeadline }: EtcdOptions,
  signal: AbortSignal,
): Promise<Outcome<Store>> {
  const credentials = await readCredentials(endpoint, files);
  if (!credentials.ok) return credentials;
  const gateway = await Gateway.open(endpoint, credentials.value, deadline);
  if (!gateway.ok) return gateway;
  const session = await Session.open(gateway.value, credentials.value.login, signal);
  if (session.ok) return { ok: true, value: new EtcdStore(gateway.value, session.value, new Names(prefix)) };
  await gateway.value.close();
  return session;
}

class EtcdStore implements Store {
  readonly endpoint: string;
  readonly #gateway: Gateway;
  readonly #session: Session;
  readonly #names: Names;

  constructor(gateway: Gateway, session: Session, names: Names) {
    this.endpoint = gateway.endpoint;
    this.#gateway = gateway;
    this.#session = session;
    this.#names = names;
  }

  async get(
    key: string,
    signal: AbortSignal,
    at: number | null = null,
  ): Promise<Outcome<{ revision: number; entry: Entry | null }>> {
    const body = { key: this.#names.keyOf(key), ...(at !== null && { revision: String(at) }) };
    const page = await this.#page(body, 1, signal);
    if (!page.ok) return page;
    const { revision, entries } = page.value;
    return { ok: true, value: { revision, entry: entries[0] ?? null } };
  }

  async read(signal: AbortSignal): Promise<Outcome<Snapshot>> {
    const entries: Entry[] = [];
    let revision = 0;
    let characters = 0;
    for (let range: Range | null = this.#names.all; range !== null; ) {
      const at = revision === 0 ? {} : { revision: String(revision) };
      const page = await this.#page({ ...range, limit: String(pageSize), ...at }, pagePatience, signal);
      if (!page.ok) return page;
      if (revision === 0) revision = page.value.revision;
      for (const entry of page.value.entries) {
        entries.push(entry);
        characters += entry.key.length + entry.value.length;
      }
      if (entries.length > largestStore.entries || characters > largestStore.characters) {
        return { ok: false, fault: this.#tooLarge() };
      }
      range = page.value.last === null ? null : this.#names.after(page.value.last);
    }
    return { ok: true, value: { revision, entries } };
  }

  async *watch(from: number, signal: AbortSignal): AsyncGenerator<Watched, void> {
    const begun = await this.#session.withToken(
      async (token) => {
        const watch = watchEtcd({ gateway: this.#gateway, names: this.#names, from, token }, signal);
        const { value: first } = await watch.next();
        const news: Watched = first ?? { type: 'ended', fault: compacted(this.endpoint) };
        return news.type === 'ended' ? { ok: false, fault: news.fault } : { ok: true, value: { watch, first: news } };
      },
      true,
      signal,
    );
    if (!begun.ok) {
      yield { type: 'ended', fault: begun.fault };
      return;
    }
    const { watch, first } = begun.value;
    try {
      yield first;
      yield* watch;
    } finally {
      await watch.return(undefined);
    }
  }

  async write({ when = [], operations }: Transaction, signal: AbortSignal): Promise<Outcome<number>> {
    const refusal = this.#objection(when.length, operations);
    if (refusal !== null) return { ok: false, fault: faultOf(this.endpoint, 'refused', 'too-large', refusal) };
    const body = {
      compare: when.map(({ key, revision }) => ({
        key: this.#names.keyOf(key),
        target: 'MOD',
        result: 'EQUAL',
        mod_revision: String(revision),
      })),
      success: operations.map((one) => {
        const key = this.#names.keyOf(one.key);
        if (one.type === 'delete') return { request_delete_range: { key } };
        return { request_put: { key, value: base64(one.value), ...(one.lease && { lease: one.lease }) } };
      }),
    };
    const outcome = await this.#session.ask('/v3/kv/txn', body, false, signal);
    if (!outcome.ok) return outcome;
    if (part(outcome.value, 'succeeded') !== true) {
      const message = 'somebody else has written it meanwhile; nothing was done';
      return { ok: false, fault: faultOf(this.endpoint, 'conflict', 'condition', message) };
    }
    return { ok: true, value: numberOf(part(outcome.value, 'header', 'revision')) };
  }

  async grant(seconds: number, signal: AbortSignal): Promise<Outcome<Lease>> {
    const outcome = await this.#session.ask('/v3/lease/grant', { TTL: String(seconds) }, true, signal);
    if (!outcome.ok) return outcome;
    const lease = part(outcome.value, 'ID');
    if (typeof lease !== 'string') return { ok: false, fault: this.#gateway.malformed() };
    return { ok: true, value: lease };
  }

  async keepAlive(lease: Lease, signal: AbortSignal): Promise<Outcome<void>> {
    const outcome = await this.#session.ask('/v3/lease/keepalive', { ID: lease }, true, signal);
    if (!outcome.ok) return outcome;
    if (numberOf(part(outcome.value, 'result', 'TTL')) > 0) return { ok: true, value: undefined };
    const message = `the lease ${lease} is over; another one is asked for`;
    return { ok: false, fault: faultOf(this.endpoint, 'lease-lost', 'lease-not-found', message) };
  }

  async revoke(lease: Lease, signal: AbortSignal): Promise<Outcome<void>> {
    const outcome = await this.#session.ask('/v3/lease/revoke', { ID: lease }, true, signal);
    return outcome.ok ? { ok: true, value: undefined } : outcome;
  }

  close(): Promise<void> {
    return this.#gateway.close();
  }

  #page(body: unknown, patience: number, signal: AbortSignal): Promise<Outcome<Page>> {
    const ask = (token: string | null) => this.#pageOf({ path: '/v3/kv/range', body, token }, patience, signal);
    return this.#session.withToken(ask, true, signal);
  }

  async #pageOf(question: Question, patience: number, signal: AbortSignal): Promise<Outcome<Page>> {
    const entries: Entry[] = [];
    let characters = 0;
    let last: unknown;
    let rest: unknown;
    const how = { depth: entryDepth, patience, lasts: false };
    for await (const got of this.#gateway.listen(question, how, signal)) {
      if (got.type === 'fault') return { ok: false, fault: got.fault };
      for (const { type, text } of got.pieces) {
        const parsed = this.#gateway.parse(text);
        if (!parsed.ok) return parsed;
        if (type === 'rest') {
          rest = parsed.value;
          continue;
        }
        last = part(parsed.value, 'key');
        const key = this.#names.nameOf(last);
        if (key === null) continue;
        const value = textOf(part(parsed.value, 'value'));
        characters += key.length + value.length;
        if (characters > largestStore.characters) return { ok: false, fault: this.#tooLarge() };
        entries.push({ key, value, revision: numberOf(part(parsed.value, 'mod_revision')) });
      }
    }
    if (part(rest, 'header') === undefined) return { ok: false, fault: this.#gateway.malformed() };
    const hasMore = part(rest, 'more') === true;
    const revision = numberOf(part(rest, 'header', 'revision'));
    return { ok: true, value: { revision, entries, last: hasMore && typeof last === 'string' ? last : null } };
  }

  #objection(conditions: number, operations: Transaction['operations']): string | null {
    if (conditions > mostOperations || operations.length > mostOperations) {
      return `etcd takes ${mostOperations} operations in a transaction`;
    }
    let bytes = 0;
    for (const one of operations) {
      bytes += Buffer.byteLength(one.key) + (one.type === 'put' ? Buffer.byteLength(one.value) : 0);
    }
    return bytes <= largestTransaction ? null : `a transaction has at most ${largestTransaction / 1024 / 1024} MiB`;
  }

  #tooLarge() {
    const { entries, characters } = largestStore;
    const most = `${entries} keys or ${characters / 1024 / 1024} MiB`;
    const message = `more than ${most} stand under the prefix: is it one that nobody else uses?`;
    return faultOf(this.endpoint, 'refused', 'too-large', message);
  }
}

/** Some of the keys of a range. */
interface Page {
  readonly revision: number;
  readonly entries: readonly Entry[];
  /** The last one, as it came; null where there are no more. */
  readonly last: string | null;
}
