import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Need } from '../../../src/path/need.js';
import { differenceBack, differenceOf } from '../../../src/path/setup/difference.js';
import type { Facts, Ruler } from '../../../src/path/setup/facts.js';
import { planOf } from '../../../src/path/setup/plan.js';
import { standingsOf } from '../../../src/path/setup/standing.js';
import { commandBack, commandOf, type FileStep, type Step } from '../../../src/path/setup/step.js';
import { rulerOf } from '../../../src/path/setup/survey.js';
import { links, machine } from '../machines.js';
import { needs } from './needs.js';

const nobody: Ruler = { name: 'nobody' };

function facts(parts: Partial<Facts> = {}): Facts {
  return { machine: machine(), files: new Map(), directories: new Set(), ruler: nobody, ...parts };
}

const forward: Need = { kind: 'sysctl', key: 'net.ipv4.ip_forward', value: '1', also: [], beside: [] };
const tunnel: Need = { kind: 'link', name: 'tunl0', module: 'ipip' };
const address: Need = { kind: 'address', family: 'inet', address: '203.0.113.10', prefix: 32, device: 'tunl0' };
const forwarding = (value: string) => machine({ sysctls: new Map([['net.ipv4.ip_forward', value]]) });

function filesOf(steps: readonly Step[]): Record<string, string> {
  return Object.fromEntries(steps.flatMap((step) => (step.kind === 'write-file' ? [[step.path, step.text]] : [])));
}

test('what two needs ask for is done once', () => {
  const module: Need = { kind: 'module', name: 'ipip' };
  const { steps } = planOf([module, tunnel, tunnel], [], facts(), false);
  assert.deepEqual(steps.map(commandOf), ['modprobe ipip', 'ip link set tunl0 up']);
});

test('what was done and still stands is kept in mind; what is gone is done anew', () => {
  const step: Step = { kind: 'sysctl', key: 'net.ipv4.ip_forward', before: '0', value: '1' };
  const standing = planOf([forward], [step], facts({ machine: forwarding('1') }), false);
  assert.deepEqual([standing.kept, standing.steps], [[step], []]);
  const gone = planOf([forward], [step], facts({ machine: forwarding('0') }), false);
  assert.deepEqual([gone.kept, gone.steps], [[], [step]]);
});

test('a value that was changed several times goes back to the first', () => {
  const steps: Step[] = [
    { kind: 'sysctl', key: 'net.ipv4.ip_forward', before: '0', value: '1' },
    { kind: 'sysctl', key: 'net.ipv4.ip_forward', before: '1', value: '2' },
  ];
  const states = (value: string) => standingsOf(steps, facts({ machine: forwarding(value) })).map(({ state }) => state);
  assert.deepEqual(states('2'), ['stands', 'stands']);
  assert.deepEqual(states('1'), ['stands', 'gone']);
  assert.deepEqual(states('0'), ['gone', "another's"]);
  assert.deepEqual(states('7'), ["another's", "another's"]);
});

test('a module that another link has come to need stays', () => {
  const steps: Step[] = [
    { kind: 'load-module', name: 'ipip', withOthers: true },
    { kind: 'raise-link', name: 'tunl0' },
  ];
  const modules = new Set(['ipip']);
  const own = { name: 'tunl0', kind: 'ipip' };
  const alone = standingsOf(steps, facts({ machine: machine({ modules, links: links(own) }) }));
  assert.deepEqual(
    alone.map(({ state }) => state),
    ['stands', 'stands'],
  );
  const shared = standingsOf(
    steps,
    facts({ machine: machine({ modules, links: links(own, { ...own, name: 'tun1' }) }) }),
  );
  assert.deepEqual(
    shared.map(({ state, seen }) => [state, seen]),
    [
      ["another's", 'tun1 needs ipip by now'],
      ['stands', ''],
    ],
  );
});

test('files keep what is ours and nothing else', () => {
  const ruler: Ruler = { name: 'networkd', networkFiles: new Map() };
  const directories = new Set(['/etc/sysctl.d', '/etc/modules-load.d', '/etc/systemd/network']);
  const found = facts({ machine: forwarding('1'), directories, ruler });
  const { steps, faults } = planOf([forward, tunnel, address], [], found, true);
  assert.deepEqual(faults, []);
  assert.deepEqual(filesOf(steps), {
    '/etc/modules-load.d/ldirectord.conf': '# made by ldirectord setup\nipip\n',
    '/etc/systemd/network/60-ldirectord-tunl0.network': [
      '# made by ldirectord setup',
      '[Match]',
      'Name=tunl0',
      '[Link]',
      'RequiredForOnline=no',
      '[Network]',
      'LinkLocalAddressing=no',
      'KeepConfiguration=static',
      '[Address]',
      'Address=203.0.113.10/32',
      '',
    ].join('\n'),
  });
});

test('what a file needs is loaded at the next boot, too, whoever had it loaded at this one', () => {
  const connections: Need = { kind: 'sysctl', key: 'net.ipv4.vs.conntrack', value: '1', also: [], beside: [] };
  const loaded = machine({
    modules: new Set(['ip_vs', 'ipip']),
    links: links({ name: 'tunl0', kind: 'ipip', isUp: false }),
    sysctls: new Map([['net.ipv4.vs.conntrack', '0']]),
  });
  const ruler: Ruler = { name: 'networkd', networkFiles: new Map() };
  const { steps } = planOf([connections, tunnel, address], [], facts({ machine: loaded, ruler }), true);
  assert.ok(steps.every(({ kind }) => kind !== 'load-module'));
  const { '/etc/modules-load.d/ldirectord.conf': modules } = filesOf(steps);
  assert.equal(modules, '# made by ldirectord setup\nip_vs\nipip\n');
});

