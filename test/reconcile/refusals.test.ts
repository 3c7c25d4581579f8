import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Operation } from '../../src/ipvs/backend.js';
import { until } from '../helpers/deadline.js';
import { entryOf, noFallback, standing, Troubled, text, wantedOf, watched } from './watched.js';

const refusedService = 'virtual=192.0.2.66:80\n\tscheduler=nonesuch\n\treal=10.0.0.1:80 gate\n';
const notThere = { code: 'ENOENT', message: 'the scheduler is not in the kernel' };

/** A table that takes everything but one service, for ever. */
function refusing() {
  const backend = new Troubled();
  backend.refuse = ({ type, service }) =>
    type === 'add-service' && 'address' in service && service.address === '192.0.2.66' ? notThere : null;
  return backend;
}

async function inOrder(t: TestContext, { lookDelay = 5, retryDelay = 60_000, file = noFallback } = {}) {
  const backend = refusing();
  const made = watched(t, backend, { lookDelay, retryDelay });
  await made.reconciler.takeOver(wantedOf(`${file}${refusedService}`, '10.0.0.1'));
  const looked = async (): Promise<void> => {
    const { reads } = backend;
    await until('the table has been looked at', () => backend.reads > reads + 1);
  };
  return { backend, looked, ...made };
}

const other = text.replace('192.0.2.1', '192.0.2.9');

test('beside a service that is refused for ever, one that is not wanted any more is somebody else’s again', async (t) => {
  const { backend, reconciler, lines, looked } = await inOrder(t, { file: `${noFallback}${other}` });
  await reconciler.takeOver(wantedOf(`${noFallback}${refusedService}`, '10.0.0.1'));
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80']);
  const theirs = watched(t, backend).reconciler;
  await theirs.want(wantedOf(other, '10.0.0.1'));
  await theirs.leave();
  lines.length = 0;
  await looked();
  assert.deepEqual(lines, []);
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80', 'tcp 192.0.2.9:80']);
});

