/** What checks servers, and what knows of what the checks have said. */

import type { PoolLimits } from '../checks/crews.js';
import { Gate } from '../checks/gate.js';
import { PassiveChecks } from '../checks/passive-checks.js';
import { CheckPool } from '../checks/pool.js';
import { spreads, summary } from '../checks/sums.js';
import type { Settings } from '../config/settings/rows.js';
import { AgentBook } from '../health/agents.js';
import { Recorder, type RecorderOptions } from '../health/recorder.js';
import { pathServiceKey } from '../reconcile/path-services.js';
import type { Reconciler } from '../reconcile/reconciler.js';
import { monotonic } from '../system/clock.js';
import { descriptorLimit } from '../system/libc.js';
import { networkWords } from '../system/network.js';
import type { Given } from './given.js';

interface Occasions extends Pick<RecorderOptions, 'isHeld' | 'onChange'> {
  /** What agents of servers say has changed. */
  readonly onAgents: () => void;
}

export function openChecking(
  { options, open }: Given,
  settings: Settings,
  reconciler: Reconciler,
  { onAgents, ...occasions }: Occasions,
) {
  const { policies } = options;
  const { publish } = options.bus;
  const recorder = new Recorder({ ...occasions, publish, now: monotonic, network: () => networkWords() });
  const pool = new CheckPool({
    limits: limitsOf(settings),
    here: true,
    onResult: (question, result) => {
      agents.record(question, result);
      recorder.record(question, result);
    },
    onSums: (sums) => recorder.sum({ sums: summary(sums), spreads: spreads(sums) }),
    onReplaced: (worker, checks, reason) => publish({ type: 'worker-replaced', worker, checks, reason }),
  });
  open.push(() => pool.close());
  const gate = new Gate({
    pool,
    stateOf: ({ family, route: { mark } }) => reconciler.stateOf(pathServiceKey({ family, mark: mark ?? 0 })),
    onHeld: (check, result) => recorder.record(check, result),
  });
  open.push(() => gate.close());
  const agents = new AgentBook({
    publish,
    onChange: onAgents,
    ...(policies && { before: policies.before.agents }),
    answeredAt: (question) => pool.passedAt(question),
    now: Date.now,
  });
  return { recorder, pool, passiveChecks: new PassiveChecks(), gate, agents };
}

export function limitsOf({ workers, checkLimit, checkJitter }: Settings): PoolLimits {
  return { workers, inFlight: checkLimit, jitter: checkJitter / 100, descriptors: descriptorLimit() };
}
