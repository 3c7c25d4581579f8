/** `top` on a real terminal, which it gives back as it was however it ends. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../helpers/deadline.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';

const run = promisify(execFile);

const leave = '\u001b[?25h\u001b[?1049l';

async function childOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1').catch(() => '');
  return Number(children.trim().split(' ')[0] || 0);
}

async function director(t: TestContext): Promise<Instance> {
  const instances = await Instances.open(t);
  const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 3\n\treal=10.0.0.2:80 gate\n\tchecktype=on\n';
  const web = await instances.create('web.cf', text);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  return web;
}

function open(t: TestContext, web: Instance, environment: NodeJS.ProcessEnv = {}): Program {
  const command = `stty cols 80 rows 24; ${process.execPath} ${cli} ${web.file} top; echo ended with $?; stty -a`;
  const env = { ...web.environment, TERM: 'xterm', ...environment };
  return new Program(t, 'script', ['-qec', `sh -c '${command}'`, '/dev/null'], env);
}

/** Of top itself, and not of the shell around it. */
async function pidOf(program: Program): Promise<number> {
  const shell = await childOf(program.child.pid ?? 0);
  let pid = 0;
  await until('the program runs', async () => {
    for (let next = shell; next !== 0; next = await childOf(next)) pid = next;
    return (await readFile(`/proc/${pid}/cmdline`, 'latin1')).includes('top');
  });
  return pid;
}

async function assertRestored(program: Program): Promise<void> {
  await program.line(/ended with 0/);
  await program.line(/ icanon /);
  assert.ok(program.text.includes(leave));
  assert.equal(await program.exit, 0);
}

test('top on a terminal: keys, and the terminal as it was, however it ends', { skip: lacks('script') }, async (t) => {
  const web = await director(t);
  const pressed = open(t, web);
  await pressed.line(/10\.0\.0\.1:80 .*up/);
  pressed.send('w');
  await pressed.line(/by weight/);
  pressed.send('/0.2\r');
  await pressed.line(/filter 0\.2/);
  pressed.send('q');
  await assertRestored(pressed);

  for (const how of ['SIGTERM', 'SIGHUP', 'ctrl-c'] as const) {
    const program = open(t, web);
    await program.line(/10\.0\.0\.1:80 .*up/);
    if (how === 'ctrl-c') program.send('\u0003');
    else {
      const pid = await pidOf(program);
      process.kill(pid, how);
    }
    await assertRestored(program);
  }
  assert.equal((await web.run('stop')).code, 0);
});

/** Sends its own process signals in the moments that MOMENTS names, before anything else can happen in it. */
const signalling = `
  const moments = process.env.MOMENTS.split(' ');
  const now = (moment) => moments.includes(moment) && process.kill(process.pid, 'SIGTERM');
  const { stdin, stdout } = process;
  const { setRawMode } = stdin;
  stdin.setRawMode = (mode) => {
    setRawMode.call(stdin, mode);
    now(mode ? 'raw' : 'cooked');
    return stdin;
  };
  const { write } = stdout;
  stdout.write = (text, ...rest) => {
    const fits = write.call(stdout, text, ...rest);
    if (text.includes('[?1049h')) now('entered');
    if (text.startsWith('\\x1b[H')) now('drawn');
    return fits;
  };
`;

test('top gives the terminal back for a signal in any moment', { skip: lacks('script') }, async (t) => {
  const web = await director(t);
  const preload = join(web.file, '../signalling.mjs');
  await writeFile(preload, signalling);
  for (const moments of ['raw', 'entered', 'drawn', 'drawn cooked']) {
    const program = open(t, web, { NODE_OPTIONS: `--import=${preload}`, MOMENTS: moments });
    await assertRestored(program);
  }
  assert.equal((await web.run('stop')).code, 0);
});

