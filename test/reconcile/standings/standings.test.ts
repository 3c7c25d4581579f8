import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSettings } from '../../../src/config/settings/settings.js';
import type { RealServer } from '../../../src/model/config.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked, type Overrides } from '../../../src/overrides/in-force.js';
import { windowOf } from '../../../src/overrides/windows.js';
import type { Evidence } from '../../../src/reconcile/standings/standing.js';
import { type Standings, standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

const config = configOf(
  'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate 3\n\treal=10.0.0.2:80 gate 0\nvirtual=7\n\treal=10.0.0.1:80 gate 2\n',
);
const well: Evidence = { isUp: () => true, isDecided: () => true, isRefused: () => false, policyHoldOf: () => null };

function words({ of }: Standings): string[] {
  return [...of.values()].flat().map(({ place, weight }) => `${place} ${weight}`);
}

/** Who asks is all the same here. */
const nobody = { who: fc.constant(null), since: fc.constant(null), why: fc.constant(null) };

const weigh = (server: string, weight: number, until: number | null): Override => ({
  kind: 'weight',
  server,
  virtual: null,
  weight,
  until,
  ...unknownOrigin,
});
const drain = (server: string, until: number | null): Override => ({
  kind: 'drain',
  server,
  virtual: null,
  weight: 0,
  until,
  ...unknownOrigin,
});

test('each server has its place: in use, refused, drained or out', () => {
  const found = (evidence: Partial<Evidence>, byHand: readonly Override[] = []) =>
    words(standings(config, { ...well, ...evidence }, { ...nothingAsked, byHand }, alwaysActive, 0));
  assert.deepEqual(found({}), ['in use 3', 'in use 0', 'in use 2']);
  assert.deepEqual(found({ isUp: () => false }), ['out 0', 'out 0', 'out 0']);
  assert.deepEqual(found({ isRefused: () => true, policyHoldOf: () => null }), ['refused 3', 'refused 0', 'refused 2']);
  assert.deepEqual(found({}, [drain('10.0.0.1:80', null)]), ['drained 0', 'in use 0', 'drained 0']);
  assert.deepEqual(found({ isUp: () => false }, [drain('10.0.0.1:80', null)]), ['drained 0', 'out 0', 'drained 0']);
  assert.deepEqual(found({}, [weigh('10.0.0.1:80', 9, null)]), ['in use 9', 'in use 0', 'in use 9']);
  assert.deepEqual(found({}, [weigh('10.0.0.1:80', 0, null)]), ['drained 0', 'in use 0', 'drained 0']);
  assert.deepEqual(found({}, [weigh('10.0.0.1:80', 70_000, null)]), ['in use 70000', 'in use 0', 'in use 70000']);
});

test('who is in use or out by the votes of others stands so for that, but for what people ask and minhealthy', () => {
  const file = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n\treal=10.0.0.3:80 gate\n';
  const found = (text: string, byVote: Readonly<Record<string, boolean>>, byHand: readonly Override[] = []) => {
    const evidence: Evidence = {
      ...well,
      isUp: ({ host }) => byVote[host.name] ?? true,
      isVoted: ({ host }) => host.name in byVote,
    };
    const { of, voted } = standings(configOf(text), evidence, { ...nothingAsked, byHand }, alwaysActive, 0);
    return [...[...of.values()].flat().map(({ place, by }) => `${place} ${by}`), ...voted.values()];
  };
  assert.deepEqual(found(file, { '10.0.0.1': true, '10.0.0.2': false }), [
    'in use vote',
    'out vote',
    'in use null',
    { kept: 1, unused: 1 },
  ]);
  const drained = found(file, { '10.0.0.1': true }, [drain('10.0.0.1:80', null)]);
  assert.deepEqual(drained, ['drained null', 'in use null', 'in use null']);
  const kept = found(`${file}\tminhealthy=3\n\tbelowminimum=all\n`, { '10.0.0.1': false });
  assert.deepEqual(kept, ['in use minimum', 'in use null', 'in use null']);
});

test('what is supposed before a first check is told from what is known', () => {
  const supposed = { ...well, isDecided: ({ host }: RealServer) => host.name === '10.0.0.2' };
  const { of } = standings(config, supposed, nothingAsked, alwaysActive, 0);
  assert.deepEqual(
    [...of.values()].flat().map(({ isKnown }) => isKnown),
    [false, true, false],
  );
});

const minutes = 60_000;
const { settings } = readSettings(
  '[maintenance a]\nserver=10.0.0.1\nschedule=*/7 1-3 * * *\nduration=5\n[maintenance b]\nserver=10.0.0.2\ndrainat=2026-11-22 02:10\nreturnat=2026-11-22 02:31\n',
);
const night = new Date(2026, 10, 22, 1, 30).getTime();

test('nothing changes by itself before the time that is given for the next change', () => {
  const moment = fc.integer({ min: night, max: night + 90 * minutes });
  const override = fc.record({
    kind: fc.constantFrom('drain' as const, 'weight' as const),
    server: fc.constantFrom('10.0.0.1:80', '10.0.0.2:80'),
    virtual: fc.constantFrom(null, '7'),
    weight: fc.constantFrom(0, 5),
    until: fc.oneof(fc.constant(null), moment),
    ...nobody,
  });
  const hasWindows = fc.boolean();
  fc.assert(
    fc.property(
      fc.array(override, { maxLength: 4 }),
      hasWindows,
      moment,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (byHand, some, now, share) => {
        const windows = some ? settings.maintenance.map(windowOf) : [];
        const overrides: Overrides = { ...nothingAsked, byHand, windows };
        const first = standings(config, well, overrides, alwaysActive, now);
        const end = first.nextChange ?? now + 365 * 24 * 60 * minutes;
        assert.ok(end > now);
        const before = now + Math.floor((end - 1 - now) * share);
        assert.deepEqual(words(standings(config, well, overrides, alwaysActive, before)), words(first));
        // What is kept from the last time is no other than what is asked anew, at any time.
        for (const at of [now - 1, before, end, end + minutes]) {
          assert.deepEqual(
            words(standings(config, well, overrides, alwaysActive, at, first)),
            words(standings(config, well, overrides, alwaysActive, at)),
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});
