import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { until } from '../helpers/deadline.js';
import { entryOf, noFallback, standing, Troubled, text, wantedOf, watched } from './watched.js';

test('changes are told in the words of the log', async (t) => {
  const { reconciler, lines } = watched(t, new MemoryBackend());
  await reconciler.want(wantedOf(text));
  await reconciler.want(wantedOf(text, '10.0.0.1'));
  await reconciler.want(wantedOf(text.replace('gate 3', 'gate 4'), '10.0.0.1'));
  await reconciler.want(wantedOf(`quiescent=yes${text}`));
  await reconciler.takeOver(wantedOf('virtual=192.0.2.1:80\n\tscheduler=rr\n'));
  await reconciler.takeOver(wantedOf(''));
  assert.deepEqual(lines, [
    'added virtual 192.0.2.1:80 start',
    'added fallback 127.0.0.1:80 (192.0.2.1:80) 1',
    'added real 10.0.0.1:80 (192.0.2.1:80) 3',
    'deleted fallback 127.0.0.1:80 (192.0.2.1:80) 0',
    'restored real 10.0.0.1:80 (192.0.2.1:80) 4',
    'added real 10.0.0.2:80 (192.0.2.1:80) 0',
    'added fallback 127.0.0.1:80 (192.0.2.1:80) 1',
    'quiescent real 10.0.0.1:80 (192.0.2.1:80) 0',
    'changed virtual 192.0.2.1:80 start',
    'purged real 10.0.0.1:80 (192.0.2.1:80) 0',
    'purged real 10.0.0.2:80 (192.0.2.1:80) 0',
    'purged real 127.0.0.1:80 (192.0.2.1:80) 0',
    'purged virtual 192.0.2.1:80 start',
  ]);
});

test('wants that come while a plan is applied become one more round', async (t) => {
  const backend = new Troubled();
  const { reconciler } = watched(t, backend);
  const all = Array.from({ length: 50 }, (_, turn) =>
    reconciler.want(wantedOf(text, turn % 2 ? '10.0.0.1' : '10.0.0.2')),
  );
  await Promise.all(all);
  assert.ok(backend.reads <= 3, `${backend.reads} reads for 50 wants`);
  const [entry] = (await backend.read()).values();
  assert.deepEqual([...(entry?.destinations.keys() ?? [])], ['10.0.0.1:80'], 'the last want rules');
});

test('a change of health needs no look at the table', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend);
  await reconciler.takeOver(wantedOf(text, '10.0.0.1', '10.0.0.2'));
  const { reads } = backend;
  for (const up of [['10.0.0.1'], [], ['10.0.0.2'], ['10.0.0.1', '10.0.0.2']]) {
    await reconciler.want(wantedOf(text, ...up));
    const expected = up.length === 0 ? ['127.0.0.1:80'] : up.map((address) => `${address}:80`);
    const [entry] = (await MemoryBackend.prototype.read.call(backend)).values();
    assert.deepEqual([...(entry?.destinations.keys() ?? [])].toSorted(), expected);
  }
  assert.equal(backend.reads, reads);
  assert.equal(lines.filter((line) => /drift|failed/.test(line)).length, 0);
});

test('where the table is not as it was known, a look follows at once', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend);
  await reconciler.takeOver(wantedOf(text, '10.0.0.1', '10.0.0.2'));
  const { service } = entryOf(wantedOf(text));
  await backend.apply([{ type: 'delete-service', service }]);
  lines.length = 0;
  await reconciler.want(wantedOf(text.replace('gate 3', 'gate 5'), '10.0.0.1'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.1:80 5'] });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('failed')),
    [],
  );
});

