import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { undoAll } from '../../../src/path/setup/apply.js';
import { readJournal } from '../../../src/path/setup/journal.js';
import { within } from '../../helpers/deadline.js';
import { seeded } from '../../helpers/random.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { type MachineApart, machineApart } from './machine-apart.js';
import { apart } from './skip.js';

const program = fileURLToPath(new URL('setting-up.js', import.meta.url));
const histories = 12;
/** Milliseconds that a whole run takes here, about, once it has looked. */
const usual = 400;

test('whoever is killed while it sets up leaves what can be taken back', { skip: apart() }, async (context) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  context.diagnostic(`SEED=${seed}`);
  const random = seeded(seed);
  const machine = await machineApart();
  context.after(machine.stop);
  const journalPath = join(await temporaryDirectory(context), 'ldirectord.web.cf.setup');
  const before = machine.snapshot();
  for (let history = 0; history < histories; history += 1) {
    // Some are killed more than once before somebody takes it back.
    for (let kills = 1 + random(2); kills > 0; kills -= 1) await setUpAndKill(machine, journalPath, random(usual));
    if (random(4) === 0) await setUpAndKill(machine, journalPath, null);
    const { journal, fault } = await readJournal(journalPath);
    assert.equal(fault, null);
    const going = { isEnding: () => false, signal: new AbortController().signal, onDone: () => {} };
    for (const { result } of await undoAll(journalPath, journal, journal.entries, machine.fleet, going)) {
      assert.deepEqual([result?.fault, result?.left], [null, []]);
    }
    assert.equal(machine.snapshot(), before, `history ${history}`);
    await assert.rejects(readFile(journalPath), { code: 'ENOENT' });
  }
});

/** Null lets it come to its end. */
async function setUpAndKill({ pid }: MachineApart, journalPath: string, after: number | null): Promise<void> {
  const child = spawn(process.execPath, [program, String(pid), journalPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await within('it has looked at the machine', Promise.race([once(child.stdout, 'data'), exited]));
  if (after !== null) {
    await Promise.race([sleep(after), exited]);
    child.kill('SIGKILL');
  }
  const [status] = await within('it has ended', exited);
  if (after === null) assert.equal(status, 0, output);
}

test('a journal that is not understood is put aside', async (context) => {
  const path = join(await temporaryDirectory(context), 'ldirectord.web.cf.setup');
  const entry = { server: null, addresses: [], steps: [{ kind: 'load-module', name: 'ipip', withOthers: true }] };
  const good = { format: 1, madeDirectory: false, entries: [entry] };
  const bad: readonly (readonly [unknown, RegExp])[] = [
    ['{', /it is no JSON/],
    [[], /it is no journal/],
    [{ ...good, format: 2 }, /its format is 2, and not 1/],
    [{ ...good, entries: 7 }, /it is not whole/],
    [
      { ...good, entries: [{ ...entry, steps: [{ kind: 'run', command: 'reboot' }] }] },
      /an entry that is not understood/,
    ],
    [
      { ...good, entries: [{ ...entry, steps: [{ kind: 'load-module', name: '-r ip_vs', withOthers: true }] }] },
      /an entry/,
    ],
    [{ ...good, entries: [{ ...entry, steps: [{ kind: 'add-address', device: 'lo' }] }] }, /an entry/],
  ];
  for (const [value, words] of bad) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    await writeFile(path, text);
    const { journal, fault } = await readJournal(path);
    assert.match(fault ?? '', words);
    assert.deepEqual(journal.entries, []);
    assert.equal(await readFile(`${path}.bad`, 'utf8'), text);
  }
  await writeFile(path, JSON.stringify(good));
  assert.deepEqual(await readJournal(path), { journal: { madeDirectory: false, entries: [entry] }, fault: null });
});
