/** Servers and services are shown by the names that the file uses, and what scripts read has the addresses as before. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Instances } from '../helpers/instance.js';
import { cli, Program } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';

/** Their address is 127.0.0.1, by /etc/hosts. */
const text = `virtual=localhost:80
\treal=localhost:8080 masq 3
\treal=10.0.0.2:80 masq
\tfallback=localhost:81 masq
\tchecktype=on
`;

test('names of the file, and their addresses beside them', { skip: lacks('script') }, async (t) => {
  const web = await (await Instances.open(t)).create('web.cf', text);
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  const said = async (...words: [string, ...string[]]): Promise<string> => (await web.ask(...words)).stdout;

  const list = await said('list');
  assert.match(list, /^tcp localhost:80 \[127\.0\.0\.1\] wrr$/m);
  assert.match(list, /^ {2}localhost:8080 +127\.0\.0\.1:8080 +up +3 +3 /m);
  assert.match(list, /^ {2}10\.0\.0\.2:80 +up +1 +1 /m);
  assert.match(list, /^ {2}localhost:81 +127\.0\.0\.1:81 +waits /m);
  for (const name of ['localhost:80', '127.0.0.1:80']) {
    assert.equal((await web.ask('list', '--virtual', name)).code, 0, name);
  }
  const [virtual] = JSON.parse(await said('list', '--json')).virtuals;
  assert.deepEqual([virtual.name, virtual.called], ['127.0.0.1:80', 'localhost:80']);
  assert.deepEqual(
    [...virtual.servers, virtual.fallback].map(({ name, called }) => [name, called]),
    [
      ['127.0.0.1:8080', 'localhost:8080'],
      ['10.0.0.2:80', '10.0.0.2:80'],
      ['127.0.0.1:81', 'localhost:81'],
    ],
  );
  assert.match(
    await said('explain', 'localhost'),
    /^localhost:8080 \[127\.0\.0\.1\] in tcp localhost:80 \[127\.0\.0\.1\]$/m,
  );
  assert.deepEqual((await said('completion', 'servers')).split('\n'), [
    'localhost:8080',
    '127.0.0.1:8080',
    '10.0.0.2:80',
    '',
  ]);

  const place = 'localhost:8080 [127.0.0.1] (tcp localhost:80 [127.0.0.1])';
  assert.equal(await said('drain', 'localhost:8080'), `${place}: drained\n`);
  assert.equal(await said('weight', '10.0.0.2', '2'), '10.0.0.2:80 (tcp localhost:80 [127.0.0.1]): weight set to 2\n');
  const drained = 'Quiescent real server: 127.0.0.1:8080 (127.0.0.1:80) (Weight set to 0)';
  assert.ok((await said('events')).includes(drained), 'the words of the log in a pipe');
  assert.ok((await web.log()).includes(drained), 'and in the log');
  const seen = new Program(
    t,
    'script',
    ['-qec', `stty cols 200; ${process.execPath} ${cli} ${web.file} events`, '/dev/null'],
    {
      ...web.environment,
      TERM: 'xterm',
    },
  );
  await seen.line(
    /Quiescent real server: localhost:8080 \[127\.0\.0\.1\] \(localhost:80 \[127\.0\.0\.1\]\) \(Weight set to 0\)/,
  );
  await seen.exit;

  assert.ok((await said('undrain', 'localhost:8080')).startsWith(`${place}: undrained; it was drained by hand`));
  assert.equal(await said('check-now', 'localhost'), `${place}: it is not checked\n`);

  await web.write(text.replace('masq 3', 'masq 5').replace('10.0.0.2:80', '10.0.0.3:80'));
  const plan = await said('plan');
  assert.match(plan, /^ {2}tcp 127\.0\.0\.1:80 \(localhost:80\)$/m);
  assert.match(plan, /^\+ {3}10\.0\.0\.3:80 masq weight 1/m);
  assert.equal((await web.run('stop')).code, 0);
});