test('a refused operation fails alone, is told once, and is tried again', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend);
  const busy = { code: 'ENOBUFS', message: 'no buffer space' };
  backend.refuse = (operation) =>
    'destination' in operation && operation.destination.address === '10.0.0.1' ? busy : null;
  await reconciler.want(wantedOf(text, '10.0.0.1', '10.0.0.2'));
  await until('it has been tried again', () => backend.applies > 3);
  assert.equal(backend.reads, 1, 'that needs no look');
  assert.deepEqual(lines, [
    'added virtual 192.0.2.1:80 start',
    'failed 10.0.0.1:80 (192.0.2.1:80): ENOBUFS',
    'added real 10.0.0.2:80 (192.0.2.1:80) 1',
  ]);
  backend.refuse = null;
  await until('the fourth change', () => lines.length === 4);
  assert.equal(lines[3], 'added real 10.0.0.1:80 (192.0.2.1:80) 3');
  await reconciler.close();
});

test('what was added or removed behind our back is no failure', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend);
  await reconciler.want(wantedOf(text));
  const [entry] = wantedOf(text).values();
  assert.ok(entry);
  const { service } = entry;
  const meddle = (...operations: Operation[]) => {
    backend.refuse = () => {
      backend.refuse = null;
      void MemoryBackend.prototype.apply.call(backend, operations);
      return null;
    };
  };
  const [real] = wantedOf(text, '10.0.0.1').get('tcp 192.0.2.1:80')?.destinations.values() ?? [];
  const [fallback] = entry.destinations.values();
  assert.ok(real && fallback);
  meddle(
    { type: 'add-destination', service, destination: { ...real, weight: 9 } },
    { type: 'delete-destination', service, destination: fallback },
  );
  lines.length = 0;
  await reconciler.want(wantedOf(text, '10.0.0.1'));
  assert.deepEqual(lines, ['restored real 10.0.0.1:80 (192.0.2.1:80) 3']);
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.1:80 3'] });
  await reconciler.close();
});

test('a backend that does not answer is told once, and the next round comes', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend, { deadline: 30 });
  backend.hang = true;
  await reconciler.want(wantedOf(text));
  await until('a second round', () => backend.reads >= 2);
  assert.deepEqual(lines, ['failed memory: ETIMEDOUT']);
  backend.hang = false;
  await until('the table stands', () => lines.length === 3);
  await reconciler.close();
});

test('foreign services stay; services that are no longer wanted go', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler: other } = watched(t, backend);
  await other.want(wantedOf(text.replace('192.0.2.1', '192.0.2.9'), '10.0.0.1'));
  const { reconciler } = watched(t, backend);
  await reconciler.want(wantedOf(text, '10.0.0.1'));
  await reconciler.want(wantedOf(text.replace('192.0.2.1', '192.0.2.2'), '10.0.0.1'));
  assert.deepEqual([...(await backend.read()).keys()], ['tcp 192.0.2.9:80', 'tcp 192.0.2.2:80']);
});

test('a service that is wanted while the table is read is not taken for one that is not wanted any more', async (t) => {
  const backend = new Troubled();
  const theirs = watched(t, backend).reconciler;
  await theirs.want(wantedOf(text.replace('192.0.2.1', '192.0.2.9'), '10.0.0.1'));
  await theirs.leave();
  const { reconciler, lines } = watched(t, backend);
  const both = `${text}${text.replace('192.0.2.1', '192.0.2.9')}`;
  const first = reconciler.want(wantedOf(text, '10.0.0.1'));
  await Promise.all([first, reconciler.want(wantedOf(both, '10.0.0.1'))]);
  assert.deepEqual(lines, ['added virtual 192.0.2.1:80 start', 'added real 10.0.0.1:80 (192.0.2.1:80) 3']);
});

test('close removes what cleanstop says, and nothing happens afterwards', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend);
  const two = `${text}\nvirtual=192.0.2.2:80\n\treal=10.0.0.1:80 gate\n\tcleanstop=no\n`;
  await reconciler.want(wantedOf(two, '10.0.0.1'));
  lines.length = 0;
  await reconciler.close();
  assert.deepEqual(lines, ['purged real 10.0.0.1:80 (192.0.2.1:80) 0', 'purged virtual 192.0.2.1:80 stop']);
  await reconciler.want(wantedOf(two));
  assert.deepEqual([...(await backend.read()).keys()], ['tcp 192.0.2.2:80']);
});

