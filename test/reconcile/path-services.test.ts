import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import type { Entry, Service } from '../../src/ipvs/table.js';
import { givePaths, type PathEnd } from '../../src/model/check-path.js';
import { isLeftBehind, pathServiceKey, pathServices } from '../../src/reconcile/path-services.js';
import { standing, Troubled, text, wantedOf, watched } from './watched.js';

const ends: readonly PathEnd[] = [
  { family: 'inet', address: '10.0.0.1', forward: 'gate' },
  { family: 'inet', address: '10.0.0.2', forward: 'ipip' },
];
const paths = givePaths('web.cf', ends);
const services = pathServices(paths);
const keys = [...services.keys()];
const wanted = new Map([...wantedOf(text, '10.0.0.1'), ...services]);
const isOurs = (entry: Entry): boolean => isLeftBehind('web.cf', entry);

test('each path is a service of a mark with one destination, in the port that packets have', () => {
  assert.equal(pathServices(paths), services, 'the same objects each time');
  for (const [key, { service, destinations }] of services) {
    assert.equal(service.protocol, 'fwm');
    assert.ok(service.ops, 'the kernel would keep where it sent a UDP port');
    assert.equal(destinations.size, 1);
    const [{ address, port, forward, weight } = assert.fail(key)] = destinations.values();
    const path = [...paths.values()].find((one) => pathServiceKey(one) === key);
    assert.deepEqual({ address, port, forward, weight }, { ...endOf(path), port: 0, weight: 1 });
  }
  const six = pathServices(givePaths('web.cf', [{ family: 'inet6', address: '2001:db8::1', forward: 'gate' }]));
  assert.match([...six.keys()].join(), /^fwm6 \d+$/);
});

function endOf(path: PathEnd | undefined) {
  return { address: path?.address, forward: path?.forward };
}

test('nobody is told of them, they are no part of an outlook or an audit, and they go though cleanstop is no', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend);
  const kept = new Map([...wantedOf(`cleanstop=no${text}`, '10.0.0.1'), ...services]);
  await reconciler.takeOver(kept);
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80', ...keys]);
  assert.deepEqual(lines, ['added virtual 192.0.2.1:80 start', 'added real 10.0.0.1:80 (192.0.2.1:80) 3']);
  assert.deepEqual([...(await reconciler.outlook()).owned], ['tcp 192.0.2.1:80']);
  assert.deepEqual(await reconciler.audit(kept), { services: 1, destinations: 1, differences: 0 });
  await reconciler.close();
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80']);
  assert.equal(lines.length, 2);
});

test('a path that a new configuration does not have goes without a word', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler, lines } = watched(t, backend);
  await reconciler.takeOver(wanted);
  await reconciler.takeOver(wantedOf(text, '10.0.0.1'));
  assert.deepEqual(Object.keys(await standing(backend)), ['tcp 192.0.2.1:80']);
  assert.equal(lines.length, 2);
});

test('what a run left behind is adopted where it is wanted, and else goes; what is another’s stays', async (t) => {
  const backend = new Troubled();
  const [own = '', other = ''] = keys;
  const foreign = pathServices(givePaths('other.cf', ends));
  const empty: Service = { ...mustHave(services.get(own)).service, protocol: 'fwm', mark: 0x4c00_0001 };
  const mine: Service = { ...empty, mark: 7 };
  for (const { service, destinations } of [...services.values(), ...foreign.values()]) {
    await backend.apply([{ type: 'add-service', service }]);
    for (const destination of destinations.values()) {
      await backend.apply([{ type: 'add-destination', service, destination }]);
    }
  }
  await backend.apply([
    { type: 'add-service', service: empty },
    { type: 'add-service', service: mine },
  ]);
  const applied = backend.applied;
  const { reconciler, lines } = watched(t, backend, { isOurs });
  await reconciler.takeOver(new Map([...services].filter(([key]) => key === own)));
  assert.deepEqual(Object.keys(await standing(backend)).toSorted(), [own, ...foreign.keys(), 'fwm 7'].toSorted());
  assert.equal(backend.applied - applied, 3, 'of the other one a destination and the service, and the empty one');
  assert.ok(!(await standing(backend))[other]);
  assert.deepEqual(lines, []);
});

test('who is put into a path by hand goes at the next look: it has its one server alone', async (t) => {
  const backend = new MemoryBackend();
  const { reconciler } = watched(t, backend);
  await reconciler.takeOver(wanted);
  const [key = ''] = keys;
  const { service, destinations } = mustHave(services.get(key));
  const [destination = assert.fail()] = destinations.values();
  await backend.apply([{ type: 'add-destination', service, destination: { ...destination, address: '10.0.0.9' } }]);
  await reconciler.audit(wanted);
  assert.deepEqual(
    (await standing(backend))[key],
    [...destinations.keys()].map((place) => `${place} 1`),
  );
});

test('whether a path stands is known, and why the table refuses it', async (t) => {
  const backend = new Troubled();
  const [key = '', other = ''] = keys;
  const { mark } = mustHave(services.get(key)).service as { mark: number };
  const { reconciler, lines } = watched(t, backend, { retryDelay: 60_000 });
  assert.deepEqual(reconciler.stateOf(key), { stands: null, why: null });
  backend.refuse = ({ service }) =>
    service.protocol === 'fwm' && service.mark === mark ? { code: 'ENOMEM', message: 'no memory' } : null;
  await reconciler.takeOver(wanted);
  assert.deepEqual(reconciler.stateOf(key), { stands: false, why: 'no memory (ENOMEM)' });
  assert.deepEqual(reconciler.stateOf(other), { stands: true, why: null });
  assert.deepEqual(reconciler.stateOf('fwm 7'), { stands: false, why: null });
  assert.deepEqual(lines.at(-1), `failed check path 0x${mark.toString(16)}: ENOMEM`);
});

function mustHave<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}
