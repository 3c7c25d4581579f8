/** The machines of a configuration, read, with what they need. */

import type { Config } from '../../model/config.js';
import type { Machine, MachineQuestions } from '../../path/machine.js';
import type { Need } from '../../path/need.js';
import { directorNeeds, directorQuestions } from '../../path/needs/director.js';
import { questionsToDirector, questionsToReal, realNeeds } from '../../path/needs/real.js';
import { machinesCalled, type RealMachine, realMachines } from '../../path/real-servers.js';
import { type Facts, questionsFor } from '../../path/setup/facts.js';
import type { Fleet, Site } from '../../path/setup/fleet.js';
import type { Entry } from '../../path/setup/journal.js';
import { lookDeadline } from '../../path/setup/run.js';
import { survey } from '../../path/setup/survey.js';
import type { Shell } from '../../path/shell.js';
import { usage } from '../command.js';
import type { Interruption } from './interruption.js';

export interface Asked {
  readonly config: Config;
  /** Null is the director alone; none is all of them. */
  readonly servers: readonly string[] | null;
  readonly entries: readonly Entry[];
  readonly fleet: Fleet;
  readonly going: Interruption;
  readonly onRead: () => void;
}

export type Looked = Site & { readonly begun: Entry['steps'] } & (
    | { readonly ok: true; readonly facts: Facts; readonly needs: readonly Need[] }
    | { readonly ok: false; readonly fault: string }
  );

/** The director first, which has to be known to know what real servers need. */
export async function lookAtAll(asked: Asked): Promise<readonly Looked[]> {
  const { config, servers, fleet } = asked;
  const reals =
    servers === null
      ? []
      : chosen(
          servers,
          realMachines(config, () => false),
        );
  const own = directorQuestions(config);
  const questions = { ...own, routes: [...own.routes, ...reals.flatMap(questionsToDirector)] };
  const site = { server: null, addresses: [] };
  const [director] = await fleet.each([site], (shell) => {
    return look(asked, shell, site, questions, (machine) => directorNeeds(config, machine));
  });
  if (!director?.ok) return director === undefined ? [] : [director];
  const { machine } = director.facts;
  const isDirectors = (address: string): boolean => machine.addresses.some((one) => one.address === address);
  const others = reals.filter(({ addresses }) => !addresses.some(isDirectors));
  const sites = others.map((real) => ({ server: real.name, addresses: real.addresses, real }));
  const looked = await fleet.each(sites, (shell, { server, addresses, real }) => {
    return look(asked, shell, { server, addresses }, questionsToReal(real, machine), (found) => {
      return realNeeds(real, machine, found);
    });
  });
  return [director, ...looked];
}

async function look(
  { entries, going, onRead }: Asked,
  shell: Shell,
  site: Site,
  questions: MachineQuestions,
  needsOf: (machine: Machine) => readonly { readonly need: Need }[],
): Promise<Looked> {
  const begun = entries.find(({ server }) => server === site.server)?.steps ?? [];
  const more = questionsFor([], begun);
  const all = { sysctls: [...questions.sysctls, ...more.sysctls], routes: questions.routes };
  const looked = await survey(shell, all, { deadline: lookDeadline, signal: going.signal });
  onRead();
  if (!looked.ok) return { ...site, begun, ...looked };
  return { ...site, begun, ...looked, needs: needsOf(looked.facts.machine).map(({ need }) => need) };
}

function chosen(servers: readonly string[], all: readonly RealMachine[]): readonly RealMachine[] {
  if (servers.length === 0) return all;
  const meant = servers.flatMap((called) => {
    const found = machinesCalled(called, all);
    if (found === null) throw usage(`setup: the file has no real server '${called}'`);
    return found;
  });
  return [...new Set(meant)];
}
