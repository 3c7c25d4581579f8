/** The director as it is examined: read once, and thought over. */

import { basename } from 'node:path';
import { checksOf } from '../../checks/check.js';
import { loadSettings } from '../../config/settings/settings.js';
import { type BackendName, capabilitiesOf } from '../../ipvs/capabilities.js';
import { KernelClient } from '../../ipvs/kernel/client.js';
import type { Config } from '../../model/config.js';
import { askByArp } from '../../path/arp.js';
import { arpQuestions } from '../../path/doctor/arp-questions.js';
import type { DirectorFacts, Holder, KernelTable } from '../../path/doctor/director-facts.js';
import type { Examination, Unexamined } from '../../path/doctor/examination.js';
import { examineDirector } from '../../path/doctor/examine-director.js';
import type { Machine } from '../../path/machine.js';
import { isLoaded } from '../../path/needs/judge.js';
import { directorSections } from '../../path/reading/director.js';
import { composeScript, readSections } from '../../path/reading/section.js';
import type { Shell } from '../../path/shell.js';
import { isClockKept } from '../../system/libc.js';
import { descriptorsOf } from './descriptors.js';
import { ownRulesOf } from './own-rules.js';

/** Milliseconds for the script: with very many devices and routes it takes some seconds. */
const patience = 60_000;

export interface Directing {
  readonly config: Config;
  /** Of the configuration. */
  readonly file: string;
  /** Of the instance. */
  readonly name: string;
  readonly backend: BackendName;
  /** This machine. */
  readonly shell: Shell;
}

export async function examineHere({ config, file, name, backend, shell }: Directing): Promise<Examination> {
  const sections = directorSections(config);
  const ran = await shell.run(composeScript(sections), { deadline: patience, asRoot: false });
  if (!ran.ok) return notRead(ran.fault.message, ran.fault.remedy);
  const reading = readSections(sections, ran.stdout);
  if (!reading.ok) return notRead(`this machine cannot be read: ${reading.fault.message}`, reading.fault.remedy);
  const { loadable, marks, controllers, ...machine } = reading.value;
  const [kernel, holders, ownRules, { settings }] = await Promise.all([
    tableOf(machine),
    holdersOf(config, machine),
    ownRulesOf(config, basename(file)),
    loadSettings(file),
  ]);
  const { passes } = capabilitiesOf(backend);
  const facts: DirectorFacts = {
    passes,
    machine,
    sync: settings.sync,
    loadable,
    marks,
    ownRules: isUnexamined(ownRules) ? null : ownRules,
    controllers,
    kernel: isUnexamined(kernel) ? null : kernel,
    holders: holders.found,
    isClockSynchronised: isClockKept(),
    descriptors: await descriptorsOf(name, checksIn(config)),
  };
  const unexamined = [
    ...(isUnexamined(kernel) && passes !== 'streams' ? [kernel] : []),
    ...(isUnexamined(ownRules) ? [ownRules] : []),
    ...holders.unexamined,
    ...unknownOf(config, facts),
  ];
  return { on: 'director', findings: examineDirector(config, facts), unexamined };
}

function notRead(seen: string, remedy: string): Examination {
  const finding = {
    code: 'director-not-read',
    on: 'director',
    object: 'director',
    for: [],
    seen,
    mend: [remedy],
  } as const;
  return { on: 'director', findings: [finding], unexamined: [] };
}

function unknownOf({ virtuals }: Config, { marks, isClockSynchronised, descriptors }: DirectorFacts): Unexamined[] {
  const isMarked = virtuals.some(({ endpoint }) => endpoint.protocol === 'fwm');
  return [
    ...(marks === null && isMarked
      ? [{ object: 'rules that set firewall marks', reason: 'only root may read them, by nft or iptables-save' }]
      : []),
    ...(isClockSynchronised === null ? [{ object: 'the clock', reason: 'the kernel tells nobody here' }] : []),
    ...(descriptors === null ? [{ object: 'limits of the service', reason: 'only root may read them' }] : []),
  ];
}

/** What the kernel has: nothing without its module, which is named itself and not loaded for this. */
async function tableOf(machine: Machine): Promise<KernelTable | Unexamined | null> {
  const object = 'the kernel’s table';
  if (!isLoaded('ip_vs', machine)) return null;
  const client = new KernelClient({ loadModule: async () => 'not loaded' });
  try {
    const [{ tableSize }, daemons, table] = await Promise.all([client.info(), client.daemons(), client.list()]);
    let connections = 0;
    for (const { destinations } of table.values()) {
      for (const { activeConnections, inactiveConnections } of destinations.values()) {
        connections += activeConnections + inactiveConnections;
      }
    }
    return { rows: tableSize, connections, daemons: daemons.map(({ state }) => state) };
  } catch (error) {
    return { object, reason: (error as Error).message };
  } finally {
    await client.close();
  }
}

function isUnexamined(what: object | null): what is Unexamined {
  return what !== null && 'reason' in what;
}

interface Holders {
  readonly found: ReadonlyMap<string, readonly Holder[]>;
  readonly unexamined: readonly Unexamined[];
}

async function holdersOf(config: Config, machine: Machine): Promise<Holders> {
  const questions = arpQuestions(config, machine);
  if (questions.length === 0) return { found: new Map(), unexamined: [] };
  const own = new Set([...machine.links.values()].flatMap(({ mac }) => mac ?? []));
  const outcome = await askByArp(questions, own);
  if (!outcome.ok) {
    const reason = outcome.code === 'EPERM' ? 'only root may ask by ARP' : `asking by ARP fails (${outcome.code})`;
    return { found: new Map(), unexamined: [{ object: 'who else has the addresses of services', reason }] };
  }
  const found = new Map<string, Holder[]>();
  for (const { address, device, mac } of outcome.answers) {
    found.set(address, [...(found.get(address) ?? []), { device, mac }]);
  }
  return { found, unexamined: [] };
}

/** Servers that share a check count once. */
function checksIn({ virtuals }: Config): number {
  const keys = new Set<string>();
  for (const virtual of virtuals) {
    const checkOf = checksOf(virtual);
    for (const real of virtual.realServers) {
      const check = checkOf(real);
      if (check !== null) keys.add(check.key);
    }
  }
  return keys.size;
}
