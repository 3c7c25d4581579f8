/** Directors that choose by `mh` choose alike where their kernels were given the servers in one order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Destination } from '../../src/ipvs/table.js';
import { plan } from '../../src/reconcile/plan.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf } from '../helpers/standings.js';

const servers = [1, 2, 3, 4, 5, 6];

function configWith(quiescent: 'yes' | 'no') {
  const reals = servers.map((number) => `\treal=10.0.0.${number}:80 gate\n`).join('');
  return configOf(`quiescent=${quiescent}\nvirtual=192.0.2.1:80\n${reals}\tscheduler=mh\n`);
}

/** The order in which a director's kernel gets them, as they come to be healthy, some at a time. */
function addedBy(config: ReturnType<typeof configOf>, course: readonly (readonly number[])[]): string[] {
  const added: string[] = [];
  let table: Parameters<typeof plan>[1] = new Map();
  for (const up of course) {
    const wanted = wantedOf(config, ({ host }) => up.includes(Number(host.address?.split('.')[3])));
    for (const operation of plan(wanted, table, new Set())) {
      if (operation.type === 'add-destination') added.push(operation.destination.address);
    }
    table = new Map(
      [...wanted].map(([key, { service, destinations }]) => {
        const standing = [...destinations].map(
          ([place, destination]): [
            string,
            Destination & { activeConnections: number; inactiveConnections: number },
          ] => [place, { ...destination, activeConnections: 0, inactiveConnections: 0 }],
        );
        return [key, { service, destinations: new Map(standing) }];
      }),
    );
  }
  return added;
}

const some = fc.subarray(servers);

test('with quiescent=yes they are added once, in the order of the file, whatever happens to them', () => {
  const inOrder = servers.map((number) => `10.0.0.${number}`);
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 10 }), (course) => {
      assert.deepEqual(addedBy(configWith('yes'), course), inOrder);
    }),
  );
});

test('with quiescent=no those that come together are added in the order of the file', () => {
  fc.assert(
    fc.property(some, (up) => {
      assert.deepEqual(
        addedBy(configWith('no'), [[], up]),
        up.map((number) => `10.0.0.${number}`),
      );
    }),
  );
});
