/** What every store has to do, run against each of them. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mostOperations, type Outcome, type Store, type Watched } from '../../../src/directors/store/store.js';
import { within } from '../../helpers/deadline.js';

export interface Subject {
  /** Another connection to the same store, under a prefix of the test's own. */
  open(prefix: string): Promise<Store>;
  /** Forgets the changes up to a revision. */
  compact(revision: number): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

export function valueOfOutcome<T>(outcome: Outcome<T>): T {
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.fault.message);
  return outcome.value;
}

/** Takes what a watch brings, in order. */
export class Watcher {
  readonly #end = new AbortController();
  readonly #stream: AsyncGenerator<Watched, void>;

  constructor(store: Store, from: number) {
    this.#stream = store.watch(from, this.#end.signal);
  }

  async next(): Promise<Watched> {
    const { value } = await within('the watch', this.#stream.next());
    return value ?? assert.fail('the watch has ended without a word');
  }

  /** Everything up to a revision, but for the opening: a word for each change. */
  async until(revision: number): Promise<string[]> {
    const words: string[] = [];
    for (;;) {
      const news = await this.next();
      if (news.type === 'ended') assert.fail(news.fault.message);
      if (news.type === 'changes') {
        for (const change of news.changes) {
          words.push(change.type === 'put' ? `${change.key}=${change.value}` : `-${change.key}`);
        }
      }
      if (news.type === 'reached' && news.revision >= revision) return words;
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#stream.return(undefined);
  }
}

export function storeConformance(name: string, start: () => Promise<Subject>, skip: string | false): void {
  describe(`store: ${name}`, { skip }, () => {
    let subject: Subject;
    let prefixes = 0;
    before(async () => {
      subject = await start();
    });
    after(() => subject?.close());

    async function open(t: { after(release: () => Promise<void>): void }, prefix?: string): Promise<Store> {
      prefixes += 1;
      const store = await subject.open(prefix ?? `/ldirectord/test${prefixes}`);
      t.after(() => store.close());
      return store;
    }
    const put = (key: string, value: string) => ({ type: 'put', key, value }) as const;
    const write = async (store: Store, ...operations: Parameters<Store['write']>[0]['operations']) =>
      valueOfOutcome(await store.write({ operations }, never));

    test('what is written is read, with the revision that wrote it', async (t) => {
      const store = await open(t);
      const first = await write(store, put('a', '1'), put('b/c', 'Grüße, "ja"\n'));
      const second = await write(store, put('a', '2'), put('empty', ''));
      assert.ok(second > first);
      const { revision, entries } = valueOfOutcome(await store.read(never));
      assert.ok(revision >= second);
      assert.deepEqual(entries, [
        { key: 'a', value: '2', revision: second },
        { key: 'b/c', value: 'Grüße, "ja"\n', revision: first },
        { key: 'empty', value: '', revision: second },
      ]);
      assert.deepEqual(valueOfOutcome(await store.get('a', never)).entry, { key: 'a', value: '2', revision: second });
      assert.equal(valueOfOutcome(await store.get('none', never)).entry, null);
    });

    test('nobody sees what stands beside the prefix', async (t) => {
      const [store, longer, shorter] = [
        await open(t, '/beside/a'),
        await open(t, '/beside/ab'),
        await open(t, '/beside'),
      ];
      await write(longer, put('x', '1'));
      await write(shorter, put('a0', '1'), put('a', '1'));
      const { entries } = valueOfOutcome(await store.read(never));
      assert.deepEqual(entries, []);
    });

    test('more than a page is read as of one revision', async (t) => {
      const store = await open(t);
      const names = Array.from({ length: 1_100 }, (_, index) => `k${String(index).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += mostOperations) {
        await write(store, ...names.slice(at, at + mostOperations).map((key) => put(key, key)));
      }
      const { entries } = valueOfOutcome(await store.read(never));
      assert.deepEqual(
        entries.map(({ key }) => key),
        names,
      );
    });

    test('a write whose condition does not hold does nothing', async (t) => {
      const store = await open(t);
      const first = valueOfOutcome(
        await store.write({ when: [{ key: 'a', revision: 0 }], operations: [put('a', '1'), put('b', '1')] }, never),
      );
      const refused = await store.write({ when: [{ key: 'a', revision: 0 }], operations: [put('b', '2')] }, never);
      assert.equal(refused.ok ? null : refused.fault.kind, 'conflict');
      const conditions = [
        { key: 'a', revision: first },
        { key: 'c', revision: 0 },
      ];
      await store.write({ when: conditions, operations: [put('b', '3'), { type: 'delete', key: 'a' }] }, never);
      const { entries } = valueOfOutcome(await store.read(never));
      assert.deepEqual(
        entries.map(({ key, value }) => `${key}=${value}`),
        ['b=3'],
      );
    });

    test('what is too much for one transaction is refused', async (t) => {
      const store = await open(t);
      const many = Array.from({ length: mostOperations + 1 }, (_, index) => put(`k${index}`, ''));
      for (const operations of [many, [put('a', 'x'.repeat(2 * 1024 * 1024))]]) {
        const outcome = await store.write({ operations }, never);
        assert.equal(outcome.ok ? null : outcome.fault.code, 'too-large');
      }
    });

    test('a watch brings what was written since, and what is written, in order', async (t) => {
      const [store, other] = [await open(t, '/watched'), await open(t, '/watched')];
      const from = await write(other, put('a', '0'));
      await write(other, put('a', '1'), put('b', '1'));
      const watcher = new Watcher(store, from + 1);
      t.after(() => watcher.close());
      assert.deepEqual(await watcher.next(), { type: 'opened' });
      await write(other, { type: 'delete', key: 'a' }, put('c', 'Ä'));
      const last = await write(other, put('c', ''));
      assert.deepEqual(await watcher.until(last), ['a=1', 'b=1', '-a', 'c=Ä', 'c=']);
      const next = await write(store, put('own', '1'));
      assert.deepEqual(await watcher.until(next), ['own=1']);
    });

    test('a flood comes whole, however slowly it is taken off', async (t) => {
      const [store, other] = [await open(t, '/flood'), await open(t, '/flood')];
      const from = await write(other, put('first', ''));
      const watcher = new Watcher(store, from + 1);
      t.after(() => watcher.close());
      await watcher.next();
      const value = 'v'.repeat(4_000);
      let last = 0;
      for (let turn = 0; turn < 20; turn += 1) {
        const operations = Array.from({ length: 100 }, (_, index) => put(`k${turn}.${index}`, `${value}${turn}`));
        last = await write(other, ...operations);
      }
      const words = await watcher.until(last);
      assert.equal(words.length, 2_000);
      assert.equal(new Set(words).size, 2_000);
      assert.ok(words.every((word) => word.includes(value)));
    });

    test('a watch of what has been compacted says so', async (t) => {
      const store = await open(t);
      const from = await write(store, put('a', '1'));
      const last = await write(store, put('a', '2'));
      await subject.compact(last);
      const watcher = new Watcher(store, from);
      t.after(() => watcher.close());
      let news = await watcher.next();
      if (news.type === 'opened') news = await watcher.next();
      assert.equal(news.type === 'ended' ? news.fault.kind : news.type, 'compacted');
    });

    test('a watch of revisions that are to come still says that there are none', async (t) => {
      const store = await open(t);
      const watcher = new Watcher(store, 1_000_000);
      t.after(() => watcher.close());
      const news = await watcher.next();
      assert.equal(news.type === 'ended' ? news.fault.code : news.type, 'another-past');
    });

    test('what is written with a lease goes with it', async (t) => {
      const store = await open(t);
      const lease = valueOfOutcome(await store.grant(60, never));
      const from = await write(store, { ...put('mine', '1'), lease });
      valueOfOutcome(await store.keepAlive(lease, never));
      const watcher = new Watcher(store, from + 1);
      t.after(() => watcher.close());
      await watcher.next();
      valueOfOutcome(await store.revoke(lease, never));
      assert.deepEqual(await watcher.until(from + 1), ['-mine']);
      const lost = await store.keepAlive(lease, never);
      assert.equal(lost.ok ? null : lost.fault.kind, 'lease-lost');
      const written = await store.write({ operations: [{ ...put('mine', '2'), lease }] }, never);
      assert.equal(written.ok ? null : written.fault.kind, 'lease-lost');
    });

    test('a lease that nobody keeps alive is over', async (t) => {
      const store = await open(t);
      const lease = valueOfOutcome(await store.grant(1, never));
      const from = await write(store, { ...put('mine', '1'), lease });
      const watcher = new Watcher(store, from + 1);
      t.after(() => watcher.close());
      await watcher.next();
      assert.deepEqual(await watcher.until(from + 1), ['-mine']);
    });

    test('what is given up ends at once, and closing ends everything', async (t) => {
      const store = await open(t);
      const gone = new AbortController();
      gone.abort();
      const outcome = await store.read(gone.signal);
      assert.equal(outcome.ok ? null : outcome.fault.code, 'aborted');
      const { revision } = valueOfOutcome(await store.read(never));
      const watcher = new Watcher(store, revision + 1);
      await watcher.next();
      const [ended] = await Promise.all([
        (async () => {
          for (;;) {
            const news = await watcher.next();
            if (news.type === 'ended') return news.fault;
          }
        })(),
        store.close(),
      ]);
      assert.ok(ended.message.length > 0);
      const after = await store.get('a', never);
      assert.equal(after.ok, false);
    });
  });
}
