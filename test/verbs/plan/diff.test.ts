import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { forecastInSlices } from '../../../src/reconcile/forecast.js';
import { atOnce } from '../../../src/slices.js';
import { plannedServices } from '../../../src/status/outlook.js';
import { difference } from '../../../src/verbs/plan/diff.js';
import { configOf } from '../../helpers/configuration.js';

test('who comes once a check passes, what stands until then, and what goes along with it', () => {
  const config = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 2
	fallback=127.0.0.1:80 masq
	scheduler=rr
`);
  const circumstances = {
    before: null,
    owned: new Set<string>(),
    removed: new Map(),
    overrides: nothingAsked,
    role: alwaysActive,
    now: 0,
  };
  const evidence = (isDecided: boolean) => ({
    isUp: () => false,
    isDecided: () => isDecided,
    isRefused: () => false,
    policyHoldOf: () => null,
  });
  const shown = (table: Parameters<typeof plannedServices>[1]): string[] => {
    const made = atOnce(forecastInSlices(config, { ...circumstances, table, evidence: evidence(false) }));
    return difference(plannedServices(made, table), { width: null, colour: false });
  };
  assert.deepEqual(shown(new Map()), [
    '+ tcp 192.0.2.1:80 rr',
    '+   10.0.0.1:80 masq weight 2, once its check passes',
    '+   127.0.0.1:80 masq weight 1, until a check passes',
  ]);
  const made = atOnce(forecastInSlices(config, { ...circumstances, table: new Map(), evidence: evidence(true) }));
  const standing = new Map(
    [...made.wanted].map(([key, entry]) => [
      key,
      {
        ...entry,
        destinations: new Map([...entry.destinations].map(([to, found]) => [to, { ...found, active: 0, inactive: 0 }])),
      },
    ]),
  );
  assert.deepEqual(shown(standing as never), [
    '  tcp 192.0.2.1:80',
    '+   10.0.0.1:80 masq weight 2, once its check passes',
    '-   127.0.0.1:80, once a check passes',
  ]);
});
