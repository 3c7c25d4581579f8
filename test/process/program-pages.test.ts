import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { unchangedOf } from '../../src/process/program-pages.js';

const smaps = `
00400000-00b72000 r--p 00000000 08:01 1234                               /usr/bin/node
Size:               7624 kB
Anonymous:             0 kB
00b72000-02601000 r-xp 00772000 08:01 1234                               /usr/bin/node
Anonymous:             0 kB
AnonHugePages:         0 kB
0563c000-0563e000 r--p 0523b000 08:01 1234                               /usr/bin/node
Anonymous:             8 kB
0563e000-0565d000 rw-p 0523d000 08:01 1234                               /usr/bin/node
Anonymous:             0 kB
0565d000-0567d000 rw-p 00000000 00:00 0
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 08:01 99                         /usr/lib/koffi.node
Anonymous:             0 kB
`;

test('of a file what was written to stays, and so does what is another’s', () => {
  assert.deepEqual(unchangedOf('/usr/bin/node', smaps), [
    { address: 0x400000n, length: 0x772000n },
    { address: 0xb72000n, length: 0x1a8f000n },
  ]);
  assert.deepEqual(unchangedOf('/usr/bin/node', smaps.replaceAll('bin/node', 'bin/node (deleted)')), []);
  assert.deepEqual(unchangedOf('/usr/bin/node', ''), []);
});

test('a program goes on that has let go of its pages, with less of them', () => {
  const module = new URL('../../src/process/program-pages.js', import.meta.url);
  const source = `
    import { readFileSync } from 'node:fs';
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    const { letGoOfProgram } = await import('${module}');
    const pages = () => Number(/^RssFile:\\s*(\\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
    const before = pages();
    for (let time = 0; time < 3; time += 1) await letGoOfProgram();
    const after = pages();
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(eval("6 * 7"))', { eval: true, execArgv: [] });
    const [answer] = await once(worker, 'message');
    console.log(JSON.stringify({ before, after, answer }));
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
  const { before, after, answer } = JSON.parse(stdout);
  assert.equal(answer, 42);
  assert.ok(after < before, `${after} kB, before ${before} kB`);
});
