import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerOf, CommandRole } from '../../../src/directors/role/by-command.js';
import type { RoleState } from '../../../src/model/role.js';
import { runCommand } from '../../../src/notify/command.js';
import { until, within } from '../../helpers/deadline.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';
import { lacks } from '../../helpers/programs.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const never = new AbortController().signal;
const vips = new Set(['192.0.2.1', '2001:db8::1']);

test('what a program can say: words, addresses in any form, or its exit status alone', async () => {
  const said = async (command: string) => answerOf(await runCommand({ command, args: [], timeout: 30_000 }, never));
  assert.deepEqual(await said('exit 0;'), { isActive: true, held: null });
  assert.deepEqual(await said('exit 1;'), { isActive: false, held: null });
  assert.deepEqual(await said('echo active; echo careful >&2;'), { isActive: true, held: null });
  assert.deepEqual(await said('echo passive; exit 1;'), { isActive: false, held: null });
  assert.deepEqual(await said('printf "active 192.0.2.1\\n 2001:DB8:0::1\\n";'), {
    isActive: true,
    held: new Set(['192.0.2.1', '2001:db8::1']),
  });
  const neither = 'neither `active`, perhaps with addresses, nor `passive`';
  for (const [command, fault] of [
    ['exit 2;', 'exit status 2'],
    ['/nowhere/role', /^exit status 127: .*not found/],
    ['echo oops >&2;', 'exit status 0: oops'],
    ['echo oops >&2; exit 1;', 'exit status 1: oops'],
    ['echo active; exit 1;', 'exit status 1: active'],
    ['echo MASTER;', `it prints 'MASTER': ${neither}`],
    ['echo active lb1;', `it prints 'active lb1': ${neither}`],
    ['echo passive 192.0.2.1;', `it prints 'passive 192.0.2.1': ${neither}`],
    ['kill -9 $$;', 'killed by SIGKILL'],
  ] as const) {
    const answer = await said(command);
    assert.ok('fault' in answer, command);
    if (typeof fault === 'string') assert.equal(answer.fault, fault);
    else assert.match(answer.fault, fault);
  }
});

test('more addresses than a line has room for are taken whole', { skip: lacks('cat') }, async (t) => {
  const file = join(await temporaryDirectory(t), 'role');
  const many = Array.from({ length: 3_000 }, (_, number) => `10.0.${number >> 8}.${number & 255}`);
  await writeFile(file, ['active', ...many].join('\n'));
  const role = new CommandRole({ onChange: () => {}, program: `cat ${file}`, interval: 60_000, timeout: 30_000 });
  t.after(() => role.close());
  await within('it is known', role.follow(new Set(many)));
  assert.equal(role.state.held?.size, 3_000);
});

test('one run without an answer changes nothing but what is told; after three nobody says it', {
  skip: lacks('cat'),
}, async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'role');
  await writeFile(file, 'active 192.0.2.1\n');
  const program = `echo >> ${folder}/runs; cat ${file};`;
  // As they are told: to look for them now and then would miss what comes between two looks.
  const told: { readonly state: RoleState; readonly runs: number }[] = [];
  const onChange = (): void => {
    told.push({ state: role.state, runs: readFileSync(join(folder, 'runs'), 'latin1').length });
  };
  const role = new CommandRole({ onChange, program, interval: 20, timeout: 30_000 });
  t.after(() => role.close());
  await within('it is known', role.follow(vips));
  await writeFile(file, 'nonsense\n');
  await until('nobody says it', () => told.at(-1)?.state.word === 'unknown');
  const failed = told.find(({ state }) => state.fault !== null);
  assert.equal(failed?.state.word, 'active');
  assert.match(failed?.state.fault ?? '', /^echo >> .*: it prints 'nonsense'/);
  assert.equal(told.at(-1)?.runs, failed.runs + 2);
  await writeFile(file, 'passive\n');
  await until('it is said again', () => role.state.word === 'passive' && role.state.fault === null);
});

test('a program that hangs is killed with what it started, and never runs twice at once', {
  skip: lacks('cat'),
}, async (t) => {
  const folder = await temporaryDirectory(t);
  const pid = join(folder, 'pid');
  const program = `mkdir ${folder}/here || echo >> ${folder}/twice; sleep 600 & echo $! > ${pid}; wait;`;
  await withoutLeaks(async () => {
    const role = new CommandRole({ onChange: () => {}, program, interval: 1, timeout: 200 });
    await within('it is killed', role.follow(vips));
    assert.deepEqual([role.state.word, role.state.fault?.split(': ').at(-1)], ['unknown', 'killed after 0.2 s']);
    await within('the end', role.close());
  });
  const child = Number(await readFile(pid, 'utf8'));
  await until('its child is gone', () => !alive(child));
});
