/** What a director does that is one of two: active, passive, or active for some services alone. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Event } from '../src/events.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { fileElector } from './helpers/elector.js';
import { startTcpServer } from './helpers/tcp-server.js';
import { standing } from './reconcile/watched.js';

const [one, other] = ['192.0.2.1', '192.0.2.2'] as const;
const [first, second, third] = [`tcp ${one}:80`, `tcp ${other}:80`, 'fwm 7'] as const;
const served = [`${one}:80`, `${other}:80`, '7']
  .map((virtual) => `virtual=${virtual}\n\treal=10.0.0.1:80 gate 3\n\tchecktype=on\n`)
  .join('\n');

interface Given {
  readonly text?: string;
  /** Further settings of the role. */
  readonly more?: string;
  readonly backend?: MemoryBackend;
}

async function started(
  t: TestContext,
  said: string,
  { text = served, more = 'table = active\n', backend = new MemoryBackend() }: Given = {},
) {
  const elector = await fileElector(t, said);
  const settings = `${elector.settings}${more}`;
  const found = await startDaemon(t, text, { backend, settings });
  const told = <T extends Event['type']>(type: T) =>
    found.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  return { ...found, elector, settings, backend, told };
}

async function becomes(backend: MemoryBackend, wanted: readonly string[]): Promise<void> {
  let found: readonly string[] = [];
  await until(
    () => `the table has ${wanted.join(', ')}; it has ${found.join(', ')}`,
    async () => {
      found = Object.keys(await standing(backend)).toSorted();
      return found.join() === wanted.toSorted().join();
    },
  );
}

test('the table follows the role, each service by its address and a mark by any', async (t) => {
  const { backend, elector, told } = await started(t, 'passive');
  assert.deepEqual(await standing(backend), {});
  await elector.say(`active ${one}`);
  await becomes(backend, [first, third]);
  assert.deepEqual((await standing(backend))[first], ['10.0.0.1:80 3']);
  await elector.say(`active ${other}`);
  await becomes(backend, [second, third]);
  await elector.say('active');
  await becomes(backend, [first, second, third]);
  await elector.say('passive');
  await becomes(backend, []);
  const followed = told('table-followed').map(({ entered, left }) => [entered, left]);
  assert.deepEqual(followed, [
    [2, 0],
    [1, 1],
    [1, 0],
    [0, 3],
  ]);
  for (const type of ['table-changed', 'table-drifted', 'virtual-down'] as const) assert.deepEqual(told(type), []);
});

/** As the kernel's, which is there for the next one. */
class Outliving extends MemoryBackend {
  override close = async (): Promise<void> => {};
}

test('a passive start takes out what is ours of the run before, and an active one keeps it', async (t) => {
  const backend = new Outliving();
  const before = await started(t, 'active', { backend });
  await becomes(backend, [first, second, third]);
  const service = { protocol: 'tcp', address: '198.51.100.1', port: 80, family: 'inet' } as const;
  const settings = { scheduler: 'rr', schedflags: [], persistent: 0, netmask: 32, ops: false } as const;
  await backend.apply([{ type: 'add-service', service: { ...service, ...settings } }]);
  await before.daemon.leave('a restart');
  const foreign = 'tcp 198.51.100.1:80';
  const active = await started(t, 'active', { backend });
  await becomes(backend, [first, foreign, second, third]);
  assert.deepEqual(active.told('table-changed'), []);
  await active.daemon.leave('a restart');
  const passive = await started(t, 'passive', { backend });
  await becomes(backend, [foreign]);
  await passive.elector.say(`active ${one}`);
  await becomes(backend, [first, foreign, third]);
});

test('checks go on while it is passive, and what they say stands once it is active', async (t) => {
  const dying = await startTcpServer((socket) => socket.end());
  const well = await startTcpServer((socket) => socket.end());
  t.after(() => Promise.all([dying.close(), well.close()]));
  const text = `checkinterval=1\nchecktimeout=10\nquiescent=no
virtual=${one}:80
	real=127.0.0.1:${dying.port} masq
	real=127.0.0.1:${well.port} masq
	service=none
	checktype=connect
`;
  const { backend, elector, events, daemon } = await started(t, 'passive', { text });
  await until('both are up', async () => (await daemon.counts()).up === 2);
  await dying.close();
  await until('one is down', () => events.some(({ type }) => type === 'server-down'));
  assert.deepEqual(await standing(backend), {});
  await elector.say(`active ${one}`);
  await becomes(backend, [first]);
  assert.deepEqual(await standing(backend), { [first]: [`127.0.0.1:${well.port} 1`] });
});

test('a reload can change who says the role, what follows it, and both at once', async (t) => {
  const { backend, daemon, folder, settings, told } = await started(t, 'passive');
  const take = async (text: string): Promise<void> => {
    await writeFile(join(folder, 'ldirectord.ini'), text);
    const outcome = await daemon.reload();
    assert.deepEqual(outcome.ok && outcome.missing, []);
  };
  await take(settings.replace('table = active', 'table = always'));
  await becomes(backend, [first, second, third]);
  await take(settings);
  await becomes(backend, []);
  await take('');
  await becomes(backend, [first, second, third]);
  await take(settings);
  await becomes(backend, []);
  assert.deepEqual(
    told('role-changed').map(({ role }) => role),
    ['passive', 'active', 'passive'],
  );
});

