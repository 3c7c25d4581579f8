/** A large table: what a small change costs, and what does not wait for a large one. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { run } from './inside/command.js';
import { startDirector, WatchedBackend } from './inside/director.js';
import { eventually } from './inside/eventually.js';
import { savedRules, weights } from './inside/table.js';

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

/** In one service, where the kernel's own work grows with the square of this. */
const crowd = Number(process.env['LARGE_SERVICE'] ?? 6_000);

function crowdText(weight: number): string {
  const servers = Array.from(
    { length: crowd },
    (_, index) => `\treal=10.${index >> 8}.${index & 255}.1:80 masq ${weight}\n`,
  );
  return `checkinterval=1
virtual=172.16.0.1:80
${servers.join('')}	checktype=on
	cleanstop=no
virtual=172.16.0.2:80
	real=127.0.0.1:8081 masq
	fallback=127.0.0.1:8082 masq
	checktype=connect
`;
}

test('a server that dies elsewhere does not wait for a large service, of which every change is told', async (t) => {
  const server = createServer((socket) => socket.destroy());
  server.listen(8081, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(() => run('ipvsadm', '-C'));
  const began = performance.now();
  const { lines, times, reload } = await startDirector(t, crowdText(1));
  const started = performance.now();
  const count = (words: string): number => lines.filter((line) => line.startsWith(words)).length;
  assert.equal(count('Added real server: 10.'), crowd);
  const small = '172.16.0.2:80';
  await eventually('the small service is served', () =>
    lines.includes(`Added real server: 127.0.0.1:8081 (${small}) (Weight set to 1)`),
  );

  const reloading = reload(crowdText(2));
  await eventually('the large service is being changed', () => count('Restored real server: 10.') > 0);
  server.close();
  const failed = await place(lines, `Check failed: 127.0.0.1:8081 (tcp:${small})`);
  const gone = await place(lines, `Deleted real server: 127.0.0.1:8081 (${small})`);
  const changedBefore = count('Restored real server: 10.');
  await reloading;
  const waited = (times[gone] ?? 0) - (times[failed] ?? 0);
  t.diagnostic(
    `${crowd} destinations: start ${seconds(started - began)}, reload ${seconds(performance.now() - started)}; ` +
      `${Math.round(waited)} ms and ${gone - failed} lines from the failed check to the change, ` +
      `when ${changedBefore} had been changed`,
  );
  assert.ok(changedBefore < crowd, 'it had not to wait for all');
  // The portion under way, and those with its fallback and itself.
  assert.ok(gone - failed < 3 * 512 + 10, `${gone - failed} lines later`);
  const rest = lines.filter((line) => !/^(Added|Restored) real server: 10\./.test(line));
  assert.equal(count('Restored real server: 10.'), crowd, rest.join('\n'));
  assert.equal(count('Table changed by somebody else'), 0);
  const standing = weights().get('TCP AC100001:0050');
  assert.equal(standing?.size, crowd);
  assert.deepEqual(new Set(standing?.values()), new Set([2]));
});

/** Where the first such line is, once it has come. */
async function place(lines: readonly string[], words: string): Promise<number> {
  let found = -1;
  await eventually(words, () => {
    found = lines.findIndex((line) => line.startsWith(words));
    return found >= 0;
  });
  return found;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
