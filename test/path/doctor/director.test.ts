/** Each thing that the doctor finds on a director: named while it is so, and by nothing else; nothing where all is well. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../src/model/config.js';
import { directorFindings } from '../../../src/path/doctor/director-codes.js';
import type { DirectorFacts } from '../../../src/path/doctor/director-facts.js';
import { examineDirector } from '../../../src/path/doctor/examine-director.js';
import { type Machine, type Route, routeKey } from '../../../src/path/machine.js';
import { directorQuestions } from '../../../src/path/needs/director.js';
import { parsed } from '../../helpers/configuration.js';
import { links, machine } from '../machines.js';

const address = '203.0.113.10';

function configured(text: string): Config {
  const { config, diagnostics } = parsed(text);
  assert.ok(config, JSON.stringify(diagnostics));
  return config;
}

const one = (method: string, more = ''): string =>
  `virtual=${address}:80\n\treal=10.0.0.1:80 ${method}\n\tservice=http\n${more}`;

const nat = configured(one('masq'));
const direct = configured(one('gate'));
const tunnel = configured(one('ipip'));
const six = configured('virtual6=[2001:db8::10]:80\n\treal6=[fd00::1]:80 masq\n\tservice=http\n');
const marked = configured('virtual=7\n\treal=10.0.0.1:80 masq\n\tservice=http\n');

const here: Route = { device: 'lo', gateway: null, source: address, isLocal: true, isAdvertised: false };
const there: Route = { device: 'back', gateway: null, source: '10.0.0.254', isLocal: false, isAdvertised: false };

/** The ways of `six`, out by a router that has told of itself, or by the book. */
const sixWays = (isAdvertised: boolean) =>
  new Map(
    [
      { to: '2001:db8::10', way: { ...here, source: null } },
      { to: 'fd00::1', way: { ...there, source: null } },
      { to: '2000::', way: { ...there, device: 'front', gateway: 'fe80::1', isAdvertised } },
    ].map(({ to, way }) => [routeKey({ family: 'inet6', to }), way]),
  );
const sixOn = { 'net.ipv6.conf.all.forwarding': '1' };

const sysctls: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '1',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.all.accept_local': '1',
  'net.ipv4.conf.all.send_redirects': '1',
  ...Object.fromEntries(
    ['front', 'back'].flatMap((device) => [
      [`net.ipv4.conf.${device}.rp_filter`, '0'],
      [`net.ipv4.conf.${device}.accept_local`, '0'],
      [`net.ipv4.conf.${device}.send_redirects`, '1'],
    ]),
  ),
  'net.ipv4.vs.conntrack': '0',
  'net.ipv4.vs.expire_nodest_conn': '1',
  'net.ipv4.vs.expire_quiescent_template': '0',
  'net.ipv4.vs.sloppy_tcp': '0',
  'net.ipv4.vs.backup_only': '0',
  'net.ipv4.vs.sync_refresh_period': '10',
  'net.ipv4.vs.pmtu_disc': '1',
  'net.netfilter.nf_conntrack_count': '10',
  'net.netfilter.nf_conntrack_max': '65536',
};

interface Change {
  readonly facts?: Partial<DirectorFacts>;
  readonly machine?: Partial<Machine>;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** To the service and to the server. */
  readonly routes?: readonly [Route | null, Route | null];
}

/** A director between two links. */
function facts(change: Change = {}): DirectorFacts {
  const [own, way] = change.routes ?? [here, there];
  return {
    passes: 'packets',
    machine: machine({
      sysctls: new Map(Object.entries({ ...sysctls, ...change.sysctls })),
      modules: new Set(['ip_vs', 'ip_vs_wrr', 'ip_vs_mh']),
      links: links(
        { name: 'lo' },
        { name: 'front', mac: '02:00:00:00:00:01' },
        { name: 'back', mac: '02:00:00:00:00:02' },
      ),
      addresses: [{ family: 'inet', address, prefix: 32, device: 'front', label: null }],
      routes: new Map([
        [routeKey({ family: 'inet', to: address }), own],
        [routeKey({ family: 'inet', to: '10.0.0.1' }), way],
      ]),
      ...change.machine,
    }),
    sync: { sync: 'yes', refresh: 10 },
    loadable: new Set(['ip_vs', 'ip_vs_wrr', 'ip_vs_mh']),
    marks: { set: new Set([7]), setsOthers: false },
    ownRules: null,
    controllers: [],
    kernel: { rows: 4096, connections: 100, daemons: [] },
    holders: new Map(),
    isClockSynchronised: true,
    descriptors: { limit: 1024, of: 'process 1', checks: 100 },
    ...change.facts,
  };
}