test('who becomes active while a service has no server runs its command, once', async (t) => {
  const text = served.replace('checktype=on', `checktype=off\n\tfallbackcommand=true`);
  const { elector, told } = await started(t, 'passive', { text });
  const commands = () => told('command-ended').map(({ command }) => command);
  await until('it is left to the other one', () => told('left-to-active').length === 1);
  assert.deepEqual(
    told('left-to-active').map(({ what, text: words }) => [what, words]),
    [['fallbackcommand', `start ${one}:80`]],
  );
  await elector.say(`active ${other}`);
  await until('it is active for the other', () => told('table-followed').length === 1);
  assert.deepEqual(commands(), []);
  await elector.say('active');
  await until('it runs', () => commands().length > 0);
  assert.deepEqual(commands(), [`true start ${one}:80 tcp`]);
});

test('what can be seen of a director says its role, for what it is passive, and whether it could take over', async (t) => {
  const silent = await startTcpServer(() => {});
  t.after(() => silent.close());
  const text = `${served}\nvirtual=192.0.2.3:80\n\treal=127.0.0.1:${silent.port} masq\n\tservice=http\n\trequest=/\n\tnegotiatetimeout=600\n`;
  const { daemon, elector, backend } = await started(t, `active ${one}`, { text });
  await becomes(backend, [first, third]);
  const status = await daemon.describe();
  assert.deepEqual(
    { ...status.role, since: 0 },
    { word: 'active', by: 'command', since: 0, held: [one], fault: null, table: 'active', checks: 'always' },
  );
  assert.deepEqual(
    status.virtuals.map(({ active, leftOut, stands, inUse }) => [active, leftOut, stands, inUse]),
    [
      [true, false, true, true],
      [false, true, false, true],
      [true, false, true, true],
      [false, true, false, true],
    ],
  );
  assert.deepEqual(status.unready, ['1 service has no first result yet']);
  await silent.close();
  await until('it is ready', async () => (await daemon.describe()).unready.length === 0);
  await elector.say('nonsense');
  await until('nobody says it', async () => (await daemon.describe()).role.word === 'unknown');
  const { role } = await daemon.describe();
  assert.match(role.fault ?? '', /^cat .*: it prints 'nonsense'/);
  await becomes(backend, [first, second, third, 'tcp 192.0.2.3:80']);
});

/** Two services, each with a server that counts how often it is asked. */
async function counted(t: TestContext, said: string, more: string) {
  const asked = [0, 0];
  const heard = await Promise.all(
    asked.map((_, index) =>
      startTcpServer((socket) => {
        asked[index] = (asked[index] ?? 0) + 1;
        socket.end();
      }),
    ),
  );
  t.after(() => Promise.all(heard.map((server) => server.close())));
  const section = (vip: string, index: number): string =>
    `virtual=${vip}:80\n\treal=127.0.0.1:${heard[index]?.port} masq\n\tservice=none\n\tchecktype=connect\n`;
  const text = `checkinterval=1\nchecktimeout=20\n${[one, other].map(section).join('\n')}`;
  const found = await started(t, said, { text, more });
  const stale = async () =>
    (await found.daemon.describe()).virtuals.map(({ servers: [server] }) => server?.stale ?? null);
  const runs = async (index: number, times: number): Promise<void> => {
    const before = asked[index] ?? 0;
    await until(`it is asked ${times} times more`, () => (asked[index] ?? 0) >= before + times);
  };
  return { ...found, asked, heard, stale, runs };
}

test('checks can rest while it is passive for all that they decide about, and what is known of them counts at first', async (t) => {
  const { asked, heard, daemon, elector, stale, runs, events, backend } = await counted(
    t,
    `active ${one}`,
    'checks = active\n',
  );
  const why = 'not checked while this director is passive';
  await runs(0, 3);
  assert.equal(asked[1], 0);
  assert.deepEqual(await stale(), [null, why]);
  assert.deepEqual((await daemon.describe()).unready, [], 'nobody waits for what does not come');
  await elector.say(`active ${other}`);
  await runs(1, 2);
  assert.deepEqual(await stale(), [why, null]);
  const before = asked[0];
  await runs(1, 3);
  assert.equal(asked[0], before);
  const [state] = (await daemon.describe()).virtuals.flatMap(({ servers }) => servers);
  assert.deepEqual([state?.state, state?.inUse], ['up', true], 'what was known stays known');
  await heard[0]?.close();
  await elector.say('active');
  await until('its first result decides alone', () => {
    return events.some((event) => event.type === 'server-down' && event.virtual === `${one}:80`);
  });
  await until('the table has it', async () => !(await standing(backend))[first]?.join().endsWith(' 1'));
  assert.deepEqual(await stale(), [null, null]);
});

test('checks can be slower while it is passive, and all are run at once when it becomes active', async (t) => {
  const { asked, elector, stale, runs } = await counted(t, `active ${one}`, 'checks = 1000\n');
  await until('both have been asked once', () => asked.every((count) => count > 0));
  const before = asked[1] ?? 0;
  await runs(0, 4);
  assert.ok((asked[1] ?? 0) <= before + 1, 'one may have been under way');
  assert.deepEqual(await stale(), [null, 'checked 1000 times less often while this director is passive']);
  await elector.say(`active ${other}`);
  await runs(1, 3);
});
