/** A mirror of a store in etcd, and everything that it has told. */

import assert from 'node:assert/strict';
import type { CredentialFiles } from '../../../src/directors/store/etcd/credentials.js';
import { openEtcd } from '../../../src/directors/store/etcd/etcd-store.js';
import { versionKey } from '../../../src/directors/store/frame.js';
import { Mirror, type MirrorNews, usualPace } from '../../../src/directors/store/mirror.js';
import type { Open } from '../../../src/directors/store/store.js';
import { until } from '../../helpers/deadline.js';

export const noFiles: CredentialFiles = {
  user: null,
  passwordFile: null,
  caFile: null,
  certFile: null,
  keyFile: null,
};

export interface Mirrored {
  readonly mirror: Mirror;
  readonly news: readonly MirrorNews[];
  /** How often everything was read. */
  readonly reads: number;
  /** Waits for the next news of a kind, after those that were waited for. */
  next<T extends MirrorNews['type']>(type: T): Promise<Extract<MirrorNews, { type: T }>>;
  /** Waits until the copy is like that, without the version. */
  copies(expected: Readonly<Record<string, string>>): Promise<void>;
  put(key: string, value: string): Promise<void>;
}

export interface MirroredOptions {
  readonly endpoints: readonly string[];
  readonly prefix?: string;
  readonly files?: CredentialFiles;
  /** Milliseconds for an answer. */
  readonly deadline?: number;
}

/** Faster than a director's, so that tests are. */
const pace = { ...usualPace, first: 50, longest: 400, look: 150, settled: 300, lease: 2 };

export function mirrored(
  t: { after(release: () => Promise<void>): void },
  { endpoints, prefix = '/ldirectord/test', files = noFiles, deadline = 5_000 }: MirroredOptions,
): Mirrored {
  const news: MirrorNews[] = [];
  let reads = 0;
  let seen = 0;
  const open: Open = async (endpoint, signal) => {
    const opened = await openEtcd(endpoint, { prefix, files, deadline }, signal);
    if (!opened.ok) return opened;
    const store = opened.value;
    const read = store.read.bind(store);
    store.read = (signal) => {
      reads += 1;
      return read(signal);
    };
    return opened;
  };
  const mirror = new Mirror({
    endpoints,
    open,
    onNews: (one) => news.push(one),
    name: 'test',
    pace,
  });
  t.after(() => mirror.close());
  mirror.begin();
  const texts = () => {
    const entries = [...mirror.entries].filter(([key]) => key !== versionKey);
    return Object.fromEntries(entries.map(([key, { value }]) => [key, value]).toSorted());
  };
  return {
    mirror,
    news,
    get reads() {
      return reads;
    },
    async next(type) {
      const found = () => news.findIndex((one, index) => index >= seen && one.type === type);
      await until(
        () => `news are ${type}: ${JSON.stringify(news.slice(seen))}`,
        () => found() >= 0,
      );
      seen = found() + 1;
      return news[seen - 1] as never;
    },
    async copies(expected) {
      await until(
        () => `the copy is ${JSON.stringify(expected)}, not ${JSON.stringify(texts())}`,
        () => JSON.stringify(texts()) === JSON.stringify(expected),
      );
    },
    async put(key, value) {
      const outcome = await mirror.write({ operations: [{ type: 'put', key, value }] });
      assert.ok(outcome.ok, outcome.ok ? '' : outcome.fault.message);
    },
  };
}
