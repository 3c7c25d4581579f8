import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Finding, findingOfAll, vipsOf } from '../../../src/directors/announce/vip-health.js';
import type { RealServer } from '../../../src/model/config.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { standAs } from '../../../src/reconcile/standings/standing.js';
import type { Standings } from '../../../src/reconcile/standings/standings.js';
import { standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

/** `u` up, `d` down, `U` and `D` the same before any check has said so; a letter for each server of the file. */
function decide(text: string, said: string, before: Standings | null = null): Standings {
  const config = configOf(text);
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  const letterOf = (real: RealServer): string => said[reals.indexOf(real)] ?? 'd';
  const evidence = {
    isUp: (real: RealServer) => 'uU'.includes(letterOf(real)),
    isDecided: (real: RealServer) => 'ud'.includes(letterOf(real)),
    isRefused: () => false,
    policyHoldOf: () => null,
  };
  return standings(config, evidence, nothingAsked, alwaysActive, 0, before);
}

function found(decided: Standings, stands = () => true): Record<string, string> {
  return Object.fromEntries(
    [...vipsOf(decided, stands)].map(([address, { services }]) => [
      address,
      services.map(({ verdict }) => verdict).join(' '),
    ]),
  );
}

const web = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 masq
\treal=10.0.0.2:80 masq
virtual=192.0.2.1:443
\treal=10.0.0.3:443 masq
`;

test('a service is well while a real server is in use, ill once all are known not to be, and open until then', () => {
  for (const [said, expected] of [
    ['uuu', 'well well'],
    ['udu', 'well well'],
    ['ddu', 'ill well'],
    ['DDU', 'open open'],
    // Taken for up, as the table has it: not known.
    ['Udd', 'open ill'],
    ['uDD', 'well open'],
    ['dDd', 'open ill'],
  ] as const) {
    assert.deepEqual(found(decide(web, said)), { '192.0.2.1': expected }, said);
  }
});

test('a service that does not stand in the table yet is not known to be well', () => {
  assert.deepEqual(
    found(decide(web, 'ddu'), () => false),
    { '192.0.2.1': 'ill open' },
  );
});

test('marks of others have no address, those of ours, names and both families have', () => {
  const decided = decide(
    `virtual=5
\treal=10.0.0.1:80 masq
virtual=192.0.2.2
\tports=80,443
\treal=10.0.0.1 masq
virtual6=[2001:DB8::1]:80
\treal6=[2001:db8::2]:80 masq
virtual=shop.example.com:80
\treal=10.0.0.1:80 masq
`,
    'uuuu',
  );
  assert.deepEqual(found(decided), { '192.0.2.2': 'well', '2001:db8::1': 'well' });
});

test('a service that two sections make is one', () => {
  // As names that turn out to be one address do.
  const config = configOf(
    web.replaceAll('443', '80').replace('192.0.2.1:80\n\treal=10.0.0.3', '192.0.2.9:80\n\treal=10.0.0.3'),
  );
  const [first] = config.virtuals;
  const virtuals = config.virtuals.map((virtual) => ({ ...virtual, endpoint: first?.endpoint ?? virtual.endpoint }));
  const standing = (place: 'in use' | 'out') => ({ ...standAs(place, 1, true) });
  const of = new Map(
    virtuals.map((virtual, index) => [
      virtual,
      virtual.realServers.map(() => standing(index === 0 ? 'out' : 'in use')),
    ]),
  );
  const vips = vipsOf({ config: { ...config, virtuals }, of, below: new Map() }, () => true);
  assert.deepEqual(
    [...vips.values()].map(({ services }) => services.map(({ verdict }) => verdict)),
    [['well']],
  );
});

test('belowminimum = withdraw: too few is ill, though they stay in use as with keep', () => {
  const text = (rule: string) => `virtual=192.0.2.1:80
\treal=10.0.0.1:80 masq
\treal=10.0.0.2:80 masq
\treal=10.0.0.3:80 masq
\tminhealthy=2
\tbelowminimum=${rule}
`;
  for (const [rule, expected] of [
    ['withdraw', 'ill'],
    ['keep', 'well'],
  ] as const) {
    const all = decide(text(rule), 'uuu');
    assert.deepEqual(found(all), { '192.0.2.1': 'well' });
    const few = decide(text(rule), 'udd', all);
    assert.deepEqual(found(few), { '192.0.2.1': expected });
    const places = [...few.of.values()].flat().map(({ place }) => place);
    assert.deepEqual(places, ['in use', 'in use', 'out']);
    // The usual hysteresis.
    assert.deepEqual(found(decide(text(rule), 'uud', few)), { '192.0.2.1': expected });
    assert.deepEqual(found(decide(text(rule), 'uuu', few)), { '192.0.2.1': 'well' });
  }
});

test('what goes at a stop: not while the table keeps a service of the address', () => {
  const text = `${web}\tcleanstop=no\nvirtual=192.0.2.9:80\n\treal=10.0.0.3:80 masq\n`;
  const vips = [...vipsOf(decide(text, 'uuuu'), () => true).values()];
  assert.deepEqual(
    vips.map(({ address, cleanstop }) => [address, cleanstop]),
    [
      ['192.0.2.1', false],
      ['192.0.2.9', true],
    ],
  );
});

test('all: one that is ill decides; any: one that is well does; what else is open stays open', () => {
  const verdict = fc.constantFrom('well', 'ill', 'open');
  const finding = verdict.map((word): Finding => ({ verdict: word as Finding['verdict'], why: word }));
  fc.assert(
    fc.property(fc.array(finding, { minLength: 1, maxLength: 6 }), (services) => {
      const has = (word: string) => services.some((one) => one.verdict === word);
      const all = has('ill') ? 'ill' : has('open') ? 'open' : 'well';
      const any = has('well') ? 'well' : has('open') ? 'open' : 'ill';
      assert.equal(findingOfAll(services, 'all').verdict, all);
      assert.equal(findingOfAll(services, 'any').verdict, any);
    }),
  );
});

test('why: the services that decide, a few of them', () => {
  const { why, verdict } = findingOfAll(
    [1, 2, 3, 4, 5].map((number) => ({ verdict: 'ill', why: `${number} has no server in use` })),
    'all',
  );
  assert.equal(verdict, 'ill');
  assert.equal(why, '1 has no server in use, 2 has no server in use, 3 has no server in use, 2 more');
});
