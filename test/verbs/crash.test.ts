import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '../helpers/free-port.js';
import { Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';

/** A fault from outside: nothing in the program throws on request. */
const fault = "data:text/javascript,process.on('SIGWINCH',()=>{throw new Error('provoked')})";

test('an unforeseen error is logged with its stack, the table is left, and the exit status tells', async (t) => {
  const instances = await Instances.open(t);
  const port = await freePort();
  const web = await instances.create('web.cf', `virtual=127.0.0.1:${port}\n\treal=127.0.0.1:9 masq\n\tchecktype=on\n`);
  const args = ['--import', fault, cli, '--foreground', '--backend', 'memory', web.file, 'start'];
  const program = new Program(t, process.execPath, args, instances.environment);
  await program.line(/Added real server/);
  assert.equal((await web.run('status')).code, 0);
  program.child.kill('SIGWINCH');
  await program.line(/Unforeseen error: Error: provoked/);
  await program.line(/Unforeseen error: +at .*data:text/);
  assert.equal(await program.exit, 1);
  assert.doesNotMatch(program.text, /Purged/);
  assert.equal((await web.run('status')).code, 1, 'a stale pid file tells that it did not end well');
});
