import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { policyFile } from '../src/health/policy-keeper.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { messagesOf } from '../src/observe/messages.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { startTcpServer, type TcpServer } from './helpers/tcp-server.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';
import { plain } from './helpers/wish.js';

/** A web server that counts who asks it, and an agent beside it that says what it is told to. */
async function machine(t: TestContext) {
  const asked = { web: 0, agent: 0 };
  const web = createServer((_, response) => {
    asked.web += 1;
    response.end('up');
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  t.after(() => web.close());
  const speech = { line: 'ready 100%\n' };
  const open = (): Promise<TcpServer> =>
    startTcpServer((socket) => {
      asked.agent += 1;
      socket.end(speech.line);
    });
  const agent = await open();
  t.after(() => agent.close().catch(() => {}));
  return { asked, agent, speech, port: (web.address() as AddressInfo).port };
}

/** A daemon that asks it, with these lines in its virtual service. */
async function director(t: TestContext, ...lines: readonly string[]) {
  const { asked, agent, speech, port } = await machine(t);
  const section = (own: readonly string[]): string =>
    [
      'checkinterval=1',
      'virtual=192.0.2.1:80',
      `\treal=127.0.0.1:${port} masq 100`,
      '\tservice=http',
      ...own.map((line) => `\t${line}`),
      '',
    ].join('\n');
  const backend = new MemoryBackend();
  const log: string[] = [];
  const own = [`agent=${agent.port}`, 'agentinterval=1', ...lines];
  const { daemon, file, events } = await startDaemon(t, section(own), { backend }, (event) => {
    log.push(...messagesOf(event).map(({ text }) => text));
  });
  const weights = async (): Promise<string> => {
    const table = [...(await backend.read()).values()];
    const all = table.flatMap(({ destinations }) => [...destinations.values()].map(({ weight }) => String(weight)));
    return all.join(', ') || 'nobody';
  };
  /** The agent says this from now on, and the table comes to be so. */
  const says = async (line: string, expected: string): Promise<void> => {
    speech.line = line;
    await comesTo(expected);
  };
  const comesTo = async (expected: string): Promise<void> => {
    let found = '';
    await until(
      () => `the table is ${expected}, and not ${found}\n${log.join('\n')}`,
      async () => {
        found = await weights();
        return found === expected;
      },
    );
  };
  const reload = async (...others: readonly string[]): Promise<void> => {
    await writeFile(file, section(others));
    assert.deepEqual((await daemon.reload()).ok, true);
  };
  /** The same is so after everybody was asked some times more. */
  const stays = async (expected: string): Promise<void> => {
    const before = asked.agent;
    await until('the agent is asked twice more', () => asked.agent >= before + 2);
    assert.equal(await weights(), expected);
  };
  const name = `127.0.0.1:${port}`;
  return { daemon, events, log, asked, agent, own, name, weights, says, comesTo, stays, reload };
}

const typesOf = (events: readonly { readonly type: string }[], ...wanted: readonly string[]): string[] =>
  events.map(({ type }) => type).filter((type) => wanted.includes(type));

test('an agent shares, drains and takes out its server, and gives it back', async (t) => {
  const { says, stays, events, daemon, name } = await director(t);
  await says('ready 100%\n', '100');
  await says('50%\n', '50');
  await says('1%', '1');
  await says('weight:7\r\n', '7');
  await says('drain,75%', '0');
  // What is not mentioned stays.
  await says('ready', '75');
  await says('0%', '0');
  await says('30%', '30');
  await says('DOWN#disk full\r\n', 'nobody');
  const [held] = (await daemon.explain({ server: name, virtual: null })).map(({ server }) => server);
  assert.equal(held?.held, 'its agent says down');
  assert.deepEqual([held?.hold?.by, held?.hold?.why], ['agent', 'disk full']);
  assert.equal(held?.up, true);
  await says('up', '30');
  await says('weight:300', '30');
  await stays('30');
  const told = typesOf(events, 'agent-misunderstood', 'maintenance-began', 'maintenance-ended');
  assert.deepEqual(told, [
    ...['maintenance-began', 'maintenance-ended'],
    ...['maintenance-began', 'maintenance-ended'],
    ...['maintenance-began', 'maintenance-ended'],
    'agent-misunderstood',
  ]);
  const shares = events.flatMap((event) => (event.type === 'agent-weight' ? [event.weight] : []));
  assert.deepEqual(shares, ['50%', '1%', 'weight:7', '75%', '0%', '30%']);
});

test('while an agent says maint its server is not checked, and the first check after that decides', async (t) => {
  const { says, stays, asked, daemon, name, events } = await director(t);
  await says('ready', '100');
  await says('maint #kernel', 'nobody');
  await until('the checks rest', async () => {
    const [explained] = await daemon.explain({ server: name, virtual: null });
    return explained?.check === null;
  });
  // A check that was under way has ended by then.
  await stays('nobody');
  const before = asked.web;
  await stays('nobody');
  assert.equal(asked.web, before);
  const [checked] = await daemon.checkNow({ server: name, virtual: null });
  assert.deepEqual([checked?.result, checked?.why], [null, 'its check rests, since its agent says maint']);
  const [explained] = await daemon.explain({ server: name, virtual: null });
  assert.equal(explained?.server.hold?.why, 'kernel');
  assert.equal(explained?.server.decided, false);
  await says('ready', '100');
  assert.ok(asked.web > before);
  const last = typesOf(events, 'maintenance-began', 'maintenance-ended', 'server-up');
  assert.deepEqual(last, ['server-up', 'maintenance-began', 'maintenance-ended', 'server-up']);
});

test('silence changes nothing, through a reload; and what is said counts no more where nobody asks', async (t) => {
  const { says, comesTo, agent, log, events, own, reload, weights, daemon, name } = await director(t);
  await says('50%', '50');
  await agent.close();
  await until('it is told that the agent is silent', () => typesOf(events, 'agent-silent').length > 0);
  assert.match(
    log.join('\n'),
    /Agent does not answer: 127\.0\.0\.1:\d+: connect: refused .*; its last word stays: 50%/,
  );
  await reload(...own, 'servicename=shop');
  assert.equal(await weights(), '50');
  await reload(...own, 'agentmaxage=3600');
  assert.equal(await weights(), '50');
  const [explained] = await daemon.explain({ server: name, virtual: null });
  assert.match(explained?.server.agent?.silence ?? '', /refused/);
  assert.equal(explained?.server.agent?.said, '50%');
  await reload('servicename=shop');
  await comesTo('100');
  assert.equal(typesOf(events, 'agent-silent').length, 1);
});

test('beyond agentmaxage the weight is the file’s again, until the agent answers', async (t) => {
  const { says, comesTo, agent, events } = await director(t, 'agentmaxage=1');
  await says('drain', '0');
  await agent.close();
  await comesTo('100');
  assert.deepEqual(typesOf(events, 'agent-silent', 'maintenance-ended'), ['agent-silent', 'maintenance-ended']);
});

test('a weight by hand goes before one of the agent, and is shared by it', async (t) => {
  const { says, comesTo, daemon, name } = await director(t);
  await says('weight:20', '20');
  await daemon.steering.setWeight({ server: name, virtual: null }, 40, null, plain);
  await comesTo('40');
  await says('50%', '20');
  await daemon.steering.setWeight({ server: name, virtual: null }, null, null, plain);
  await comesTo('50');
});

test('minhealthy does not outvote an agent', async (t) => {
  const { says, stays } = await director(t, 'minhealthy=1');
  await says('50%', '50');
  await says('down', 'nobody');
  await stays('nobody');
});

test('a check that another virtual shares goes on while the agent says maint', async (t) => {
  const { asked, says, own, reload, events } = await director(t);
  await says('ready', '100');
  await reload(...own, '', 'virtual=192.0.2.2:80', `\treal=127.0.0.1:${portOf(events)} masq 5`, '\tservice=http');
  await says('maint', '5');
  const before = asked.web;
  await until('the server is checked still', () => asked.web > before + 1);
});

test('what an agent said outlives a restart, also where it is silent since', async (t) => {
  const { agent, speech, port } = await machine(t);
  const file = policyFile(join(await temporaryDirectory(t), 'policies'));
  const text = `virtual=192.0.2.1:80\n\treal=127.0.0.1:${port} masq 100\n\tchecktype=connect\n\tagent=${agent.port}\n`;
  const run = async () => {
    const { state, fault } = await file.read();
    assert.equal(fault, null);
    return startDaemon(t, text, { backend: new MemoryBackend(), policies: { file, before: state } });
  };
  speech.line = 'drain,75% #update\n';
  const first = await run();
  await until('the drain counts', () => typesOf(first.events, 'maintenance-began').length > 0);
  await first.daemon.leave('test');
  await agent.close();
  const { daemon, events } = await run();
  const [began] = typesOf(events, 'maintenance-began', 'agent-silent', 'server-up');
  assert.equal(began, 'maintenance-began', 'before anybody was asked');
  await until('it is told that the agent is silent', () => typesOf(events, 'agent-silent').length > 0);
  const [explained] = await daemon.explain({ server: `127.0.0.1:${port}`, virtual: null });
  assert.deepEqual([explained?.server.hold?.why, explained?.server.agent?.word], ['update', 'drain 75% #update']);
  assert.ok(explained?.server.agent?.answered);
});

function portOf(events: readonly { readonly type: string }[]): string {
  const up = events.find(({ type }) => type === 'server-up') as { readonly server?: string } | undefined;
  return up?.server?.split(':').at(-1) ?? '';
}
