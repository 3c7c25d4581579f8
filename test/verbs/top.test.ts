/** `top` on a real terminal, which it gives back as it was however it ends. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';

const leave = '\u001b[?25h\u001b[?1049l';

async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '');
  return Number(children.trim().split(' ')[0] || 0);
}

test('top on a terminal: keys, and the terminal as it was, however it ends', { skip: lacks('script') }, async (t) => {
  const instances = await Instances.open(t);
  const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 3\n\treal=10.0.0.2:80 gate\n\tchecktype=on\n';
  const web = await instances.create('web.cf', text);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  const env = { ...web.environment, TERM: 'xterm' };
  const open = (): Program => {
    const command = `stty cols 80 rows 24; ${process.execPath} ${cli} ${web.file} top; echo ended with $?; stty -a`;
    return new Program(t, 'script', ['-qec', `sh -c '${command}'`, '/dev/null'], env);
  };
  const assertRestored = async (program: Program): Promise<void> => {
    await program.line(/ended with 0/);
    await program.line(/ icanon /);
    assert.ok(program.text.includes(leave));
    assert.equal(await program.exit, 0);
  };

  const pressed = open();
  await pressed.line(/10\.0\.0\.1:80 .*up/);
  pressed.send('w');
  await pressed.line(/by weight/);
  pressed.send('/0.2\r');
  await pressed.line(/filter 0\.2/);
  pressed.send('q');
  await assertRestored(pressed);

  for (const how of ['SIGTERM', 'SIGHUP', 'ctrl-c'] as const) {
    const program = open();
    await program.line(/10\.0\.0\.1:80 .*up/);
    if (how === 'ctrl-c') program.send('\u0003');
    else {
      const shell = await childOf(program.child.pid ?? 0);
      let pid = 0;
      await until('the program runs', async () => {
        for (let next = shell; next !== 0; next = await childOf(next)) pid = next;
        return (await readFile(`/proc/${pid}/cmdline`, 'latin1')).includes('top');
      });
      process.kill(pid, how);
    }
    await assertRestored(program);
  }
  assert.equal((await web.run('stop')).code, 0);
});
