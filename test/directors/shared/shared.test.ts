import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asUsual } from '../../../src/directors/shared/observation.js';
import { noReplicaFile } from '../../../src/directors/shared/replica-file.js';
import { type Self, Shared } from '../../../src/directors/shared/shared.js';
import { until } from '../../helpers/deadline.js';
import { well } from './well.js';

test('that a director has become ready is told though nothing else changes', async (t) => {
  let self: Self = { ...well, ready: false, unready: 'the first table does not stand yet' };
  const told: string[] = [];
  const shared = new Shared({
    name: 'lb1',
    link: {
      write: async ({ operations }) => {
        for (const one of operations) if (one.type === 'put' && one.key === 'directors/lb1') told.push(one.value);
        return { ok: true, value: 1 };
      },
    },
    file: noReplicaFile,
    publish: () => {},
    self: () => self,
    observe: () => ({ observation: asUsual, servers: 1, down: 0 }),
    isByVote: () => false,
    onOverrides: () => {},
    onVotes: () => {},
    connections: async () => new Map(),
    table: () => '',
  });
  t.after(() => shared.close());
  shared.hear({ type: 'leased', lease: '1' }, new Map());
  shared.hear({ type: 'back', isOfAnotherPast: false, revision: 1, endpoint: 'http://a' }, new Map());
  await until('it says that it is not', () => told.length > 0);
  assert.match(told.at(-1) ?? '', /"ready":false/);
  self = well;
  await until('it says that it is', () => told.at(-1)?.includes('"ready":true') === true);
});