const other: Route = { device: 'front', gateway: null, source: '203.0.113.2', isLocal: false, isAdvertised: false };
const backup = { rows: 4096, connections: 0, daemons: ['backup'] } as const;

type Row = readonly [config: Config, fault: Change, well?: Change];

/** Of each code: where it is found, and how that is when it is mended; without the last as in `facts`. */
const rows: Readonly<Record<string, Row | readonly Row[]>> = {
  'module-missing': [nat, { machine: { modules: new Set(['ip_vs']) }, facts: { loadable: new Set(['ip_vs']) } }],
  'module-not-loaded': [
    [nat, { machine: { modules: new Set(['ip_vs']) } }],
    [nat, { machine: { modules: new Set() }, facts: { loadable: null } }],
  ],
  'forwarding-off': [nat, { sysctls: { 'net.ipv4.ip_forward': '0' } }],
  'advertisements-ignored': [
    [
      six,
      { machine: { routes: sixWays(true) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '1' } },
      { machine: { routes: sixWays(true) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '2' } },
    ],
    [
      six,
      { machine: { routes: sixWays(true) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '1' } },
      { machine: { routes: sixWays(true) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '0' } },
    ],
    [
      six,
      { machine: { routes: sixWays(true) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '1' } },
      { machine: { routes: sixWays(false) }, sysctls: { ...sixOn, 'net.ipv6.conf.front.accept_ra': '1' } },
    ],
  ],
  'redirects-sent': [
    nat,
    { routes: [here, other], sysctls: { 'net.ipv4.conf.all.send_redirects': '0' } },
    {
      routes: [here, other],
      sysctls: { 'net.ipv4.conf.all.send_redirects': '0', 'net.ipv4.conf.front.send_redirects': '0' },
    },
  ],
  'answers-refused': [
    [direct, { sysctls: { 'net.ipv4.conf.all.accept_local': '0' } }],
    [
      configured(one('gate', '\tcheckpath=forwarded\n')),
      { routes: [here, other], sysctls: { 'net.ipv4.conf.all.accept_local': '0' } },
      {
        routes: [here, other],
        sysctls: { 'net.ipv4.conf.all.accept_local': '0', 'net.ipv4.conf.front.accept_local': '1' },
      },
    ],
  ],
  'answers-filtered': [
    [tunnel, { sysctls: { 'net.ipv4.conf.all.rp_filter': '1' } }],
    [
      direct,
      { sysctls: { 'net.ipv4.conf.back.rp_filter': '1' } },
      { sysctls: { 'net.ipv4.conf.back.rp_filter': '2', 'net.ipv4.conf.all.rp_filter': '1' } },
    ],
  ],
  'conntrack-off': [configured(one('masq', '\tsnat=yes\n')), {}, { sysctls: { 'net.ipv4.vs.conntrack': '1' } }],
  'lost-connections-kept': [
    [nat, { sysctls: { 'net.ipv4.vs.expire_nodest_conn': '0' } }],
    // To a server of weight 0 connections go on.
    [
      configured(one('masq', '\tquiescent=no\n')),
      { sysctls: { 'net.ipv4.vs.expire_nodest_conn': '0' } },
      { sysctls: { 'net.ipv4.vs.expire_nodest_conn': '1' } },
    ],
  ],
  'templates-kept': [
    configured(one('masq', '\tpersistent=60\n\tquiescent=yes\n')),
    {},
    { sysctls: { 'net.ipv4.vs.expire_quiescent_template': '1' } },
  ],
  'mh-not-sloppy': [
    [configured(one('masq', '\tscheduler=mh\n')), {}, { sysctls: { 'net.ipv4.vs.sloppy_tcp': '1' } }],
    [
      configured(one('masq', '\tscheduler=mh\n')),
      {},
      { facts: { kernel: { rows: 4096, connections: 0, daemons: ['master', 'backup'] } } },
    ],
  ],
  'connections-not-refreshed': [
    [nat, { sysctls: { 'net.ipv4.vs.sync_refresh_period': '0' } }],
    [
      nat,
      { sysctls: { 'net.ipv4.vs.sync_refresh_period': '0' } },
      { sysctls: { 'net.ipv4.vs.sync_refresh_period': '0' }, facts: { sync: { sync: 'no', refresh: 10 } } },
    ],
  ],
  'backup-only': [
    [nat, { facts: { kernel: backup }, sysctls: { 'net.ipv4.vs.backup_only': '1' } }],
    [
      nat,
      { facts: { kernel: { ...backup, daemons: ['master', 'backup'] } }, sysctls: { 'net.ipv4.vs.backup_only': '1' } },
      { facts: { kernel: { ...backup, daemons: ['master'] } }, sysctls: { 'net.ipv4.vs.backup_only': '1' } },
    ],
  ],
  'backup-balances': [
    direct,
    { facts: { kernel: backup } },
    { facts: { kernel: { ...backup, daemons: ['backup', 'master'] } } },
  ],
  'connection-table-small': [nat, { facts: { kernel: { rows: 4096, connections: 20_000, daemons: [] } } }],
  'conntrack-filling': [nat, { sysctls: { 'net.netfilter.nf_conntrack_count': '60000' } }],
  'virtual-address-missing': [
    nat,
    { routes: [other, there], machine: { addresses: [] } },
    {
      routes: [other, there],
      machine: { addresses: [] },
      facts: { holders: new Map([[address, [{ device: 'front', mac: '02:00:00:00:00:09' }]]]) },
    },
  ],
  'virtual-address-elsewhere': [
    nat,
    { facts: { holders: new Map([[address, [{ device: 'front', mac: '02:00:00:00:00:09' }]]]) } },
  ],
  'other-controller': [nat, { facts: { controllers: [{ name: 'keepalived', pid: 12 }] } }],
  'no-route': [nat, { routes: [here, null] }],
  'gate-by-gateway': [direct, { routes: [here, { ...there, gateway: '10.0.0.7' }] }],
  'tunnel-mtu': [
    [
      tunnel,
      { machine: { links: links({ name: 'front' }, { name: 'back', mtu: 1400 }) } },
      { machine: { links: links({ name: 'front' }, { name: 'back', mtu: 9000 }) } },
    ],
    [
      tunnel,
      { sysctls: { 'net.ipv4.vs.pmtu_disc': '0' } },
      {
        sysctls: { 'net.ipv4.vs.pmtu_disc': '0' },
        machine: { links: links({ name: 'front' }, { name: 'back', mtu: 1520 }) },
      },
    ],
  ],
  'mark-unset': [
    [marked, { facts: { marks: { set: new Set([8]), setsOthers: false } } }],
    [
      marked,
      { facts: { marks: { set: new Set(), setsOthers: false } } },
      { facts: { marks: { set: new Set(), setsOthers: true } } },
    ],
  ],
  'packet-filter-unusable': [
    nat,
    { facts: { ownRules: { table: 'ldirectord', fault: 'nft is not installed' } } },
    { facts: { ownRules: { table: 'ldirectord', missing: [] } } },
  ],
  'packet-rules-missing': [
    nat,
    { facts: { ownRules: { table: 'ldirectord', missing: ['snat for tcp 203.0.113.10:80'] } } },
    { facts: { ownRules: { table: 'ldirectord', missing: [] } } },
  ],
  'clock-unsynchronised': [nat, { facts: { isClockSynchronised: false } }],
  'descriptors-few': [nat, { facts: { descriptors: { limit: 1024, of: 'process 1', checks: 600 } } }],
};

