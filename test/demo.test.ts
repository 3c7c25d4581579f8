import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Program } from './helpers/process.js';

const demo = fileURLToPath(new URL('../examples/demo.js', import.meta.url));

/** The demo in a pipe, once its first table stands. */
async function startDemo(t: Parameters<typeof startProgram>[0]) {
  const program = startProgram(t);
  const url = /http:\/\/[\d.:]+/.exec((await program.line(/curl http/)).text)?.[0] ?? assert.fail();
  const file = (await program.line(/^ {2}file/)).text.trim().split(/\s+/)[1] ?? assert.fail();
  const page = (await program.line(/^ {2}page/)).text.trim().split(/\s+/)[1] ?? assert.fail();
  // The three servers, and the fallback that stood in for them.
  await program.count(4, /Added real server|Deleted fallback server/);
  return { program, file, page, port: Number(new URL(url).port) };
}

function startProgram(t: ConstructorParameters<typeof Program>[0]): Program {
  return new Program(t, process.execPath, [demo]);
}

/** Who answers ten requests in a row. */
async function answers(program: Program): Promise<string[]> {
  program.send('r');
  return (await program.line(/^-- (\w+ ){9}\w+$/)).text.slice(3).split(' ');
}

function tally(names: readonly string[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const name of names) count[name] = (count[name] ?? 0) + 1;
  return count;
}

test('the demo in a pipe: weights, a death and a return, the sorry server, an edit, a clean end', async (t) => {
  const { program, file, page } = await startDemo(t);
  assert.match(await (await fetch(page)).text(), /<title>ldirectord<\/title>/);
  assert.ok(!program.text.includes('\u001b'), 'plain text in a pipe');

  await t.test('answers alternate by weight', async () => {
    const seen = [...(await answers(program)), ...(await answers(program)), ...(await answers(program))];
    assert.deepEqual(tally(seen), { web1: 15, web2: 10, web3: 5 });
  });

  await t.test('a stopped server leaves after its next check, with the reason before', async () => {
    program.send('1');
    await program.line(/stopping web1/);
    // A check may just have been under way.
    await program.line(/Check failed: .*(refused|reset).*failure 1\/1/);
    await program.line(/Deleted real server/);
    assert.deepEqual(Object.keys(tally(await answers(program))).sort(), ['web2', 'web3']);
  });

  await t.test('with all of them stopped the sorry server answers', async () => {
    program.send('23');
    await program.line(/Added fallback server/);
    await program.line(/Deleted real server/);
    assert.deepEqual(tally(await answers(program)), { sorry: 10 });
  });

  await t.test('a started server returns', async () => {
    program.send('1');
    await program.line(/Added real server/);
    await program.line(/Deleted fallback server/);
    assert.deepEqual(tally(await answers(program)), { web1: 10 });
    program.send('23');
    await program.line(/Added real server/);
    await program.line(/Added real server/);
  });

  await t.test('an edit takes effect and says what changed', async () => {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('masq 3', 'masq 1').replace('masq 2', 'masq 1'));
    await program.line(/has changed on disk/);
    await program.line(/weight 3 -> 1/);
    await program.line(/Restored real server/);
    await program.line(/Restored real server/);
    const seen = [...(await answers(program)), ...(await answers(program)), ...(await answers(program))];
    assert.deepEqual(tally(seen), { web1: 10, web2: 10, web3: 10 });
  });

  await t.test('a broken edit changes nothing and is explained', async () => {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('scheduler = wrr', 'scheduler = wrr\n\treal = nonsense'));
    await program.line(/error: /);
    await program.line(/ignore new configuration/);
    assert.equal((await answers(program)).length, 10);
    await writeFile(file, text);
    await program.line(/nothing changed/);
  });

  program.send('q');
  await program.line(/terminated on end of the demo/);
  await program.line(/demo ended/);
  assert.equal(await program.exit, 0);
});

test('a reload that changes nothing breaks no connection', async (t) => {
  const { program, file, port } = await startDemo(t);
  const sockets = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  let broken = 0;
  for (const socket of sockets) socket.on('error', () => (broken += 1)).on('close', () => (broken += 1));
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}\n# a comment\n`);
  await program.line(/nothing changed/);
  await sleep(300);
  assert.equal(broken, 0);
  for (const socket of sockets) {
    socket.removeAllListeners('close');
    socket.write('GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(String(answer), /200 OK/, 'each still answers');
    socket.destroy();
  }
  program.send('q');
  assert.equal(await program.exit, 0);
});

test('ctrl-C ends the demo and everything that it started', async (t) => {
  const { program } = await startDemo(t);
  const pids = [...program.text.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
  assert.equal(pids.length, 4);
  program.child.kill('SIGINT');
  assert.equal(await program.exit, 0);
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