test('beside it a real server that somebody added stays until the next reload', async (t) => {
  const { backend, reconciler, looked } = await inOrder(t);
  const { service, destination } = entryOf(wantedOf(noFallback, '10.0.0.1'));
  const guest = { ...destination('10.0.0.1'), address: '10.0.0.9' };
  await backend.apply([{ type: 'add-destination', service, destination: guest }]);
  await looked();
  const both = { 'tcp 192.0.2.1:80': ['10.0.0.1:80 3', '10.0.0.9:80 3'] };
  assert.deepEqual(await standing(backend), both);
  await reconciler.takeOver(wantedOf(`${noFallback}${refusedService}`, '10.0.0.1'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.1:80 3'] });
});

test('beside it what somebody else changes is told, and put right with the next look', async (t) => {
  const { backend, lines } = await inOrder(t);
  const { service, destination } = entryOf(wantedOf(noFallback, '10.0.0.1'));
  lines.length = 0;
  await backend.apply([{ type: 'edit-destination', service, destination: { ...destination('10.0.0.1'), weight: 7 } }]);
  const expected = ['drift: 10.0.0.1:80 (192.0.2.1:80)', 'restored real 10.0.0.1:80 (192.0.2.1:80) 3'];
  await until('it is put right', () => lines.length >= expected.length);
  assert.deepEqual(lines, expected);
});

test('beside it a change of health needs no look', async (t) => {
  const { backend, reconciler } = await inOrder(t, { lookDelay: 60_000 });
  const { reads } = backend;
  await reconciler.want(wantedOf(`${noFallback}${refusedService}`, '10.0.0.2'));
  assert.equal(backend.reads, reads);
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80']);
});

test('a refused service is told once, without its servers, and stands when it is taken', async (t) => {
  const { backend, reconciler, lines } = await inOrder(t, { lookDelay: 60_000, retryDelay: 10 });
  assert.deepEqual(
    lines.filter((line) => line.includes('192.0.2.66')),
    ['failed 192.0.2.66:80: ENOENT'],
  );
  const missing = await reconciler.missing();
  assert.deepEqual(missing, [
    {
      service: 'tcp 192.0.2.66:80',
      destination: null,
      object: '192.0.2.66:80',
      reason: `${notThere.message} (${notThere.code})`,
    },
  ]);
  assert.equal(reconciler.unserved.has('tcp 192.0.2.66:80', '10.0.0.1:80'), true);
  assert.equal(reconciler.unserved.has('tcp 192.0.2.1:80', '10.0.0.1:80'), false);
  backend.refuse = null;
  await until('it stands', async () => 'tcp 192.0.2.66:80' in (await standing(backend)));
  await until('it is known', () => !reconciler.unserved.some);
  // Its servers may come in a portion of their own, a moment later.
  await until('nothing is missing', async () => (await reconciler.missing()).length === 0);
});

/** Refuses one server, whatever is to become of it. */
function refusingServer(address: string) {
  const backend = new Troubled();
  backend.refuse = (operation: Operation) =>
    'destination' in operation && operation.destination.address === address && operation.type !== 'delete-destination'
      ? { code: 'ERANGE', message: 'the lower threshold is above the upper one' }
      : null;
  return backend;
}

test('what is to go stays where what is to come in its place is refused', async (t) => {
  const backend = refusingServer('10.0.0.1');
  const { reconciler, lines } = watched(t, backend, { retryDelay: 60_000 });
  await reconciler.takeOver(wantedOf(text));
  await reconciler.want(wantedOf(text, '10.0.0.1'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['127.0.0.1:80 1'] });
  assert.equal(reconciler.unserved.has('tcp 192.0.2.1:80', '10.0.0.1:80'), true);
  // Somebody decides anew, and knows of the refusal.
  await reconciler.want(wantedOf(text, '10.0.0.1', '10.0.0.2'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.2:80 1'] });
  assert.deepEqual(lines.slice(2), [
    'failed 10.0.0.1:80 (192.0.2.1:80): ERANGE',
    'added real 10.0.0.2:80 (192.0.2.1:80) 1',
    'deleted fallback 127.0.0.1:80 (192.0.2.1:80) 0',
  ]);
});

test('other settings of what was refused are tried at once, the same ones are not', async (t) => {
  const backend = refusingServer('10.0.0.1');
  const { reconciler } = watched(t, backend, { retryDelay: 60_000 });
  await reconciler.takeOver(wantedOf(noFallback, '10.0.0.1', '10.0.0.2'));
  const { applied } = backend;
  await reconciler.takeOver(wantedOf(noFallback, '10.0.0.1', '10.0.0.2'));
  assert.equal(backend.applied, applied);
  backend.refuse = null;
  await reconciler.takeOver(wantedOf(noFallback.replace('gate 3', 'gate 4'), '10.0.0.1', '10.0.0.2'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.2:80 1', '10.0.0.1:80 4'] });
  assert.equal(reconciler.unserved.some, false);
});

test('a refused edit leaves what stands in use, and is no drift', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend, { retryDelay: 60_000, lookDelay: 5 });
  await reconciler.takeOver(wantedOf(noFallback, '10.0.0.1'));
  backend.refuse = ({ type }) => (type.startsWith('edit-') ? { code: 'EINVAL', message: 'no' } : null);
  lines.length = 0;
  await reconciler.takeOver(
    wantedOf(noFallback.replace('gate 3', 'gate 4').replace('virtual=192.0.2.1:80', '$&\n\tscheduler=rr'), '10.0.0.1'),
  );
  const { reads } = backend;
  await until('it has been looked at', () => backend.reads > reads + 2);
  assert.deepEqual(lines, ['failed 192.0.2.1:80: EINVAL', 'failed 10.0.0.1:80 (192.0.2.1:80): EINVAL']);
  assert.equal(reconciler.unserved.some, false);
  assert.equal((await reconciler.missing()).length, 2);
});

test('a quiescent server that was refused was not taken out by hand', async (t) => {
  const backend = refusingServer('10.0.0.2');
  const { reconciler, lines } = watched(t, backend, { retryDelay: 10 });
  await reconciler.takeOver(wantedOf(`quiescent=yes\n${noFallback}`, '10.0.0.1'));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.1:80': ['10.0.0.1:80 3'] });
  backend.refuse = null;
  await until('it stands', () => lines.includes('added real 10.0.0.2:80 (192.0.2.1:80) 0'));
});

test('a backend that fails while something is held back is asked with growing pauses', async (t) => {
  const backend = refusingServer('10.0.0.1');
  const { reconciler } = watched(t, backend, { retryDelay: 20 });
  await reconciler.takeOver(wantedOf(noFallback, '10.0.0.1'));
  backend.refuse = () => {
    throw new Error('away');
  };
  const reads: number[] = [];
  backend.read = () => {
    reads.push(performance.now());
    return Promise.reject(new Error('away'));
  };
  await until('it has been asked a few times', () => reads.length >= 4);
  const [first = 0, , , fourth = 0] = reads;
  // After pauses of 40, 80 and 160 ms, less what a timer may come early.
  assert.ok(fourth - first > 200, `${reads}`);
});
