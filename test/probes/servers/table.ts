/**
 * Starts the real servers one after another, asks each, and prints what came of it; words behind it take only what has
 * one of them in the name of its service, server or settings:
 * `node build/test/probes/servers/table.js [WORD …]`
 */

import { releaseKept } from '../../../src/probes/release.js';
import { answerTo, type Served } from './case.js';
import { families } from './families.js';
import { absentRow, isRight, type Row, rowOf, tableOf } from './rows.js';

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const all = families.filter(({ service, server, settings }) => {
  const title = `${service} ${server} ${settings}`.toLowerCase();
  return words.length === 0 || words.some((word) => title.includes(word));
});

async function rowsOf(served: Served): Promise<Row[]> {
  if (served.missing !== false) return [absentRow(served)];
  const server = await served.start();
  const rows: Row[] = [];
  try {
    for (const one of served.cases) {
      const found = await answerTo(served, one, server);
      rows.push(rowOf(served, one, found));
      if (!isRight(one, found))
        console.error(`${served.server}, ${one.name}: ${found.reason}\n${server.log().slice(-1000)}`);
    }
  } finally {
    await releaseKept();
    await server.close();
  }
  return rows;
}

const rows: Row[] = [];
for (const served of all) {
  try {
    rows.push(...(await rowsOf(served)));
  } catch (error) {
    rows.push(absentRow({ ...served, missing: 'it fails, see above' }));
    console.error(`${served.server}, ${served.settings}: ${String(error)}`);
  }
}
console.log(tableOf(rows).join('\n'));
