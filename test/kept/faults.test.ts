import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../helpers/deadline.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const helper = fileURLToPath(new URL('../helpers/keeping.js', import.meta.url));

test('a process that is killed in the middle of writing leaves lines that are whole, and nothing is told', async (t) => {
  const folder = await temporaryDirectory(t);
  let before = 0;
  for (let life = 0; life < 12; life += 1) {
    const child = spawn(process.execPath, [helper, 'flood', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    let words = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    await until('it has begun', () => words.endsWith('\n'));
    const [known, lost] = words.split(' ').map(Number);
    assert.deepEqual([known === 0, lost], [life === 0, 0]);
    const numbers = async (): Promise<number[]> => {
      const text = await readFile(join(folder, 'count'), 'utf8').catch(() => '');
      return text.split('\n').slice(1, -1).map(Number);
    };
    await until('it has written more', async () => ((await numbers()).at(-1) ?? 0) > before);
    // At another moment of its writing each time.
    await sleep(life * 3);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const found = await numbers();
    assert.ok(found.length > 0 && found.every((number) => number > 0), 'no line is broken');
    before = found.at(-1) ?? 0;
  }
});

const skip = process.getuid?.() === 0 ? lacks('unshare') || lacks('mount') : 'only root can mount';

test('a disk that is full is told once, keeps nothing else from its work, and is written to when it has room', {
  skip,
}, async (t) => {
  const folder = join(await temporaryDirectory(t), 'disk');
  await mkdir(folder);
  const script = 'mount -t tmpfs -o size=256k none "$1" && exec "$2" "$3" full "$1"';
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, helper],
    { timeout: 60_000 },
  );
  const { losses, last } = JSON.parse(stdout) as { losses: string[]; last: number };
  assert.equal(losses.length, 1);
  assert.match(losses[0] ?? '', /^a restart will not know it: .*disk: ENOSPC/);
  assert.ok(last > 1_000);
});