test('a quiescent server keeps its connections', () => {
  const config = configured(one('masq', '\tquiescent=yes\n'));
  assert.deepEqual(codes(config, { sysctls: { 'net.ipv4.vs.expire_nodest_conn': '0' } }), []);
});

function codes(config: Config, change?: Change): string[] {
  return [...new Set(examineDirector(config, facts(change)).map(({ code }) => code))];
}

test('where all is well nothing is found', () => {
  for (const config of [nat, direct, tunnel, marked]) assert.deepEqual(codes(config), []);
});

for (const [code, given] of Object.entries(rows)) {
  const cases = (Array.isArray(given[0]) ? given : [given]) as readonly Row[];
  test(`${code} is found, alone, and is gone when it is mended`, () => {
    for (const [config, fault, well] of cases) {
      assert.deepEqual(codes(config, fault), [code]);
      assert.deepEqual(codes(config, well), []);
    }
  });
}

test('every code of the director has a case', () => {
  // What is not examined at all is no examination's finding.
  const untested = Object.keys(directorFindings).filter((code) => code !== 'director-not-read' && !rows[code]);
  assert.deepEqual(untested, []);
});

test('each finding names what it is about, how it was seen and how it is mended', () => {
  for (const given of Object.values(rows)) {
    for (const [config, fault] of (Array.isArray(given[0]) ? given : [given]) as readonly Row[]) {
      for (const finding of examineDirector(config, facts(fault))) {
        assert.equal(finding.on, 'director');
        assert.ok(finding.object !== '' && finding.seen !== '', finding.code);
        assert.ok(finding.mend.length > 0, finding.code);
      }
    }
  }
});

