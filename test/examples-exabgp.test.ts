/** The process that stands between us and ExaBGP: what it passes on, and what it says where it hears nothing more. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExabgpAnnouncer } from '../src/directors/announce/by-exabgp.js';
import { until } from './helpers/deadline.js';
import { Program } from './helpers/process.js';
import { lacks } from './helpers/programs.js';
import { repository } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const script = `${repository}examples/cluster/exabgp/ldirectord.py`;
const route = { address: '192.0.2.1', family: 'inet', announced: 'well', isLasting: false } as const;

test('what is said is passed on; what is not repeated is withdrawn, and said again it is announced again', {
  skip: lacks('python3'),
}, async (t) => {
  const pipe = join(await temporaryDirectory(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const relay = new Program(t, 'python3', [script, pipe, '3']);
  const lines = () => relay.lines.map(({ text }) => text);
  const start = () => {
    const announcer = new ExabgpAnnouncer(pipe, { onChange: () => {}, lookDelay: 20, repeatDelay: 300 });
    t.after(() => announcer.leave());
    announcer.announce(new Map([[route.address, route]]));
    return announcer;
  };
  const first = start();
  await until('it is announced', () => lines().includes('announce route 192.0.2.1/32 next-hop self med 100'));
  // ExaBGP answers what nobody asks for.
  relay.child.stdin.write('done\n'.repeat(1_000));
  await until('it is repeated', () => lines().length > 12);
  assert.ok(lines().every((line) => line.startsWith('announce ')));
  await first.leave();
  await until('it is withdrawn', () => lines().at(-1) === 'withdraw route 192.0.2.1/32 next-hop self');
  const { length } = lines();
  start();
  await until('it is announced again', () => lines().length > length);
  relay.child.stdin.end();
  assert.equal(await relay.exit, 0);
});

test('what is no announcement is not passed on, nor is half a line', { skip: lacks('python3') }, async (t) => {
  const pipe = join(await temporaryDirectory(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const relay = new Program(t, 'python3', [script, pipe]);
  execFileSync('sh', [
    '-c',
    `printf 'shutdown\\n\\nannounce eor ipv4 unicast\\nwithdraw route 192.0.2.2/32 next-hop self\\nannounce ro' > ${pipe}`,
  ]);
  await until('it has read', () => relay.lines.length > 0);
  execFileSync('sh', ['-c', `printf 'announce route 192.0.2.3/32 next-hop self med 100\\n' > ${pipe}`]);
  await until('it has read more', () => relay.lines.length > 1);
  assert.deepEqual(
    relay.lines.map(({ text }) => text),
    ['withdraw route 192.0.2.2/32 next-hop self', 'announce route 192.0.2.3/32 next-hop self med 100'],
  );
});
