import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Need } from '../../../src/path/need.js';
import { isMet } from '../../../src/path/needs/judge.js';
import { applyAll, undoAll } from '../../../src/path/setup/apply.js';
import { type Facts, questionsFor, type Ruler } from '../../../src/path/setup/facts.js';
import { readJournal } from '../../../src/path/setup/journal.js';
import { type Plan, planOf } from '../../../src/path/setup/plan.js';
import type { Applied, Undone } from '../../../src/path/setup/run.js';
import { survey } from '../../../src/path/setup/survey.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { type MachineApart, machineApart } from './machine-apart.js';
import { needs } from './needs.js';
import { apart } from './skip.js';

const skip = apart();
const going = { isEnding: () => false, signal: new AbortController().signal, onDone: () => {} };

interface Bench {
  readonly machine: MachineApart;
  readonly journalPath: string;
  readonly look: (wanted?: readonly Need[]) => Promise<Facts>;
  readonly plan: (options?: { readonly wanted?: readonly Need[]; readonly ruler?: Ruler }) => Promise<Plan>;
  readonly apply: (plan: Plan, wanted?: readonly Need[]) => Promise<Applied | null | undefined>;
  readonly undo: () => Promise<Undone | null | undefined>;
}

async function bench(context: TestContext): Promise<Bench> {
  const machine = await machineApart();
  context.after(machine.stop);
  const journalPath = join(await temporaryDirectory(context), 'state', 'ldirectord.web.cf.setup');
  const site = { server: 'web1', addresses: ['10.9.0.1'] };
  const begun = async () => (await readJournal(journalPath)).journal.entries[0]?.steps ?? [];
  const look = async (wanted: readonly Need[] = needs) => {
    const looked = await survey(machine.shell, questionsFor(wanted, await begun()), { deadline: 60_000 });
    assert.ok(looked.ok, JSON.stringify(looked));
    return looked.facts;
  };
  return {
    machine,
    journalPath,
    look,
    plan: async ({ wanted = needs, ruler } = {}) => {
      const facts = await look(wanted);
      return planOf(wanted, await begun(), ruler ? { ...facts, ruler } : facts, ruler !== undefined);
    },
    apply: async (plan, wanted = needs) => {
      const { journal } = await readJournal(journalPath);
      const planned = [{ ...site, alias: [], plan, needs: wanted }];
      return (await applyAll(journalPath, journal, planned, machine.fleet, going))[0]?.result;
    },
    undo: async () => {
      const { journal } = await readJournal(journalPath);
      return (await undoAll(journalPath, journal, journal.entries, machine.fleet, going))[0]?.result;
    },
  };
}

test('what is missing is done, and taken back', { skip }, async (context) => {
  const { machine, journalPath, look, plan, apply, undo } = await bench(context);
  const before = machine.snapshot();
  assert.deepEqual(await apply(await plan()), { state: 'applied', unmet: [] });
  const facts = await look();
  for (const need of needs) assert.ok(isMet(need, facts.machine), JSON.stringify(need));
  assert.notEqual(machine.snapshot(), before);
  assert.deepEqual((await plan()).steps, []);
  const undone = await undo();
  assert.equal(undone?.fault, null);
  assert.deepEqual(undone.left, []);
  assert.equal(machine.snapshot(), before);
  const { journal, fault } = await readJournal(journalPath);
  assert.deepEqual([journal.entries, fault], [[], null]);
  assert.equal(await undo(), undefined);
});

for (const ruler of [
  { name: 'NetworkManager' },
  { name: 'ifupdown' },
  { name: 'networkd', networkFiles: new Map([['v0', '10-netplan-v0.network']]) },
] as const satisfies readonly Ruler[]) {
  test(`files for ${ruler.name} are written, and taken back`, { skip }, async (context) => {
    const { machine, plan, apply, undo } = await bench(context);
    const before = machine.snapshot();
    const wanted = await plan({ ruler });
    assert.deepEqual(wanted.faults, []);
    assert.deepEqual(await apply(wanted), { state: 'applied', unmet: [] });
    const found = machine.run('find /etc -type f | sort; cat $(find /etc -type f | sort)');
    assert.match(found, /^\/etc\/sysctl.d\/60-ldirectord.conf$/m);
    assert.match(found, /^net.ipv4.conf.all.arp_ignore = 1$/m);
    assert.match(found, /203\.0\.113\.10\/32/);
    assert.match(found, /21000/);
    assert.deepEqual((await plan({ ruler })).steps, []);
    assert.equal((await undo())?.fault, null);
    assert.equal(machine.snapshot(), before);
  });
}

