import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Event } from '../../../src/events.js';
import type { Virtual } from '../../../src/model/config.js';
import { journalAt, noJournal } from '../../../src/path/packets/journal.js';
import { PacketKeeper, type PacketKeeperOptions } from '../../../src/path/packets/keeper.js';
import type { Nft, NftFault } from '../../../src/path/packets/nft.js';
import type { StandingTable } from '../../../src/path/packets/reading.js';
import { isNone, noRules } from '../../../src/path/packets/rules.js';
import { host, literal, realServer, virtual } from '../../helpers/configuration.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { carrying } from './values.js';

/** The kernel, as far as our table goes. */
class Kernel implements Nft {
  table: StandingTable | null = null;
  fault: NftFault | null = null;
  reads = 0;
  readonly writes: string[] = [];

  async read() {
    this.reads += 1;
    return this.fault ? { ok: false as const, fault: this.fault } : { ok: true as const, value: this.table };
  }

  async write(...[, rules, counts]: Parameters<Nft['write']>) {
    if (this.fault) return { ok: false as const, fault: this.fault };
    this.table = isNone(rules) ? null : { rules, counts };
    this.writes.push(this.text);
    return { ok: true as const, value: null };
  }

  /** `7:80,443 snat:tcp_192.0.2.1_80`, as short as a test can be read. */
  get text(): string {
    if (this.table === null) return 'none';
    const { marks, snats } = this.table.rules ?? noRules;
    const ports = [...marks.values()].map(({ mark, ports }) => `${mark}:${ports.map(({ from }) => from).join()}`);
    return [...ports, ...[...snats.values()].map(({ servers }) => `snat:${servers.join()}`)].join(' ');
  }
}

function setUp(t: TestContext, given: Partial<PacketKeeperOptions> = {}) {
  const nft = new Kernel();
  const services = new Set<number>();
  const events: Event['type'][] = [];
  const keeper = new PacketKeeper({
    ...{ table: 'ours', nft, journal: noJournal, retryDelay: 1, lingering: 0 },
    stands: (_, mark) => services.has(mark),
    publish: ({ type }) => events.push(type),
    ...given,
  });
  t.after(() => keeper.leave());
  const rule = async (...virtuals: Virtual[]) => {
    const config = { virtuals };
    await keeper.prepare(config);
    for (const { endpoint } of virtuals) if (endpoint.protocol === 'fwm') services.add(endpoint.mark);
    await keeper.settle(config);
  };
  return { keeper, nft, services, events, rule };
}

const web = (...ports: number[]) => carrying({ mark: 7, ports: ports.map((port) => [port, port]) });
const masq = (address: string) => realServer(literal(address), { forward: 'masq' });
const natted = (...addresses: string[]) => virtual({ ...{ snat: true }, realServers: addresses.map(masq) });

test('without a need, now or before, nft is never run', async (t) => {
  const { keeper, nft, rule, events } = setUp(t);
  keeper.lookEvery(1);
  await rule(virtual());
  keeper.look();
  await keeper.close();
  assert.equal(nft.reads, 0);
  assert.deepEqual(events, []);
  assert.equal(keeper.state, null);
});

test('a mark has its rule once its service stands', async (t) => {
  const { keeper, nft, services } = setUp(t);
  const config = { virtuals: [web(80)] };
  await keeper.prepare(config);
  await keeper.settle(config);
  assert.deepEqual(nft.writes, []);
  services.add(7);
  keeper.look();
  await until('the rule stands', () => nft.text === '7:80');
});

test('masquerading is there before its service, and goes after it', async (t) => {
  const { keeper, nft, rule } = setUp(t);
  await rule(natted('10.0.0.1'));
  const next = { virtuals: [natted('10.0.0.2')] };
  await keeper.prepare(next);
  assert.equal(nft.text, 'snat:10.0.0.1,10.0.0.2');
  await keeper.settle(next);
  assert.equal(nft.text, 'snat:10.0.0.2');
  await rule(virtual());
  assert.equal(nft.text, 'none');
});

test('who is connected is translated for some time after the last rule for that', async (t) => {
  const { keeper, nft, rule, events } = setUp(t, { lingering: 200 });
  await rule(natted('10.0.0.1'));
  await rule(web(80));
  assert.deepEqual([nft.text, nft.table?.rules?.translates], ['7:80', true]);
  await until('no more', () => nft.table?.rules?.translates === false);
  await rule(natted('10.0.0.1'));
  await rule(virtual());
  assert.deepEqual([nft.text, nft.table?.rules?.translates], ['', true]);
  const told = events.length;
  await until('nothing is left', () => nft.table === null);
  await rule(natted('10.0.0.1'));
  await keeper.close();
  assert.equal(nft.table, null, 'at the end nobody waits');
  assert.deepEqual(events.slice(told), ['packet-rules-changed', 'packet-rules-changed']);
});

