/** What others do to the table while the daemon runs. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { run } from './inside/command.js';
import { startDirector } from './inside/director.js';
import { eventually } from './inside/eventually.js';
import { savedRules } from './inside/table.js';

const service = '192.0.2.1:80';
const steady = '10.1.0.1:80';

async function equal(wanted: readonly string[]): Promise<boolean> {
  return (await savedRules()).join('\n') === wanted.join('\n');
}

test('a flushed table, a changed weight, a deleted server and a changed scheduler are put right', async (t) => {
  const { lines } = await startDirector(
    t,
    `virtual=${service}\n\treal=${steady} masq 3\n\treal=10.1.0.2:80 masq 2\n\tchecktype=on\n\tscheduler=wlc\n`,
  );
  const right = await savedRules();
  assert.equal(right.length, 3);
  const meddling = [
    ['-C'],
    ['-e', '-t', service, '-r', steady, '-m', '-w', '9'],
    ['-d', '-t', service, '-r', steady],
    ['-E', '-t', service, '-s', 'rr'],
    ['-D', '-t', service],
  ];
  for (const words of meddling) {
    const told = lines.length;
    await run('ipvsadm', ...words);
    await eventually(`ipvsadm ${words.join(' ')} is mended`, () => equal(right));
    assert.ok(lines.slice(told).some((line) => line.startsWith('Table changed by somebody else')));
  }
});

test('a service that the file does not name is left alone', async (t) => {
  const { lines } = await startDirector(t, `virtual=${service}\n\treal=${steady} masq\n\tchecktype=on\n`);
  t.after(() => run('ipvsadm', '-C'));
  await run('ipvsadm', '-A', '-t', '192.0.2.99:80', '-s', 'rr');
  await run('ipvsadm', '-a', '-t', '192.0.2.99:80', '-r', '10.9.0.1:80', '-m');
  // A mended change shows that the table was looked at meanwhile.
  await run('ipvsadm', '-d', '-t', service, '-r', steady);
  await eventually('the table is looked at', () =>
    lines.some((line) => line.startsWith('Table changed by somebody else')),
  );
  assert.equal((await savedRules()).filter((rule) => rule.includes('192.0.2.99:80')).length, 2);
});

test('beside a service that the kernel refuses for good, what the file names no longer is somebody else’s', async (t) => {
  const refused = 'virtual=192.0.2.66:80\n\tscheduler=nonesuch\n\treal=10.1.0.1:80 masq\n\tchecktype=on\n';
  const kept = `virtual=${service}\n\treal=${steady} masq\n\tchecktype=on\n`;
  const moved = '192.0.2.99:80';
  const both = `${kept}virtual=${moved}\n\treal=10.9.0.1:80 masq\n\tchecktype=on\n`;
  const { lines, reload } = await startDirector(t, `${both}${refused}`);
  t.after(() => run('ipvsadm', '-C'));
  const told = lines.filter((line) => line.includes('192.0.2.66:80'));
  assert.match(told.join('\n'), /^192\.0\.2\.66:80: .*modprobe ip_vs_nonesuch.*\(ENOENT\)\nNo real server is left/);
  await reload(`${kept}${refused}`);
  assert.equal((await savedRules()).length, 2);
  await run('ipvsadm', '-A', '-t', moved, '-s', 'rr');
  // Put right within seconds, and told, as without the other.
  await run('ipvsadm', '-d', '-t', service, '-r', steady);
  await eventually('it is put right', async () => (await savedRules()).some((rule) => rule.includes(steady)));
  assert.ok(lines.some((line) => line.startsWith('Table changed by somebody else')));
  assert.ok((await savedRules()).some((rule) => rule.includes(moved)));
});

/** One server that is well and one that is quiescent, and somebody who takes the quiescent one out. */
async function removedQuiescent(t: TestContext, readdquiescent: 'yes' | 'no') {
  const server = createServer((_, response) => response.end('up'));
  server.listen(8081, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const director = await startDirector(
    t,
    `checkinterval=1
quiescent=yes
readdquiescent=${readdquiescent}
virtual=${service}
	real=127.0.0.1:8081 masq 2
	real=127.0.0.1:8082 masq 2
	service=http
`,
  );
  const quiescent = `-a -t ${service} -r 127.0.0.1:8082 -m -w 0`;
  const well = `-a -t ${service} -r 127.0.0.1:8081 -m -w 2`;
  await eventually('one is well and one quiescent', async () => {
    const rules = await savedRules();
    return rules.includes(quiescent) && rules.includes(well);
  });
  await run('ipvsadm', '-d', '-t', service, '-r', '127.0.0.1:8082');
  return { director, quiescent, well };
}

test('a quiescent server that was taken out stays away until it is well', async (t) => {
  const { quiescent, well } = await removedQuiescent(t, 'no');
  for (const round of [1, 2]) {
    await run('ipvsadm', '-e', '-t', service, '-r', '127.0.0.1:8081', '-m', '-w', String(5 + round));
    await eventually('the table is looked at', async () => (await savedRules()).includes(well));
    assert.ok(!(await savedRules()).includes(quiescent));
  }
  const server = createServer((_, response) => response.end('up'));
  server.listen(8082, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  await eventually('it is back', async () => (await savedRules()).includes(quiescent.replace('-w 0', '-w 2')));
});

test('with readdquiescent=yes it returns', async (t) => {
  const { quiescent } = await removedQuiescent(t, 'yes');
  await eventually('it is back', async () => (await savedRules()).includes(quiescent));
});
