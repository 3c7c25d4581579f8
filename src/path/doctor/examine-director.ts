/** Everything that is wrong on the director, or soon may be. */

import type { Config } from '../../model/config.js';
import { directorNeeds } from '../needs/director.js';
import { syncNeeds } from '../needs/sync.js';
import { examineAddresses } from './director/addresses.js';
import { examineKernel } from './director/kernel.js';
import { unmetNeeds } from './director/needs.js';
import { examineRoutes } from './director/routes.js';
import { examineMachine, examineMarks, examineOwnRules } from './director/surroundings.js';
import type { DirectorFacts } from './director-facts.js';
import type { Finding } from './finding.js';

export function examineDirector(config: Config, facts: DirectorFacts): Finding[] {
  if (facts.passes === 'streams') {
    // It connects as anybody does: the kernel hands nothing on.
    const ways = examineRoutes(config, facts).filter(({ code }) => code === 'no-route');
    return [...examineAddresses(config, facts), ...ways, ...examineMachine(facts)];
  }
  return [
    ...unmetNeeds([...directorNeeds(config, facts.machine), ...syncNeeds(facts.sync)], facts),
    ...examineAddresses(config, facts),
    ...examineRoutes(config, facts),
    ...examineKernel(config, facts),
    ...examineMarks(config, facts),
    ...examineOwnRules(facts),
    ...examineMachine(facts),
  ];
}