test('a link that systemd-networkd has gets a drop-in', () => {
  const networkFiles = new Map([['eth0', '10-netplan-eth0.network']]);
  const route = { device: 'eth0', gateway: null, source: null, isLocal: false, isAdvertised: false };
  const routes = new Map([['inet 10.9.0.254   ', route]]);
  const found = facts({ machine: machine({ routes }), ruler: { name: 'networkd', networkFiles } });
  const { steps, faults } = planOf(
    needs.filter(({ kind }) => kind === 'answers'),
    [],
    found,
    true,
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(filesOf(steps), {
    '/etc/systemd/network/10-netplan-eth0.network.d/60-ldirectord.conf': [
      '# made by ldirectord setup',
      ...['[Route]', 'Gateway=10.9.0.254', 'Table=1280717627'],
      ...[
        '[RoutingPolicyRule]',
        'Priority=21000',
        'From=10.9.0.1',
        'IPProtocol=tcp',
        'SourcePort=80-90',
        'Table=1280717627',
      ],
      ...[
        '[RoutingPolicyRule]',
        'Priority=21000',
        'From=10.9.0.1',
        'IPProtocol=udp',
        'SourcePort=53',
        'Table=1280717627',
      ],
      '',
    ].join('\n'),
  });
  const directories = steps.flatMap((step) => (step.kind === 'make-directory' ? [step.path] : []));
  assert.deepEqual(directories, ['/etc/systemd/network', '/etc/systemd/network/10-netplan-eth0.network.d']);
});

test('where nobody rules the network, what a reboot keeps is told', () => {
  const { steps, faults } = planOf([forward, tunnel], [], facts({ machine: forwarding('0') }), true);
  assert.deepEqual(Object.keys(filesOf(steps)), [
    '/etc/modules-load.d/ldirectord.conf',
    '/etc/sysctl.d/60-ldirectord.conf',
  ]);
  assert.match(faults.join('\n'), /^neither systemd-networkd nor NetworkManager nor ifupdown rules the network/);
});

test('ifupdown and NetworkManager get a script, which fails nothing and takes a route where its link is up', () => {
  const routed = machine({
    routes: new Map([
      ['inet 10.9.0.254   ', { device: 'eth0', gateway: null, source: null, isLocal: false, isAdvertised: false }],
    ]),
  });
  for (const [name, path] of [
    ['ifupdown', '/etc/network/if-up.d/ldirectord'],
    ['NetworkManager', '/etc/NetworkManager/dispatcher.d/60-ldirectord'],
  ] as const) {
    const { steps, faults } = planOf(needs, [], facts({ machine: routed, ruler: { name } }), true);
    assert.deepEqual(faults, []);
    const script = steps.find((step) => step.kind === 'write-file' && step.path === path);
    assert.ok(script?.kind === 'write-file');
    assert.equal(script.mode, '755');
    const lines = script.text.split('\n');
    assert.deepEqual([lines[0], lines.at(-2)], ['#!/bin/sh', 'exit 0']);
    assert.ok(lines.includes('ip address replace 203.0.113.10/32 dev lo'));
    assert.match(
      script.text,
      /^\[ "\$link" != eth0 \] \|\| ip route replace default via 10\.9\.0\.254 dev eth0 table /m,
    );
  }
});

test('networkctl tells which files links have', () => {
  const lines = [
    '* 1: lo',
    '                   Link File: n/a',
    '                Network File: n/a',
    '',
    '● 2: eth0',
    '                Network File: /run/systemd/network/10-netplan-eth0.network',
  ];
  assert.deepEqual(rulerOf('networkd', lines), {
    name: 'networkd',
    networkFiles: new Map([['eth0', '10-netplan-eth0.network']]),
  });
});

test('a difference shows what is and what will be, and turns around', () => {
  const file: FileStep = { kind: 'write-file', path: '/etc/x/y', before: 'a\nb\n', text: 'a\nc\n', mode: '644' };
  const steps: readonly Step[] = [
    ...planOf([forward, tunnel, address], [], facts({ machine: forwarding('0') }), false).steps,
    file,
  ];
  const text = (lines: ReturnType<typeof differenceOf>) => lines.map((line) => `${line.mark} ${line.text}`);
  assert.deepEqual(text(steps.flatMap(differenceOf)), [
    '~ net.ipv4.ip_forward 0 -> 1',
    '+ module ipip',
    '~ link tunl0 down -> up',
    '+ 203.0.113.10/32 on tunl0',
    '~ /etc/x/y',
    '-   b',
    '+   c',
  ]);
  assert.deepEqual(text(steps.flatMap(differenceBack)), [
    '~ net.ipv4.ip_forward 1 -> 0',
    '- module ipip',
    '~ link tunl0 up -> down',
    '- 203.0.113.10/32 on tunl0',
    '~ /etc/x/y',
    '-   c',
    '+   b',
  ]);
});

test('a file is written beside its place, and put there whole', () => {
  const file: FileStep = { kind: 'write-file', path: '/etc/x/y', before: null, text: "it's\n", mode: '755' };
  const fresh = '/etc/x/.ldirectord-new';
  assert.equal(commandOf(file), `printf %s 'it'\\''s\n' >${fresh} && chmod 755 ${fresh} && mv -f ${fresh} /etc/x/y`);
  assert.equal(commandBack(file), 'rm -f /etc/x/y');
});
