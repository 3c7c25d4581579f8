import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { until } from '../helpers/deadline.js';
import { entryOf, noFallback, wantedOf, watched } from './watched.js';

test('who changes an entry back each time is suspected, and gets less often what it wants', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend, { lookDelay: 5, retryDelay: 50 });
  const wanted = wantedOf(noFallback, '10.0.0.1', '10.0.0.2');
  const { service, destination } = entryOf(wanted);
  await reconciler.takeOver(wanted);
  const theirs = { type: 'edit-destination', service, destination: { ...destination('10.0.0.1'), weight: 9 } } as const;
  lines.length = 0;
  let repairs = 0;
  const isRight = async (): Promise<boolean> => {
    const [entry] = (await backend.read()).values();
    return entry?.destinations.get('10.0.0.1:80')?.weight === 3;
  };
  while (!lines.some((line) => line.startsWith('contested'))) {
    await backend.apply([theirs]);
    await until(
      'it is put right or given up for now',
      async () => (await isRight()) || lines.at(-1)?.startsWith('contested') === true,
    );
    repairs += (await isRight()) ? 1 : 0;
    assert.ok(repairs <= 3, `${repairs}`);
  }
  assert.equal(repairs, 3);
  assert.deepEqual(lines.at(-1), 'contested: 10.0.0.1:80 (192.0.2.1:80)');
  assert.equal(lines.filter((line) => line.startsWith('drift')).length, 3);
  const [missing] = await reconciler.missing();
  assert.match(missing?.reason ?? '', /somebody else changes it back/);

  // What we want otherwise does not wait, neither for this entry nor for another.
  await reconciler.want(wantedOf(noFallback.replace('gate 3', 'gate 5'), '10.0.0.1'));
  const [entry] = (await backend.read()).values();
  assert.deepEqual(
    [...(entry?.destinations.values() ?? [])].map(({ weight }) => weight),
    [5],
  );
});

test('different changes by hand, one after another, are nobody’s fight', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend, { lookDelay: 5 });
  const wanted = wantedOf(noFallback, '10.0.0.1');
  const { service, destination } = entryOf(wanted);
  await reconciler.takeOver(wanted);
  for (let weight = 10; weight < 16; weight += 1) {
    lines.length = 0;
    await backend.apply([{ type: 'edit-destination', service, destination: { ...destination('10.0.0.1'), weight } }]);
    await until('it is put right', () => lines.length >= 2);
    assert.deepEqual(lines, ['drift: 10.0.0.1:80 (192.0.2.1:80)', 'restored real 10.0.0.1:80 (192.0.2.1:80) 3']);
  }
});
