/** The machines of a configuration, read, with what they need. */

import type { Config } from '../../model/config.js';
import { type Machine, type MachineQuestions, routeKey } from '../../path/machine.js';
import type { Need } from '../../path/need.js';
import { elsewhereQuestion } from '../../path/needs/answers-route.js';
import { directorNeeds, directorQuestions } from '../../path/needs/director.js';
import { questionsToDirector, questionsToReal, realNeeds } from '../../path/needs/real.js';
import { type SyncAsked, syncNeeds } from '../../path/needs/sync.js';
import { familyOf, machinesCalled, type RealMachine, realMachines } from '../../path/real-servers.js';
import { questionsFor } from '../../path/setup/facts.js';
import type { Fleet, Site } from '../../path/setup/fleet.js';
import type { Entry } from '../../path/setup/journal.js';
import { type Found, type FoundMachine, machinesOf } from '../../path/setup/one-machine.js';
import { lookDeadline } from '../../path/setup/run.js';
import { survey } from '../../path/setup/survey.js';
import type { Shell } from '../../path/shell.js';
import { usage } from '../command.js';
import type { Interruption } from './interruption.js';

export interface Asked {
  readonly config: Config;
  readonly sync: SyncAsked;
  /** Null is the director alone; none is all of them. */
  readonly servers: readonly string[] | null;
  readonly entries: readonly Entry[];
  readonly fleet: Fleet;
  readonly going: Interruption;
  readonly onRead: () => void;
}

type Looked = ({ readonly ok: true } & Found) | ({ readonly ok: false } & Unseen);

export interface Unseen extends Site {
  readonly fault: string;
}

export interface Seen {
  readonly machines: readonly FoundMachine[];
  readonly unseen: readonly Unseen[];
}

/** The director first, which has to be known to know what real servers need. */
export async function lookAtAll(asked: Asked): Promise<Seen> {
  const { config, sync, servers, fleet } = asked;
  const all = realMachines(config, () => false);
  const reals = servers === null ? [] : chosen(servers, all);
  const own = directorQuestions(config);
  const questions = { ...own, routes: [...own.routes, ...reals.flatMap(questionsToDirector)] };
  const site = { server: null, addresses: [] };
  const [director] = await fleet.each([site], (shell) => {
    return look(asked, shell, site, questions, (machine) => directorNeeds(config, machine));
  });
  if (!director?.ok) return { machines: [], unseen: director === undefined ? [] : [director] };
  const { machine } = director.facts;
  const isDirectors = (address: string): boolean => machine.addresses.some((one) => one.address === address);
  const others = reals.filter(({ addresses }) => !addresses.some(isDirectors));
  const sites = others.map((real) => ({ server: real.name, addresses: real.addresses, real }));
  const looked = await fleet.each(sites, (shell, { server, addresses, real }) => {
    return look(asked, shell, { server, addresses }, questionsToReal(real, machine), (found) => {
      return realNeeds(real, machine, found);
    });
  });
  const routed = new Set(looked.flatMap((one) => (one.ok ? routedBy(isDirectors, one) : [])));
  const needs = needsIn([...directorNeeds(config, machine, routed), ...syncNeeds(sync)]);
  const found = [{ ...director, needs }, ...looked.filter(isSeen)];
  return { machines: machinesOf(found, asked.entries), unseen: looked.filter((one) => !one.ok) };
}

function isSeen(one: Looked): one is Looked & { readonly ok: true } {
  return one.ok;
}

/** Its addresses whose answers to clients go by the director. */
function routedBy(isDirectors: (address: string) => boolean, { addresses, facts }: Looked & { ok: true }): string[] {
  return addresses.filter((address) => {
    const gateway = facts.machine.routes.get(routeKey(elsewhereQuestion(familyOf(address))))?.gateway ?? null;
    return gateway !== null && isDirectors(gateway);
  });
}

function needsIn(wanted: readonly { readonly need: Need }[]): Need[] {
  return wanted.map(({ need }) => need);
}

async function look(
  { entries, going, onRead }: Asked,
  shell: Shell,
  site: Site,
  questions: MachineQuestions,
  needsOf: (machine: Machine) => readonly { readonly need: Need }[],
): Promise<Looked> {
  // Under which name the journal has it shows when it is seen; all of them together ask for few settings.
  const more = questionsFor(
    [],
    entries.flatMap(({ steps }) => steps),
  );
  const all = { sysctls: [...questions.sysctls, ...more.sysctls], routes: questions.routes };
  const looked = await survey(shell, all, { deadline: lookDeadline, signal: going.signal });
  onRead();
  if (!looked.ok) return { ...site, ...looked };
  return { ...site, ...looked, needs: needsIn(needsOf(looked.facts.machine)) };
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
