/** The tests of a family of servers, one for each case; the last one prints what came of them. */

import assert from 'node:assert/strict';
import { after, before, describe, it, test } from 'node:test';
import { answerTo, type Served, type Started } from './case.js';
import { absentRow, type Row, rowOf, tableOf } from './rows.js';

export function tested(family: readonly Served[]): void {
  const rows: Row[] = [];
  for (const served of family) {
    const { service, server: name, settings, missing } = served;
    if (missing !== false) rows.push(absentRow(served));
    describe(`${service}, ${name}, ${settings}`, { skip: missing }, () => {
      let server: Started | undefined;
      before(async () => {
        server = await served.start();
      });
      after(() => server?.close());
      for (const one of served.cases) {
        it(one.name, async () => {
          assert.ok(server);
          const found = await answerTo(served, one, server);
          rows.push(rowOf(served, one, found));
          assert.match(found.reason, one.says, server.log().slice(-2000));
          assert.equal(found.ok, one.up, found.reason);
        });
      }
    });
  }
  test('what came of them', (t) => {
    for (const line of tableOf(rows)) t.diagnostic(line);
  });
}