test('services that share a fault are named in one finding', () => {
  const two = configured(`${one('masq')}virtual=${address}:443\n\treal=10.0.0.1:443 masq\n\tchecktype=connect\n`);
  const found = examineDirector(two, facts({ sysctls: { 'net.ipv4.ip_forward': '0' } }));
  assert.deepEqual(
    found.map(({ code, for: services, mend }) => [code, services, mend]),
    [['forwarding-off', [`${address}:80`, `${address}:443`], ['sysctl -w net.ipv4.ip_forward=1']]],
  );
});

test('without IPVS its settings are not asked for', () => {
  const none = facts({
    machine: { modules: new Set(), sysctls: new Map([['net.ipv4.ip_forward', '1']]) },
    facts: { kernel: null },
  });
  const config = configured(one('masq', '\tpersistent=60\n'));
  assert.deepEqual(
    examineDirector(config, none).map(({ code, object }) => [code, object]),
    [
      ['module-not-loaded', 'ip_vs'],
      ['module-not-loaded', 'ip_vs_wrr'],
    ],
  );
  assert.deepEqual(
    examineDirector(config, { ...none, loadable: new Set() }).map(({ code, object }) => [code, object]),
    [['module-missing', 'ip_vs']],
  );
});

test('who balances in a process needs nothing of the kernel’s', () => {
  const fault = { 'net.ipv4.ip_forward': '0' };
  const bare = facts({
    sysctls: fault,
    machine: { modules: new Set(), sysctls: new Map() },
    facts: { passes: 'streams' },
  });
  assert.deepEqual(examineDirector(nat, bare), []);
  const lost = facts({ routes: [other, null], facts: { passes: 'streams' } });
  assert.deepEqual(
    examineDirector(nat, lost).map(({ code }) => code),
    ['virtual-address-missing', 'no-route'],
  );
});

test('what is to be read of the director', () => {
  const { sysctls: names, routes } = directorQuestions(nat);
  assert.ok(names.includes('net.ipv4.ip_forward'));
  assert.deepEqual(
    routes.map(({ to }) => to),
    [address, '10.0.0.1'],
  );
});
