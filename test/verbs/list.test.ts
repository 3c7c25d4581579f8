import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Instances } from '../helpers/instance.js';

const text = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 masq
\treal=10.0.0.2:80 masq
\tservicename=Shop
\tchecktype=on
virtual=192.0.2.2:80
\treal=10.0.0.3:80 masq
\tchecktype=off
`;

test('list shows what is asked for, says where there is none, and is one document as JSON', async (t) => {
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  const names = async (...args: string[]): Promise<string[]> => {
    const { stdout, code, stderr } = await web.ask('list', ...args);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').flatMap((line) => /^ {2}(10\.\S+):80 /.exec(line)?.[1] ?? []);
  };
  assert.deepEqual(await names(), ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  assert.deepEqual(await names('10.0.0.2'), ['10.0.0.2']);
  assert.deepEqual(await names('--virtual', '192.0.2.2:80'), ['10.0.0.3']);
  assert.deepEqual(await names('--state', 'problem'), ['10.0.0.3']);
  assert.deepEqual(await names('--search', 'SHOP', '--state', 'up, down'), ['10.0.0.1', '10.0.0.2']);
  for (const [args, words] of [
    [['--state', 'drained'], /^ldirectord: list: nothing is so\n$/],
    [['--search', 'x'], /^ldirectord: list: nothing is found by 'x'\n$/],
    [['10.0.0.9'], /^ldirectord: list: no real server is called '10\.0\.0\.9'\n$/],
    [['--virtual', '7'], /^ldirectord: list: no virtual service is called '7'\n$/],
  ] as const) {
    const none = await web.ask('list', ...args);
    assert.deepEqual([none.code, none.stdout], [1, '']);
    assert.match(none.stderr, words);
  }
  const wrong = await web.ask('list', '--state', 'ill');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--state is some of up, down/);
  const { stdout } = await web.ask('list', '--json');
  const whole = JSON.parse(stdout) as { readonly virtuals: readonly unknown[] };
  assert.equal(whole.virtuals.length, 2);
  assert.equal(stdout, `${JSON.stringify(whole, null, 2)}\n`);
  await web.run('stop');
});