test('what somebody else changes is told and put right', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend, { lookDelay: 10 });
  const wanted = wantedOf(text, '10.0.0.1', '10.0.0.2');
  const { service, destination } = entryOf(wanted);
  await reconciler.want(wanted);
  const inOrder = await standing(backend);
  const meddlings: [Operation[], string[]][] = [
    [
      [{ type: 'edit-destination', service, destination: { ...destination('10.0.0.1'), weight: 7 } }],
      ['drift: 10.0.0.1:80 (192.0.2.1:80)', 'restored real 10.0.0.1:80 (192.0.2.1:80) 3'],
    ],
    [
      [{ type: 'delete-destination', service, destination: destination('10.0.0.2') }],
      ['drift: 10.0.0.2:80 (192.0.2.1:80)', 'added real 10.0.0.2:80 (192.0.2.1:80) 1'],
    ],
    [
      [{ type: 'delete-service', service }],
      [
        'drift: 192.0.2.1:80, 10.0.0.1:80 (192.0.2.1:80), 10.0.0.2:80 (192.0.2.1:80)',
        'added virtual 192.0.2.1:80 start',
        'added real 10.0.0.1:80 (192.0.2.1:80) 3',
        'added real 10.0.0.2:80 (192.0.2.1:80) 1',
      ],
    ],
  ];
  for (const [operations, expected] of meddlings) {
    lines.length = 0;
    await backend.apply(operations);
    await until('it is put right', () => lines.length >= expected.length);
    assert.deepEqual(lines, expected);
    assert.deepEqual(await standing(backend), inOrder);
  }
  await reconciler.close();
});

test('a look at a table that is in order changes and tells nothing', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend, { lookDelay: 5 });
  await reconciler.want(wantedOf(text, '10.0.0.1'));
  const { applied } = backend;
  lines.length = 0;
  const { reads } = backend;
  await until('it has looked a few times', () => backend.reads > reads + 3);
  assert.deepEqual([lines, backend.applied], [[], applied]);
  await reconciler.close();
  const after = backend.reads;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(backend.reads, after, 'no look after the close');
});

for (const readd of ['no', 'yes']) {
  test(`a quiescent server that somebody took out, readdquiescent=${readd}`, async (t) => {
    const backend = new Troubled();
    const { reconciler, lines } = watched(t, backend, { lookDelay: 5 });
    const file = `quiescent=yes\nreaddquiescent=${readd}\n${noFallback}`;
    const oneDown = wantedOf(file, '10.0.0.1');
    const { service, destination } = entryOf(oneDown);
    await reconciler.want(oneDown);
    lines.length = 0;
    await backend.apply([{ type: 'delete-destination', service, destination: destination('10.0.0.2') }]);
    const { reads } = backend;
    await until('it has looked a few times', () => backend.reads > reads + 3);
    // A decision about another server is no reason to put it back either.
    await reconciler.want(wantedOf(file.replace('gate 3', 'gate 4'), '10.0.0.1'));
    assert.deepEqual(lines, [
      ...(readd === 'yes' ? ['drift: 10.0.0.2:80 (192.0.2.1:80)', 'readded real 10.0.0.2:80 (192.0.2.1:80) 0'] : []),
      'restored real 10.0.0.1:80 (192.0.2.1:80) 4',
    ]);
    await reconciler.want(wantedOf(file, '10.0.0.1', '10.0.0.2'));
    assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.1:80 3', '10.0.0.2:80 1'] });
    await reconciler.close();
  });
}

