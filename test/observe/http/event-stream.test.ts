import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { EventsAnswer } from '../../../src/observe/http/shapes.js';
import { until } from '../../helpers/deadline.js';
import { webSite } from '../../helpers/web-site.js';

/** A reader of the stream, with everything that it got. */
async function reader(t: TestContext, base: string, lastId?: string) {
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
  const response = await fetch(`${base}/events`, { headers, signal: leaving.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const state = { text: '', isOver: false, leave: () => leaving.abort() };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) state.text += decoder.decode(part, { stream: true });
  };
  void read()
    .catch(() => {})
    .finally(() => {
      state.isOver = true;
    });
  const files = (): string[] => [...state.text.matchAll(/file '([^']*)'/g)].map(([, file]) => file ?? '');
  return { state, files };
}

function changed(file: string) {
  return { type: 'config-changed', file } as const;
}

test('events come as they happen, one message each, whatever is in them', async (t) => {
  const { base, bus } = await webSite(t);
  const { state, files } = await reader(t, base);
  await until('the stream is open', () => state.text.includes('retry:'));
  bus.publish(changed('a\n\nevent: forged\ndata: {}'));
  bus.publish(changed('b'));
  await until('both are there', () => files().length === 2);
  assert.ok(!/^event:/m.test(state.text), state.text);
  const [, id] = /^id: (\S+)$/m.exec(state.text) ?? [];
  assert.match(id ?? '', /^\d+-\d+$/);
});

test('who comes again with its last id gets what it missed; of another life, or of too long ago, it is told so', async (t) => {
  const { base, bus, chronicle } = await webSite(t);
  for (const file of ['a', 'b', 'c']) bus.publish(changed(file));
  const last = chronicle.recent().at(-1)?.number ?? assert.fail();
  const resumed = await reader(t, base, `${chronicle.series}-${last - 2}`);
  await until('what it missed is there', () => resumed.files().length === 2);
  assert.deepEqual(resumed.files(), ['b', 'c']);
  assert.ok(!resumed.state.text.includes('event: reset'));
  const current = await reader(t, base, `${chronicle.series}-${last}`);
  for (const id of [`1-${last}`, 'nonsense', '']) {
    const other = await reader(t, base, id);
    await until('all is told anew', () => other.files().length === 3);
    assert.ok(other.state.text.includes('event: reset'), id);
  }
  assert.deepEqual(current.files(), []);
  for (let at = 0; at < 1100; at += 1) bus.publish(changed(String(at)));
  const late = await reader(t, base, `${chronicle.series}-${last}`);
  await until('it is told that it missed something', () => late.state.text.includes('event: reset'));
});

test('who followed the run before goes on where it was, or is told that it cannot', async (t) => {
  const at = Date.now() - 60_000;
  const recent = [41, 42, 43].map((number) => ({ number, at, event: changed(`before-${number}`) }));
  const known = await webSite(t, { before: { series: 7, last: 0, recent } });
  assert.equal(known.chronicle.series, 7);
  const goesOn = await reader(t, known.base, '7-42');
  known.bus.publish(changed('now'));
  await until('what it missed is there', () => goesOn.files().length === 2);
  assert.deepEqual(goesOn.files(), ['before-43', 'now']);
  assert.ok(!goesOn.state.text.includes('event: reset'));

  const killed = await webSite(t, { before: { series: null, last: 0, recent } });
  const begins = await reader(t, killed.base, '7-44');
  await until('all is told anew', () => begins.files().length === 3);
  assert.ok(begins.state.text.includes('event: reset'));
  const answer = await (await fetch(`${killed.base}/api/v1/events?after=42`)).json();
  assert.deepEqual(
    [(answer as EventsAnswer).series, (answer as EventsAnswer).events[0]?.number],
    [killed.chronicle.started, 43],
  );
});

test('of many at once the newest are told, and that some were missed', async (t) => {
  const { base, bus } = await webSite(t);
  const { state, files } = await reader(t, base);
  await until('the stream is open', () => state.text.includes('retry:'));
  for (let at = 0; at < 3000; at += 1) bus.publish(changed(String(at)));
  await until('the last one is there', () => files().at(-1) === '2999');
  assert.equal(files().length, 500);
  assert.ok(state.text.includes('event: reset'));
});

test('readers are so many at most, and one that takes nothing off is sent away', async (t) => {
  const { base, port, bus } = await webSite(t);
  const lazy = connect(port, '127.0.0.1');
  t.after(() => lazy.destroy());
  lazy.on('error', () => {});
  await once(lazy, 'connect');
  lazy.pause();
  lazy.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const eager = await reader(t, base);
  await until('the stream is open', () => eager.state.text.includes('retry:'));
  const large = 'x'.repeat(64 * 1024);
  // Far more than its bound and all buffers of the system between.
  for (let at = 0; at < 400; at += 1) {
    bus.publish(changed(large));
    if (at % 20 === 19) await until('the eager one has them', () => eager.files().length === at + 1, 30_000);
  }
  lazy.resume();
  await until('the lazy one is sent away', () => lazy.closed);
  const others = await Promise.all(Array.from({ length: 63 }, () => reader(t, base)));
  assert.equal((await fetch(`${base}/events`)).status, 503);
  others[0]?.state.leave();
  await until('there is a place again', async () => {
    const leaving = new AbortController();
    const { status } = await fetch(`${base}/events`, { signal: leaving.signal });
    leaving.abort();
    return status === 200;
  });
});

test('an address that has all places gives some up for others, and for itself has no more', async (t) => {
  const { port, base, bus } = await webSite(t);
  const gone = new Set<number>();
  const follow = async (localAddress: string, number: number): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => gone.add(number));
    await once(socket, 'connect');
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [begin] = await once(socket.setEncoding('latin1'), 'data');
    assert.match(String(begin), /^HTTP\/1\.1 200 /);
    socket.resume();
  };
  for (let number = 0; number < 64; number += 1) await follow('127.0.0.1', number);
  assert.equal((await fetch(`${base}/events`)).status, 503);
  for (let number = 64; number < 96; number += 1) await follow('127.0.0.2', number);
  await until('those who came first have gone', () => gone.size === 32);
  assert.deepEqual(
    [...gone].sort((a, b) => a - b),
    Array.from({ length: 32 }, (_, number) => number),
  );
  const refused = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  t.after(() => refused.destroy());
  refused.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(refused.setEncoding('latin1'), 'data');
  assert.match(String(answer), /^HTTP\/1\.1 503 /);
  bus.publish(changed('a'));
  await follow('127.0.0.3', 96);
});
