/** What is to be known of the director beside what is of every machine. */

import type { Config } from '../../model/config.js';
import { directorNeeds, directorQuestions } from '../needs/director.js';
import { controllerSection } from './controllers.js';
import { loadableSection } from './loadable.js';
import { machineSections } from './machine.js';
import { markSection } from './marks.js';

export function directorSections(config: Config) {
  const modules = directorNeeds(config, null).flatMap(({ need }) => (need.kind === 'module' ? need.name : []));
  return {
    ...machineSections(directorQuestions(config)),
    loadable: loadableSection(modules),
    marks: markSection,
    controllers: controllerSection,
  };
}