test('a whole service that somebody took out returns with its quiescent servers', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler } = watched(t, backend, { lookDelay: 5 });
  const wanted = wantedOf(`quiescent=yes\n${noFallback}`, '10.0.0.1');
  const { service } = entryOf(wanted);
  await reconciler.want(wanted);
  const inOrder = await standing(backend);
  await backend.apply([{ type: 'delete-service', service }]);
  await until('it is back', async () => (await backend.read()).size > 0);
  await reconciler.want(wanted);
  assert.deepEqual(await standing(backend), inOrder);
  await reconciler.close();
});

test('a real server that somebody added stays until the next start or reload', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend, { lookDelay: 5 });
  const wanted = wantedOf(noFallback, '10.0.0.1');
  const { service, destination } = entryOf(wanted);
  await reconciler.takeOver(wanted);
  const guest = { ...destination('10.0.0.1'), address: '10.0.0.9' };
  await backend.apply([{ type: 'add-destination', service, destination: guest }]);
  lines.length = 0;
  await reconciler.want(wantedOf(noFallback, '10.0.0.2'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.9:80 3', '10.0.0.2:80 1'] });
  await reconciler.takeOver(wantedOf(noFallback, '10.0.0.2'));
  assert.deepEqual(lines, [
    'added real 10.0.0.2:80 (192.0.2.1:80) 1',
    'deleted real 10.0.0.1:80 (192.0.2.1:80) 0',
    'purged real 10.0.0.9:80 (192.0.2.1:80) 0',
  ]);
  await reconciler.close();
});

test('an audit reads once, counts what it puts right, and leaves alone what an administrator did', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend);
  const wanted = wantedOf(`quiescent=yes\n${noFallback}`, '10.0.0.1');
  const { service, destination } = entryOf(wanted);
  assert.deepEqual(await reconciler.audit(wanted), { services: 0, destinations: 0, differences: 3 });
  assert.equal(backend.reads, 1);
  assert.deepEqual(await reconciler.audit(wanted), { services: 1, destinations: 2, differences: 0 });
  const inOrder = await standing(backend);

  await backend.apply([
    { type: 'delete-destination', service, destination: destination('10.0.0.2') },
    { type: 'add-destination', service, destination: { ...destination('10.0.0.1'), address: '10.0.0.9' } },
  ]);
  lines.length = 0;
  assert.deepEqual(await reconciler.audit(wanted), { services: 1, destinations: 2, differences: 0 });
  assert.deepEqual(lines, []);

  await backend.apply([{ type: 'delete-service', service }]);
  assert.deepEqual(await reconciler.audit(wanted), { services: 0, destinations: 0, differences: 3 });
  assert.deepEqual(await standing(backend), inOrder);
});

test('an audit of a table that cannot be read, or after the end, has nothing to say', async (t) => {
  const backend = new Troubled();
  const { reconciler } = watched(t, backend, { deadline: 20 });
  const wanted = wantedOf(text, '10.0.0.1');
  backend.hang = true;
  assert.equal(await reconciler.audit(wanted), null);
  backend.hang = false;
  await reconciler.leave();
  assert.equal(await reconciler.audit(wanted), null);
  assert.deepEqual(await standing(backend), {});
});

test('each of several audits at once is answered', async (t) => {
  const { reconciler } = watched(t, new MemoryBackend());
  const wanted = wantedOf(text, '10.0.0.1');
  const found = await Promise.all([reconciler.audit(wanted), reconciler.audit(wanted), reconciler.audit(wanted)]);
  // The first begins at once; those that come meanwhile share the next round.
  assert.deepEqual(
    found.map((numbers) => numbers?.differences),
    [2, 0, 0],
  );
});

test('how often the table is looked at can change on the way', async (t) => {
  const backend = new Troubled();
  const { reconciler } = watched(t, backend);
  await reconciler.want(wantedOf(text));
  const { reads } = backend;
  reconciler.lookEvery(5);
  await reconciler.want(wantedOf(text));
  await until('it has looked a few times', () => backend.reads > reads + 4);
});
