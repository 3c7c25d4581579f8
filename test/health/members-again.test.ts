/** What a reload makes of checks and members where most virtual services are the same objects, and made of all anew. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AssignedBefore, type Assignments, assign } from '../../src/checks/assignment.js';
import { type Parsed, parseInSlices } from '../../src/config/file/parse.js';
import { Members, type Prepared } from '../../src/health/members.js';
import type { Config, RealServer } from '../../src/model/config.js';
import { keyOfVirtual, nameWithin } from '../../src/model/subject.js';
import { atOnce } from '../../src/slices.js';
import { parseServices } from '../../src/system/port-names.js';
import { type Random, seeded } from '../helpers/random.js';

const options = { strict: false, services: parseServices('http 80/tcp\n') };

/** A virtual service of few words, so that many share their checks with others. */
function section(index: number, random: Random): string {
  const reals = Array.from({ length: random(4) }, () => `\treal=10.0.0.${1 + random(9)}:80 gate ${1 + random(3)}\n`);
  const more = [
    ...[
      '\tfailurecount=2\n',
      '\trisecount=2\n',
      '\tmonitorfile=/dev/null\n',
      '\tflapdamping=1 60\n',
      '\tchecktype=on\n',
    ],
    ...[
      '\tfallback=10.0.0.8:80 gate\n\tfallbackcheck=yes\n',
      '\tagent=8080\n',
      '\tcheckpath=forwarded\n',
      '\tstartstate=down\n',
    ],
  ];
  const said = random(3) > 0 ? '' : more[random(more.length)];
  return `virtual=192.0.2.${index}:80\n\tchecktype=connect\n${reals.join('')}${said}`;
}

interface Version {
  readonly config: Config;
  readonly assigned: Assignments;
  readonly members: Members;
}

function serversOf(config: Config): RealServer[] {
  return config.virtuals.flatMap(({ realServers, fallbacks }) => [...realServers, ...fallbacks]);
}

function assertSame({ config, assigned, members }: Version, whole: Version): void {
  const checksOf = ({ checks }: Assignments) => new Map([...checks].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  assert.deepEqual(checksOf(assigned), checksOf(whole.assigned));
  assert.deepEqual(assigned.agents, whole.assigned.agents);
  for (const real of serversOf(config)) {
    assert.deepEqual(members.healthOf(real), whole.members.healthOf(real));
    assert.equal(members.checkOf(real), whole.members.checkOf(real));
    assert.equal(members.virtualOf(real)?.endpoint, whole.members.virtualOf(real)?.endpoint);
    assert.deepEqual(members.policyHoldOf(real, 5_000), whole.members.policyHoldOf(real, 5_000));
  }
  const statesOf = (all: Members) =>
    new Map(
      [...all.states(5_000)].map(([{ virtual, real }, state]) => [
        `${keyOfVirtual(virtual)} ${nameWithin(real)}`,
        state,
      ]),
    );
  assert.deepEqual(statesOf(members), statesOf(whole.members));
  assert.deepEqual([...members.awaited()].toSorted(), [...whole.members.awaited()].toSorted());
  assert.deepEqual([...members.checksOfFallbacks()].toSorted(), [...whole.members.checksOfFallbacks()].toSorted());
  const namesOf = (check: string, all: Members) =>
    all.decidedBy(check).map(({ virtual, real }) => `${keyOfVirtual(virtual)} ${nameWithin(real)}`);
  for (const check of assigned.checks.keys()) {
    assert.deepEqual(namesOf(check, members).toSorted(), namesOf(check, whole.members).toSorted());
  }
}

function results(all: readonly Members[], checks: Iterable<string>, random: Random): void {
  for (const check of checks) {
    if (random(3) > 0) continue;
    const ok = random(2) > 0;
    const result = { ok, reason: ok ? 'well' : 'ill', streak: ok ? 1 + random(3) : -1 - random(3) };
    for (const members of all) members.record(check, result, 1_000);
  }
}

test('members that are in common with those before are as if all had been made anew', () => {
  let common = 0;
  for (let seed = 1; seed <= 15; seed += 1) {
    const random = seeded(seed);
    const sections = Array.from({ length: 8 }, (_, index) => section(index + 1, random));
    let last = sections.length;
    const fresh = (): number => {
      last += 1;
      return last;
    };
    let parsed: Parsed = atOnce(parseInSlices('', options));
    let again: Version | null = null;
    let whole: Version | null = null;
    for (let round = 0; round < 12; round += 1) {
      for (let edits = random(3); edits > 0; edits -= 1) {
        const at = random(sections.length + 1);
        const kind = random(8);
        // One more, one less, or one elsewhere.
        if (kind < 2) sections.splice(at, 0, section(fresh(), random));
        else if (kind === 2) sections.splice(at, 1);
        else if (kind === 3) sections.push(...sections.splice(at, 1));
        else {
          const own = /^virtual=192\.0\.2\.(\d+)/.exec(sections[at] ?? '')?.[1];
          sections.splice(at, 1, section(own === undefined ? fresh() : Number(own), random));
        }
      }
      parsed = atOnce(parseInSlices(sections.join(''), options, parsed.known));
      const { config } = parsed;
      assert.ok(config, JSON.stringify(parsed.diagnostics.filter(({ severity }) => severity === 'error')));
      const stands = (): boolean => false;
      const ruled: AssignedBefore | null = again && {
        config: again.config,
        checks: again.assigned.checks,
        agents: again.assigned.agents,
        members: again.members,
      };
      const some: Assignments = atOnce(assign(config, undefined, ruled));
      const all = atOnce(assign(config));
      const before: Members = again?.members ?? Members.none;
      const preparing: Prepared = atOnce(Members.prepare(some.servers, before, stands, undefined, some.others));
      const wholly: Prepared = atOnce(Members.prepare(all.servers, whole?.members ?? Members.none, stands));
      // What is said in the meantime counts for both.
      if (again && whole) results([again.members, whole.members], again.assigned.checks.keys(), random);
      const next: Version = { config, assigned: some, members: preparing() };
      const other: Version = { config, assigned: all, members: wholly() };
      assertSame(next, other);
      const changed = new Set([...next.members.takeChanged()].map(({ real }) => real));
      for (const { real } of other.members.takeChanged()) assert.ok(changed.has(real) || again === null);
      results([next.members, other.members], some.checks.keys(), random);
      assertSame(next, other);
      if (some.others !== null) common += config.virtuals.length - some.others.size;
      [again, whole] = [next, other];
    }
  }
  assert.ok(common > 300, String(common));
});
