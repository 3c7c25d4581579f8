import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MachineAddress } from '../../../src/path/machine.js';
import type { Need } from '../../../src/path/need.js';
import type { Entry } from '../../../src/path/setup/journal.js';
import { type Found, machinesOf } from '../../../src/path/setup/one-machine.js';
import type { Step } from '../../../src/path/setup/step.js';
import { machine } from '../machines.js';

function found(
  server: string | null,
  addresses: readonly string[],
  seen: readonly string[],
  needs: readonly Need[] = [],
) {
  const own = seen.map((address): MachineAddress => {
    const family = address.includes(':') ? 'inet6' : 'inet';
    return { family, address, prefix: 24, device: 'eth0', label: null };
  });
  const asked = new Map([[`asked.of.${server}`, '1']]);
  const one = machine({ addresses: own, sysctls: asked });
  const facts = { machine: one, files: new Map(), directories: new Set<string>(), ruler: { name: 'nobody' } as const };
  return { server, addresses, needs, facts } satisfies Found;
}

function step(name: string): Step {
  return { kind: 'load-module', name, withOthers: false };
}

function entry(server: string | null, addresses: readonly string[], ...names: readonly string[]): Entry {
  return { server, addresses, steps: names.map(step) };
}

const four = '10.0.0.1';
const six = 'fd00::1';
const module = (name: string): Need => ({ kind: 'module', name });

test('a machine that the file calls by both of its addresses is one, with all that it needs', () => {
  const both = [four, six, '203.0.113.10'];
  const found4 = found(four, [four], both, [module('ipip')]);
  const found6 = found(six, [six], both, [module('ip6_tunnel')]);
  const other = found('10.0.0.2', ['10.0.0.2'], ['10.0.0.2', '203.0.113.10'], [module('ipip')]);
  const machines = machinesOf([found(null, [], ['10.0.0.254']), found4, other, found6], []);
  assert.deepEqual(
    machines.map(({ server, addresses, needs }) => [server, addresses, needs.length]),
    [
      [null, [], 0],
      [four, [four, six], 2],
      ['10.0.0.2', ['10.0.0.2'], 1],
    ],
  );
  const sysctls = machines[1]?.facts.machine.sysctls ?? new Map();
  assert.deepEqual([...sysctls.keys()], [`asked.of.${four}`, `asked.of.${six}`], 'each was asked what it needs');
});

test('an address that several machines have makes them no one machine', () => {
  const shared = '172.17.0.1';
  const one = found(four, [four], [four, shared]);
  const other = found('10.0.0.2', ['10.0.0.2'], ['10.0.0.2', shared]);
  const third = found(shared, [shared], [shared, '10.0.0.3']);
  assert.deepEqual(
    machinesOf([one, other, third], []).map(({ server }) => server),
    [four, '10.0.0.2', shared],
  );
});

test('what the journal has of it counts, under whatever name it was set up', () => {
  const entries = [
    entry(null, [], 'ip_vs'),
    entry(four, [four], 'ipip'),
    entry('10.0.0.2', ['10.0.0.2'], 'sit'),
    entry(six, [six], 'ip6_tunnel'),
  ];
  const [director, real] = machinesOf([found(null, [], [four]), found(six, [six], [four, six])], entries);
  assert.deepEqual([director?.begun, director?.alias], [[step('ip_vs')], []]);
  assert.deepEqual([real?.begun, real?.alias], [[step('ipip'), step('ip6_tunnel')], [four]]);
  // Whom nobody sees under an address is known by the name.
  const [named] = machinesOf([found('web1', [], [])], [entry('web1', ['10.0.0.9'], 'ipip')]);
  assert.deepEqual([named?.begun, named?.alias], [[step('ipip')], []]);
});
