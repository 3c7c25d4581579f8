/** The doctor's round: each real server is read once, over SSH, while the director knocks at its doors. */

import type { Config } from '../../model/config.js';
import { isKnockedAt, type Knock, knockKey } from '../../path/doctor/at-doors.js';
import { type Door, doorsOf } from '../../path/doctor/doors.js';
import type { Examination } from '../../path/doctor/examination.js';
import type { Finding } from '../../path/doctor/finding.js';
import { examineReal, notExamined, notRead } from '../../path/doctor/real.js';
import { knock } from '../../path/knock.js';
import { type Machine, type MachineQuestions, routeKey } from '../../path/machine.js';
import { questionsToDirector, questionsToReal } from '../../path/needs/real.js';
import { script as machineScript, readMachine } from '../../path/reading/machine.js';
import { realSections } from '../../path/reading/real.js';
import { composeScript, readSections } from '../../path/reading/section.js';
import { machinesCalled, type RealMachine, realMachines, towards } from '../../path/real-servers.js';
import type { Shell, ShellFault } from '../../path/shell.js';
import type { EachOptions, Machines } from '../../path/ssh/machines.js';
import type { Read } from '../../path/ssh/secret-file.js';

export interface Round extends EachOptions {
  readonly config: Config;
  /** Names and addresses of servers; none is all. */
  readonly called: readonly string[];
  /** This machine. */
  readonly here: Shell;
  /** The servers, or why nobody can log in to any. */
  readonly machines: Read<Machines>;
  /** Milliseconds for a server, logging in included. */
  readonly deadline: number;
}

export type RoundOutcome =
  | { readonly ok: true; readonly examinations: readonly Examination[] }
  /** Nobody is called so. */
  | { readonly ok: false; readonly unknown: readonly string[] };

/** Milliseconds for the script here: with very many routes it takes some seconds. */
const patience = 60_000;
/** Milliseconds for a connection of the director's, of which so many are tried at once on a server. */
const knockPatience = 5_000;
const knocksAtOnce = 8;

/** In the order of the file, or in that of the names. */
export async function goRound({ config, called, here, machines, ...options }: Round): Promise<RoundOutcome> {
  const all = realMachines(config, () => false);
  const unknown = called.filter((name) => machinesCalled(name, all) === null);
  if (unknown.length > 0) return { ok: false, unknown };
  const meant = called.length === 0 ? all : called.flatMap((name) => machinesCalled(name, all) ?? []);
  const director = await readDirector(meant, here);
  if ('fault' in director) return { ok: true, examinations: [unreadDirector(director.fault)] };
  // What has only addresses of the director is none.
  const others = new Set(realMachines(config, (address) => isDirectors(address, director)).map(({ name }) => name));
  const visited = [...new Set(meant)].filter(({ name }) => others.has(name));
  if (!machines.ok)
    return { ok: true, examinations: visited.map((real) => of(real, [notExamined(real, machines.fault)])) };
  const addressed = visited.flatMap((real) => {
    const [address] = real.addresses;
    return address === undefined ? [] : [{ address, names: [real.name], real }];
  });
  const visit = async (shell: Shell, { real }: (typeof addressed)[number], signal: AbortSignal): Promise<Examination> =>
    of(real, await examine(real, director, shell, { deadline: options.deadline, signal }));
  const examinations = await machines.value.each(addressed, visit, options);
  const nowhere = visited.filter(({ addresses }) => addresses.length === 0);
  return { ok: true, examinations: [...examinations, ...nowhere.map((real) => of(real, [withoutAddress(real)]))] };
}

function of({ name }: RealMachine, findings: readonly Finding[]): Examination {
  return { on: { server: name }, findings, unexamined: [] };
}

function withoutAddress(real: RealMachine): Finding {
  const message = `${real.name} has no address`;
  return notExamined(real, { code: 'unreachable', message, remedy: 'write its address, or mend its name in the DNS' });
}

type Unread = Pick<ShellFault, 'message' | 'remedy'>;

async function readDirector(all: readonly RealMachine[], here: Shell): Promise<Machine | { readonly fault: Unread }> {
  const questions: MachineQuestions = { sysctls: [], routes: all.flatMap(questionsToDirector) };
  const ran = await here.run(machineScript(questions), { deadline: patience, asRoot: false });
  if (!ran.ok) return { fault: ran.fault };
  const reading = readMachine(questions, ran.stdout);
  return reading.ok ? reading.value : { fault: reading.fault };
}

function unreadDirector({ message, remedy }: Unread): Examination {
  const on = 'director';
  const finding = { code: 'director-not-read', on, object: on, for: [], seen: message, mend: [remedy] } as const;
  return { on, findings: [finding], unexamined: [] };
}

function isDirectors(address: string, { addresses, routes }: Machine): boolean {
  return addresses.some((one) => one.address === address) || routes.get(routeKey(towards(address)))?.isLocal === true;
}

/** Never rejects. */
async function examine(
  real: RealMachine,
  director: Machine,
  shell: Shell,
  options: { readonly deadline: number; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const doors = doorsOf(real);
  const knocking = knockAtAll(doors);
  const sections = realSections(questionsToReal(real, director));
  const before = Date.now();
  const ran = await shell.run(composeScript(sections), { ...options, asRoot: false });
  const after = Date.now();
  const knocks = await knocking;
  if (!ran.ok) return [notExamined(real, ran.fault)];
  const reading = readSections(sections, ran.stdout);
  if (!reading.ok) return [notRead(real, reading.fault)];
  const { clock, firewall, ...machine } = reading.value;
  const clockAhead = clock === null ? null : aheadBy(clock, before, after);
  return examineReal(real, doors, { director, machine, firewall, clockAhead, knocks });
}

/** What a clock of whole seconds must be before ours or behind it, when it was read at some time in between. */
function aheadBy(clock: number, before: number, after: number): number {
  const [first, last] = [before / 1_000, after / 1_000];
  if (clock > last) return clock - last;
  return clock + 1 < first ? clock + 1 - first : 0;
}

async function knockAtAll(doors: readonly Door[]): Promise<ReadonlyMap<string, Knock>> {
  const tcp = new Map(doors.filter(isKnockedAt).map((door) => [knockKey(door), door]));
  const knocks = new Map<string, Knock>();
  const rest = tcp.entries();
  const next = async (): Promise<void> => {
    for (const [key, { own, port }] of rest) knocks.set(key, { failure: await knock(own, port, knockPatience) });
  };
  await Promise.all(Array.from({ length: knocksAtOnce }, next));
  return knocks;
}
