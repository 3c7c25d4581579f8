import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../src/events.js';
import { MemoryBackend } from '../src/ipvs/memory.js';
import { explanationText } from '../src/terminal/explanation.js';
import { response } from './helpers/bad-servers.js';
import { startDaemon } from './helpers/daemon.js';
import { until } from './helpers/deadline.js';
import { listen } from './helpers/listener.js';

test('a server that a further check finds down goes out with a reason that names it, and comes back', async (t) => {
  const web = await listen(response('200 OK', 'hello'));
  let health = await listen(response('200 OK', 'healthy'));
  t.after(() => Promise.all([web.close(), health.close()]));
  const text = `checkinterval=600
failurecount=2
virtual=192.0.2.1:80
	real=127.0.0.1:${web.port} masq
	service=http
	require=connect
	require=http:${health.port} "/health" "^healthy"
`;
  const events: Event[] = [];
  const backend = new MemoryBackend();
  const { daemon } = await startDaemon(t, text, { backend }, (event) => void events.push(event));
  const target = { server: `127.0.0.1:${web.port}`, virtual: null };
  const seen = (type: Event['type'], wanted: RegExp) =>
    events.some((event) => event.type === type && 'reason' in event && wanted.test(String(event.reason)));
  const destinations = async () => [...(await backend.read()).values()].map((service) => service.destinations.size);

  const passed = /^response: status 200; 2 further checks passed$/;
  await until('it is in use', () => seen('server-up', passed));
  await health.close();
  const failed = new RegExp(`^require http:${health.port}: connect: refused \\(ECONNREFUSED\\)$`);
  await daemon.checkNow(target);
  await until('a failure', () => seen('server-soft-failure', failed));
  const [checked] = await daemon.checkNow(target);
  assert.match(checked?.result?.reason ?? '', failed);
  await until('it is down', () => seen('server-down', failed));
  await until('it is out', async () => (await destinations())[0] === 0);

  const [explanation] = await daemon.explain(target);
  assert.ok(explanation);
  assert.equal(explanation.server.failures, 2, 'a run of all of them counts once');
  const words = explanationText(explanation, Date.now(), { width: null, colour: false });
  assert.match(words, new RegExp(`\\n  require connect of 127\\.0\\.0\\.1:${web.port}\\n`));
  assert.match(words, new RegExp(`\\n  require negotiate http of 127\\.0\\.0\\.1:${health.port}\\n`));

  health = await listen(response('200 OK', 'healthy'), '127.0.0.1', health.port);
  await daemon.checkNow(target);
  await until('it is up again', () => events.filter(({ type }) => type === 'server-up').length === 2);
  await until('it is back', async () => (await destinations())[0] === 1);
});
