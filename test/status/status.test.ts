import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assumeHealth, settleHealth } from '../../src/health/policy.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { nameInFile, serverName, withAddress } from '../../src/model/names.js';
import { desired } from '../../src/reconcile/desired.js';
import { Reconciler } from '../../src/reconcile/reconciler.js';
import { atOnce } from '../../src/slices.js';
import { Chronicle } from '../../src/status/chronicle.js';
import { countsOf } from '../../src/status/counts.js';
import { describeHead, describeSome, type HeadKnown, type Known } from '../../src/status/status.js';
import { configOf } from '../helpers/configuration.js';
import { standingsOf } from '../helpers/standings.js';

const config = configOf(`
virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 5
	real=10.0.0.2:80 masq 3
	fallback=127.0.0.1:8080 gate
	servicename=shop
	quiescent=no
	scheduler=wlc
virtual=7
	real=10.0.0.9:0 gate
`);

async function statusWith(up: readonly string[]) {
  const backend = new MemoryBackend();
  const isUp = (address: string | null) => address !== null && up.includes(address);
  const decided = standingsOf(config, { isUp: ({ host }) => isUp(host.address) });
  const wanted = desired(decided);
  const reconciler = new Reconciler(backend, { onChange: () => {}, onDrift: () => {}, onFailure: () => {} });
  await reconciler.want(wanted);
  await reconciler.leave();
  const known: HeadKnown & Known = {
    version: '1',
    backend: 'memory',
    file: 'a.cf',
    phase: 'running',
    unready: [],
    role: { word: 'active', by: 'always', since: 0, held: null, fault: null, table: 'always', checks: 'always' },
    sync: [],
    fitness: null,
    standings: decided,
    tallyOf: ({ host }) => (host.name === '10.0.0.2' ? { streak: -7, at: 1_795_000_000_000 } : null),
    policyHoldOf: () => null,
    voteOn: () => null,
    stalenessOf: () => null,
    flappingOf: () => null,
    hindranceOf: ({ host }) => (host.name === '10.0.0.1' ? 'connect: none left' : null),
    healthOf: ({ host }) => (isUp(host.address) ? settleHealth(true, 'fine') : assumeHealth(false)),
    agents: { all: new Map(), answeredAt: () => null },
    isInUse: () => up.length > 0,
    vipOf: () => null,
    announcementOf: () => null,
    handover: null,
    persistsAtZero: true,
    wantedAt: (key) => wanted.get(key),
    table: await backend.read(),
    chronicle: new Chronicle(),
    packets: null,
    store: null,
    shared: null,
    times: { of: () => ({ state: 5, health: 3 }) },
  };
  const virtuals = [...atOnce(describeSome(config.virtuals, known)).values()];
  return { ...describeHead(known, countsOf(virtuals)), virtuals };
}

describe('status', () => {
  it('has the name that the file uses beside what the log says', () => {
    const real = { host: { name: 'web1.example.com', address: '2001:db8::1' }, port: 80 };
    const literal = { host: { name: '2001:DB8:0::1', address: '2001:db8::1' }, port: 80 };
    const short = { host: { name: '10.1', address: '10.0.0.1' }, port: 80 };
    const lost = { host: { name: 'web1.example.com', address: null }, port: 80 };
    assert.deepEqual([real, literal, short, lost].map(nameInFile), ['web1.example.com:80', null, null, null]);
    assert.equal(withAddress('web1.example.com:80', serverName(real)), 'web1.example.com:80 [2001:db8::1]');
    assert.equal(withAddress('10.0.0.1:80', '10.0.0.1:80'), '10.0.0.1:80');
    assert.equal(serverName(lost), 'web1.example.com:80');
  });

  it('shows every server of the file, in the table or not', async () => {
    const status = await statusWith(['10.0.0.1']);
    const [shop, mark] = status.virtuals;
    assert.deepEqual(
      [shop?.name, shop?.protocol, shop?.title, shop?.scheduler, shop?.stands, shop?.line],
      ['192.0.2.1:80', 'tcp', 'shop', 'wlc', true, 2],
    );
    assert.deepEqual(
      shop?.servers.map(({ name, up, decided, reason, configured, wanted, weight }) => {
        return [name, up, decided, reason, configured, wanted, weight];
      }),
      [
        ['10.0.0.1:80', true, true, 'fine', 5, 5, 5],
        ['10.0.0.2:80', false, false, 'not checked yet', 3, null, null],
      ],
    );
    assert.deepEqual(shop?.servers[0]?.connections, { active: 0, inactive: 0, persistent: null });
    assert.equal(shop?.servers[1]?.connections, null);
    assert.deepEqual(
      [shop?.fallback?.name, shop?.fallback?.inUse, shop?.fallback?.weight],
      ['127.0.0.1:8080', false, null],
    );
    assert.deepEqual([mark?.name, mark?.protocol], ['7', 'fwm']);
    assert.deepEqual([shop?.persists, mark?.persists], [false, false], 'nothing is persistent');
  });

  it('shows the fallback in use where nothing else is', async () => {
    const [shop] = (await statusWith([])).virtuals;
    assert.deepEqual([shop?.inUse, shop?.fallback?.inUse, shop?.fallback?.weight], [false, true, 1]);
  });

  it('is plain JSON', async () => {
    const status = await statusWith(['10.0.0.1']);
    assert.deepEqual(JSON.parse(JSON.stringify(status)), status);
  });
});