test('ports that come are there before the ones that go have gone, with the counts', async (t) => {
  const { nft, rule } = setUp(t);
  await rule(web(80));
  assert.ok(nft.table);
  nft.table = { ...nft.table, counts: new Map([['mark_inet_7', { packets: 5, bytes: 300 }]]) };
  await rule(web(443));
  assert.deepEqual(nft.writes, ['7:80', '7:80,443', '7:443']);
  assert.equal(nft.table?.counts.get('mark_inet_7')?.packets, 5);
});

test('what stands as it is wanted is adopted, whoever made it', async (t) => {
  const { nft, rule } = setUp(t);
  await rule(web(80), natted('10.0.0.1'));
  const { table } = nft;
  const next = setUp(t);
  next.nft.table = table;
  await next.rule(web(80), natted('10.0.0.1'));
  assert.deepEqual(next.nft.writes, []);
  assert.deepEqual(next.events, []);
});

test('what somebody else does to it is told and put right', async (t) => {
  const { keeper, nft, rule, events } = setUp(t);
  keeper.lookEvery(1);
  await rule(web(80));
  for (const changed of [null, { rules: null, counts: new Map() }, { rules: noRules, counts: new Map() }]) {
    events.length = 0;
    nft.table = changed;
    await until('it is put right', () => nft.text === '7:80' && events.length >= 2);
    assert.deepEqual(events, ['packet-rules-drifted', 'packet-rules-changed']);
  }
});

test('a failure is told once, with what to do, and tried again', async (t) => {
  const { nft, rule, events, keeper } = setUp(t);
  nft.fault = { code: 'nft-missing', message: 'nft is not installed: `apt install nftables`' };
  await rule(web(80));
  assert.deepEqual(keeper.state?.fault, nft.fault);
  await until('it is tried again', () => nft.reads > 4);
  assert.deepEqual(events, ['packet-rules-failed']);
  nft.fault = null;
  await until('the rule stands', () => nft.text === '7:80');
  await until('that is told', () => events.at(-1) === 'packet-rules-restored');
});

test('rules that are listed otherwise than they were written are a failure, and not somebody else’s doing', async (t) => {
  const { nft, rule, events, keeper } = setUp(t);
  keeper.lookEvery(1);
  nft.read = async () => {
    nft.reads += 1;
    return { ok: true as const, value: { rules: null, counts: new Map() } };
  };
  await rule(web(80));
  await until('it is tried again', () => nft.writes.length > 4);
  assert.equal(keeper.state?.fault?.code, 'not-understood');
  assert.deepEqual(events, ['packet-rules-failed']);
});

test('at the end what cleanstop=no needs stays', async (t) => {
  const { keeper, nft, rule } = setUp(t);
  const stays = { ...natted('10.0.0.1'), cleanstop: false };
  await rule(web(80), stays);
  assert.equal(nft.text, '7:80 snat:10.0.0.1');
  await keeper.close();
  assert.equal(nft.text, 'snat:10.0.0.1');

  const other = setUp(t);
  await other.rule(web(80), natted('10.0.0.1'));
  await other.keeper.close();
  assert.equal(other.nft.text, 'none');

  const handing = setUp(t);
  await handing.rule(web(80));
  await handing.keeper.leave();
  assert.equal(handing.nft.text, '7:80');
});

test('what stands of a virtual without an address stays', async (t) => {
  const { nft, rule } = setUp(t);
  await rule(web(80), natted('10.0.0.1'));
  const nameless = carrying({ mark: 7, host: host('shop.example.com') });
  await rule(nameless);
  assert.equal(nft.text, '7:80 snat:10.0.0.1');
  await rule(web(80));
  assert.equal(nft.text, '7:80');
});

test('the next start knows whether there may be a table', async (t) => {
  const path = join(await temporaryDirectory(t), 'packets');
  const first = setUp(t, { journal: journalAt(path) });
  await first.rule(web(80));
  await first.keeper.leave();
  const next = setUp(t, { journal: journalAt(path) });
  next.nft.table = first.nft.table;
  await next.rule(virtual());
  assert.equal(next.nft.text, 'none');
  await next.keeper.leave();
  const last = setUp(t, { journal: journalAt(path) });
  await last.rule(virtual());
  assert.equal(last.nft.reads, 0);
});

test('without a note for the next start nothing is written', async (t) => {
  const path = join(await temporaryDirectory(t), 'nowhere', 'packets');
  const { nft, rule, events, keeper } = setUp(t, { journal: journalAt(path) });
  await rule(web(80));
  assert.equal(keeper.state?.fault?.code, 'not-noted');
  assert.equal(nft.text, 'none');
  assert.deepEqual(events, ['packet-rules-failed']);
});

test('it is needed while rules are wanted or stand, and no longer', async (t) => {
  const { keeper, rule } = setUp(t);
  await rule(virtual());
  assert.equal(keeper.isNeeded, false);
  await rule(web(80));
  assert.equal(keeper.isNeeded, true);
  const next = { virtuals: [virtual()] };
  await keeper.prepare(next);
  assert.equal(keeper.isNeeded, true);
  await keeper.settle(next);
  assert.equal(keeper.isNeeded, false);
});
