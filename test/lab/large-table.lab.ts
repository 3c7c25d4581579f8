/** A large table: what a small change costs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDirector, WatchedBackend } from './inside/director.js';
import { savedRules } from './inside/table.js';

const virtuals = 1_000;
const serversEach = 10;
const rules = virtuals * (1 + serversEach);

/** The last server of the last virtual has this weight. */
function text(lastWeight: number): string {
  const sections: string[] = [];
  for (let virtual = 0; virtual < virtuals; virtual += 1) {
    const network = `${Math.floor(virtual / 250)}.${(virtual % 250) + 1}`;
    const servers = Array.from({ length: serversEach }, (_, server) => {
      const isLast = virtual === virtuals - 1 && server === serversEach - 1;
      return `\treal=10.${network}.${server + 1}:80 masq ${isLast ? lastWeight : 1}\n`;
    });
    sections.push(`virtual=172.16.${network}:80\n${servers.join('')}\tchecktype=on\n\tprotocol=tcp\n`);
  }
  return sections.join('');
}

test('one changed weight among them is one operation', async (t) => {
  let sent = 0;
  const backend = await WatchedBackend.open((kernel, operations) => {
    sent += operations.length;
    return kernel.apply(operations);
  });
  const director = await startDirector(t, text(1), backend);
  assert.equal(sent, rules);
  sent = 0;
  await director.reload(text(7));
  assert.equal(sent, 1);
  const changed = (await savedRules()).filter((rule) => rule.endsWith(' -w 7'));
  assert.deepEqual(changed, ['-a -t 172.16.3.250:80 -r 10.3.250.10:80 -m -w 7']);
});