test('files come later than what they keep, and go with it', { skip }, async (context) => {
  const { machine, plan, apply, undo } = await bench(context);
  const before = machine.snapshot();
  await apply(await plan());
  const more = await plan({ ruler: { name: 'NetworkManager' } });
  assert.deepEqual([...new Set(more.steps.map(({ kind }) => kind))], ['write-file']);
  assert.deepEqual(await apply(more), { state: 'applied', unmet: [] });
  await undo();
  assert.equal(machine.snapshot(), before);
});

test('where a command fails half way, the machine is as it was', { skip }, async (context) => {
  const { machine, journalPath, plan, apply } = await bench(context);
  const before = machine.snapshot();
  const wanted: readonly Need[] = [...needs, { kind: 'link', name: 'nowhere0', module: null }];
  const applied = await apply(await plan({ wanted, ruler: { name: 'NetworkManager' } }), wanted);
  assert.ok(applied?.state === 'taken-back', JSON.stringify(applied));
  assert.match(applied.fault, /^ip link set nowhere0 up: Cannot find device "nowhere0"/);
  assert.equal(machine.snapshot(), before);
  assert.deepEqual((await readJournal(journalPath)).journal.entries, []);
});

test('what somebody else has changed since is left and told', { skip }, async (context) => {
  const { machine, plan, apply, undo } = await bench(context);
  await apply(await plan());
  machine.run('sysctl -qw net.ipv4.conf.all.arp_ignore=2; ip address add 203.0.113.99/32 dev t0');
  const undone = await undo();
  assert.equal(undone?.fault, null);
  assert.deepEqual(
    undone.left.map(({ seen }) => seen),
    ['net.ipv4.conf.all.arp_ignore is 2 by now', 't0 has 203.0.113.99/32 by now'],
  );
  const found = machine.run(
    'sysctl -n net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce; ip -o addr show t0',
  );
  assert.match(found, /^2\n0\n.*203\.0\.113\.99/);
  assert.doesNotMatch(found, /203\.0\.113\.11/);
});

test('what a boot has made of the files anew is taken back as well', { skip }, async (context) => {
  const { machine, plan, apply, undo } = await bench(context);
  const before = machine.snapshot();
  await apply(await plan());
  // Whoever rules the network says that a rule or a route is of its making.
  for (const [found] of machine.run('ip rule').matchAll(/(?<=21000:\t).*/g)) {
    // There is no list of protocols there.
    const rule = found.replace('ipproto-', '');
    machine.run(`ip rule delete priority 21000 ${rule}; ip rule add priority 21000 ${rule} protocol static`);
  }
  const undone = await undo();
  assert.deepEqual([undone?.fault, undone?.left], [null, []]);
  assert.equal(machine.snapshot(), before);
});

test('a file that is not ours is not written over', { skip }, async (context) => {
  const { machine, plan } = await bench(context);
  machine.run("echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/60-ldirectord.conf");
  const { steps, faults } = await plan({ ruler: { name: 'NetworkManager' } });
  assert.match(faults.join('\n'), /^\/etc\/sysctl.d\/60-ldirectord.conf is not ours/);
  assert.ok(steps.every((step) => step.kind !== 'write-file' || step.path !== '/etc/sysctl.d/60-ldirectord.conf'));
});

test('what is set up is the journal’s, and what stood before is nobody’s', { skip }, async (context) => {
  const { machine, plan, apply, undo } = await bench(context);
  machine.run('ip address add 203.0.113.10/32 dev lo');
  const before = machine.snapshot();
  await apply(await plan());
  await undo();
  assert.equal(machine.snapshot(), before);
});