test('top drains, undrains and explains the chosen server, after a question', { skip: lacks('script') }, async (t) => {
  const web = await director(t);
  const program = open(t, web);
  await program.line(/>\S*10\.0\.0\.1:80 .*up/);
  program.send('j');
  await program.line(/>\S*10\.0\.0\.2:80 .*up/);
  program.send('d');
  await program.line(/drain 10\.0\.0\.2:80 in every service that has it\? y\/n/);
  program.send('n');
  await program.line(/nothing was changed: 10\.0\.0\.2:80/);
  assert.match((await web.ask('list')).stdout, /10\.0\.0\.2:80 +up /);
  program.send('dy');
  await program.line(/drained: 10\.0\.0\.2:80/);
  await program.line(/>\S*10\.0\.0\.2:80 .*drained/);
  assert.match((await web.ask('list')).stdout, /10\.0\.0\.2:80 +drained +0 +0 /);
  program.send('e');
  await program.line(/10\.0\.0\.2:80 in tcp 192\.0\.2\.1:80/);
  await program.line(/any key goes back/);
  program.send('xkdy');
  await program.line(/last .*drain 10\.0\.0\.1:80 all the same\? y\/n/);
  program.send('y');
  await program.line(/drained: 10\.0\.0\.1:80/);
  program.send('uy');
  await program.line(/undrained: 10\.0\.0\.1:80/);
  assert.match((await web.ask('list')).stdout, /10\.0\.0\.1:80 +up +3 +3 /);
  program.send('uy');
  await program.line(/not undrained: 10\.0\.0\.1:80: '10\.0\.0\.1:80' is not drained by hand/);
  // The daemon goes away: the screen says so, and what is asked for is not done.
  assert.equal((await web.run('stop')).code, 0);
  await program.line(/nothing newer than .*: nobody listens|nothing newer than /);
  program.send('dy');
  await program.line(/not drained: 10\.0\.0\.1:80: /);
  program.send('q');
  await assertRestored(program);
});

test('top gives the terminal back for a signal during a question, and fits one that becomes small', {
  skip: lacks('script'),
}, async (t) => {
  const web = await director(t);
  const program = open(t, web);
  await program.line(/>\S*10\.0\.0\.1:80 .*up/);
  const pid = await pidOf(program);
  const terminal = await readlink(`/proc/${pid}/fd/0`);
  program.send('d');
  await program.line(/drain 10\.0\.0\.1:80 in every service that has it\? y\/n/);
  await run('stty', ['-F', terminal, 'cols', '30', 'rows', '2']);
  await program.line(/drain 10\.0\.0\.1:80\? y\/n/);
  process.kill(pid, 'SIGTERM');
  await assertRestored(program);
  assert.match((await web.ask('list')).stdout, /10\.0\.0\.1:80 +up +3 +3 /, 'nobody said yes');
  assert.equal((await web.run('stop')).code, 0);
});

test('top stays alive while the daemon does not answer, and ends at once', { skip: lacks('script') }, async (t) => {
  const web = await director(t);
  const program = open(t, web);
  await program.line(/>\S*10\.0\.0\.1:80 .*up/);
  const daemon = (await web.pid()) ?? assert.fail();
  process.kill(daemon, 'SIGSTOP');
  t.after(() => process.kill(daemon, 'SIGCONT'));
  const terminal = await readlink(`/proc/${await pidOf(program)}/fd/0`);
  // The last line of a screen is a whole one only when the next screen is drawn: the terminal's size changes all the time.
  let rows = 20;
  const redrawing = setInterval(() => {
    rows = 41 - rows;
    void run('stty', ['-F', terminal, 'rows', String(rows)]).catch(() => {});
  }, 200);
  t.after(() => clearInterval(redrawing));
  program.send('dy');
  await program.line(/drain 10\.0\.0\.1:80 …/);
  program.send('jd');
  await program.line(/>\S*10\.0\.0\.2:80 .*up/);
  await program.line(/one at a time: drain 10\.0\.0\.1:80 has no answer yet/);
  clearInterval(redrawing);
  const began = performance.now();
  program.send('q');
  await assertRestored(program);
  // The answer would be waited for a minute.
  assert.ok(performance.now() - began < 30_000);
});
