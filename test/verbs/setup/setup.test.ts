import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PidFile } from '../../../src/process/pid-file.js';
import { cli, Program } from '../../helpers/process.js';
import { lacks } from '../../helpers/programs.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

async function bench(t: TestContext) {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'web.cf');
  await writeFile(file, 'virtual=203.0.113.10:80\n\treal=10.0.0.1:80 masq\n');
  const setup = async (...args: string[]) => {
    const environment = { ...process.env, LDIRECTORD_RUN_DIR: directory };
    const program = new Program(t, process.execPath, [cli, file, 'setup', ...args], environment);
    const status = await program.exit;
    return { status, text: program.text };
  };
  return { directory, setup };
}

test('a command line that makes no sense ends with 2', async (t) => {
  const { setup } = await bench(t);
  for (const args of [['web1'], ['--undo', '--apply'], ['--undo', '--persist'], ['--all']]) {
    assert.equal((await setup(...args)).status, 2, args.join(' '));
  }
});

test('where nothing was set up, there is nothing to take back', async (t) => {
  const { setup } = await bench(t);
  assert.deepEqual(await setup('--undo'), { status: 0, text: 'nothing was set up' });
});

test('two at once are not let', async (t) => {
  const { directory, setup } = await bench(t);
  const lock = await PidFile.claim(join(directory, 'ldirectord.web.cf.setup.lock'));
  const { status, text } = await setup('--undo');
  assert.equal(status, 1);
  assert.match(text, new RegExp(`another one runs for .*web\\.cf, as process ${process.pid}; wait for its end`));
  await lock?.release();
});

test('a journal that is not understood is put aside and told', async (t) => {
  const { directory, setup } = await bench(t);
  await writeFile(join(directory, 'ldirectord.web.cf.setup'), '{}');
  const { status, text } = await setup('--undo');
  assert.equal(status, 1);
  assert.match(text, /its format is undefined, and not 1: it is now .*setup\.bad/);
  assert.equal((await setup('--undo')).status, 0);
});

test('what is shown for programs is what is shown for people', { skip: lacks('ip') }, async (t) => {
  const { setup } = await bench(t);
  const { status, text } = await setup('--json');
  const shown = await setup();
  assert.equal(shown.status, status, text);
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  const [director] = lines.map((line) => JSON.parse(line) as { server: null; commands: string[] });
  assert.equal(director?.server, null);
  for (const command of director.commands) assert.ok(shown.text.split('\n').includes(command), command);
});

test('a real server that nobody can log in to is told, and the others go on', { skip: lacks('ip') }, async (t) => {
  const { directory, setup } = await bench(t);
  await writeFile(join(directory, 'ldirectord.ini'), `[ssh]\nkey = ${join(directory, 'no-key')}\n`);
  const { status, text } = await setup('--real');
  assert.equal(status, 1, text);
  assert.match(text, /^ldirectord: setup: 10\.0\.0\.1: .*no-key/m);
  assert.equal((await setup('--real', 'nobody')).status, 2);
});

test('for the balancer of this process no machine lacks anything', async (t) => {
  const { directory, setup } = await bench(t);
  await writeFile(join(directory, 'ldirectord.ini'), 'backend = userspace\n');
  for (const args of [[], ['--real', '--apply']]) {
    const { status, text } = await setup(...args);
    assert.match(text, /^ldirectord: setup: nothing to do: the userspace balancer /, args.join(' '));
    assert.equal(status, 0);
  }
});
