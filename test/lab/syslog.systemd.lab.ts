/** `logfile` with the name of a facility, where systemd's journal takes what comes by /dev/log. */

import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import { run } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { configure, end, ours, pidOf, reference, statusOf, type Verbs } from './inside/verbs.js';

const name = 'syslog.cf';
const socket = '/dev/log';

/** RFC 5424, section 6.2.1. */
const local3 = '19';
const informational = '6';

interface Entry {
  readonly facility: string;
  readonly priority: string;
  readonly identifier: string;
  readonly pid: string;
  readonly message: string;
}

function configuration(weight: number): string {
  return `logfile="local3"\nvirtual=192.0.2.1:80\n\treal=10.1.0.1:80 masq ${weight}\n\tchecktype=on\n`;
}

/** Every line of this process that came as syslog, as the journal understood it. */
async function entriesOf(pid: number): Promise<Entry[]> {
  const text = await run('journalctl', '--no-pager', '-o', 'json', '_TRANSPORT=syslog', `_PID=${pid}`);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const fields = JSON.parse(line) as Record<string, string>;
    const field = (key: string): string => fields[key] ?? '';
    return {
      facility: field('SYSLOG_FACILITY'),
      priority: field('PRIORITY'),
      identifier: field('SYSLOG_IDENTIFIER'),
      pid: field('SYSLOG_PID'),
      message: field('MESSAGE'),
    };
  });
}

async function arrived(pid: number, message: string): Promise<void> {
  await eventually(`'${message}' is in the journal`, async () => {
    return (await entriesOf(pid)).some((entry) => entry.message === message);
  });
}

const added = 'Added real server: 10.1.0.1:80 (192.0.2.1:80) (Weight set to 1)';
const last = 'Linux Director Daemon terminated on signal: TERM';
/** What both say, though the reference says more in between. */
const common = [
  'Added virtual server: 192.0.2.1:80',
  added,
  'Purged real server (stop): 10.1.0.1:80 (192.0.2.1:80)',
  'Purged virtual server (stop): 192.0.2.1:80',
  last,
];

async function startAndStop(program: Verbs): Promise<{ readonly pid: number; readonly entries: readonly Entry[] }> {
  await configure(name, configuration(1));
  assert.equal(await statusOf(program, name, 'start'), 0);
  let pid = 0;
  await eventually('it runs', async () => {
    pid = (await pidOf(name)) ?? 0;
    return pid > 0;
  });
  await arrived(pid, added);
  assert.equal(await statusOf(program, name, 'stop'), 0);
  await arrived(pid, last);
  return { pid, entries: await entriesOf(pid) };
}

test('facility, name, pid and priority of the lines are the reference’s', async (t) => {
  for (const program of [reference, ours]) {
    const { pid, entries } = await startAndStop(program);
    t.diagnostic(`${program.at(-1)}: ${entries.length} lines`);
    for (const message of common) {
      const entry = entries.findLast((found) => found.message === message);
      const expected = {
        facility: local3,
        priority: informational,
        identifier: 'ldirectord',
        pid: String(pid),
        message,
      };
      assert.deepEqual(entry, expected, program.at(-1));
    }
    assert.ok(entries.every(({ facility }) => facility === local3));
  }
});

test('lines wait while nobody takes them, and come in their order', async (t) => {
  await configure(name, configuration(1));
  assert.equal(await statusOf(ours, name, 'start'), 0);
  t.after(() => end(name));
  const pid = (await pidOf(name)) ?? 0;
  await arrived(pid, added);

  await rename(socket, `${socket}.away`);
  const weights = [2, 3, 4];
  for (const weight of weights) {
    await configure(name, configuration(weight));
    process.kill(pid, 'SIGHUP');
    const rule = `-a -t 192.0.2.1:80 -r 10.1.0.1:80 -m -w ${weight}`;
    await eventually(rule, async () => (await run('ipvsadm', '-Sn')).includes(rule));
  }
  const restored = weights.map(
    (weight) => `Restored real server: 10.1.0.1:80 (192.0.2.1:80) (Weight set to ${weight})`,
  );
  const isRestored = ({ message }: Entry): boolean => message.startsWith('Restored');
  assert.deepEqual((await entriesOf(pid)).filter(isRestored), []);

  await rename(`${socket}.away`, socket);
  await arrived(pid, restored.at(-1) ?? '');
  const found = (await entriesOf(pid)).filter(isRestored);
  assert.deepEqual(
    found.map(({ message }) => message),
    restored,
  );
});
