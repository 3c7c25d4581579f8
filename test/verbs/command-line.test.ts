import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../src/verbs/command-line.js';
import { verbRow } from '../../src/verbs/table.js';

function read(...argv: string[]) {
  return readCommandLine(argv, (name) => {
    const row = verbRow(name);
    return row && { takesArguments: row.arguments !== null };
  });
}

/** The configuration, the verb, and what is its own. */
function parts(...argv: string[]): readonly [string | undefined, string, ...string[]] {
  const { verb, command } = read(...argv);
  return [command.config, verb, ...command.args];
}

test('what Perl’s ldirectord accepts means the same, whatever the configuration is called', () => {
  assert.deepEqual(parts('start'), [undefined, 'start']);
  assert.deepEqual(parts('web.cf', 'start'), ['web.cf', 'start']);
  assert.deepEqual(parts('-d', '--', 'web.cf', 'start'), ['web.cf', 'start']);
  assert.deepEqual(parts('web.cf', 'start', '-d'), ['web.cf', 'start']);
  assert.deepEqual(parts('drain', 'stop'), ['drain', 'stop']);
  assert.deepEqual(parts('start', 'start'), ['start', 'start']);
  assert.ok(read('web.cf', 'start', '-d').command.debug);
});

test('what follows a verb is its own where it takes arguments', () => {
  assert.deepEqual(parts('drain', 'web1', '--wait', '--timeout', '5'), [
    undefined,
    'drain',
    'web1',
    '--wait',
    '--timeout',
    '5',
  ]);
  assert.deepEqual(parts('web.cf', 'weight', 'web1', '5'), ['web.cf', 'weight', 'web1', '5']);
  assert.deepEqual(parts('--backend', 'memory', 'web.cf', 'list'), ['web.cf', 'list']);
  assert.equal(read('--backend', 'memory', 'plan', 'new.cf', '--empty').command.backend, 'memory');
  assert.deepEqual(parts('web.cf', 'events', '-n', '5'), ['web.cf', 'events', '-n', '5']);
  assert.deepEqual(parts('list'), [undefined, 'list']);
});

test('help is of the verb where one stands there', () => {
  assert.deepEqual([read('-h').help, read('-h').verb], [true, '']);
  for (const argv of [
    ['drain', '--help'],
    ['web.cf', 'drain', 'web1', '-h'],
    ['-?', 'drain'],
  ]) {
    const { help, verb } = read(...argv);
    assert.deepEqual([help, verb], [true, 'drain'], argv.join(' '));
  }
  assert.ok(read('--version').version);
});

test('what makes no sense is a usage error', () => {
  for (const argv of [
    [],
    ['jump'],
    ['a', 'b'],
    ['start', 'now'],
    ['a', 'b', 'start'],
    ['--backend', 'x', 'list'],
    ['a', 'b', 'drain', 'c'],
  ]) {
    assert.throws(() => read(...argv), { code: 'ERR_USAGE' }, argv.join(' '));
  }
  assert.throws(() => read(), /^Error: needs a VERB$/);
  assert.throws(() => read('web.cf'), /^Error: no such verb: 'web\.cf'$/);
});
