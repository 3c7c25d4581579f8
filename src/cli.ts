#!/usr/bin/env node
/** argv to a verb. */

import './process/debugger-signal.js';

import { basename } from 'node:path';
import { type IpvsadmName, ipvsadmName } from './ipvsadm/names.js';
import { version } from './system/version.js';
import { failure, usage, type Verb } from './verbs/command.js';
import { readCommandLine } from './verbs/command-line.js';
import { endWithReader } from './verbs/surface.js';
import { verbRow } from './verbs/table.js';

/** Each loads what it needs when it runs: most of them are short, and one runs for years. */
const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  start: async () => (await import('./verbs/start.js')).start,
  stop: async () => (await import('./verbs/control.js')).stop,
  restart: async () => (await import('./verbs/control.js')).restart,
  'try-restart': async () => (await import('./verbs/control.js')).tryRestart,
  reload: async () => (await import('./verbs/control.js')).reload,
  'force-reload': async () => (await import('./verbs/control.js')).reload,
  status: async () => (await import('./verbs/control.js')).status,
  check: async () => (await import('./verbs/inspect.js')).check,
  'show-config': async () => (await import('./verbs/inspect.js')).show,
  list: async () => (await import('./verbs/list.js')).list,
  top: async () => (await import('./verbs/top.js')).top,
  completion: async () => (await import('./verbs/completion.js')).completion,
  directors: async () => (await import('./verbs/directors.js')).directors,
  events: async () => (await import('./verbs/events.js')).events,
  plan: async () => (await import('./verbs/plan/plan.js')).plan,
  setup: async () => (await import('./verbs/setup/setup.js')).setup,
  drain: async () => (await import('./verbs/drain.js')).drain,
  undrain: async () => (await import('./verbs/steer.js')).undrain,
  weight: async () => (await import('./verbs/steer.js')).weight,
  handover: async () => (await import('./verbs/handover.js')).handover,
  'check-now': async () => (await import('./verbs/check-now.js')).checkNow,
  explain: async () => (await import('./verbs/explain.js')).explain,
  doctor: async () => (await import('./verbs/doctor/doctor.js')).doctor,
  'install-system': async () => (await import('./verbs/install-system.js')).installSystem,
  'log-level': async () => (await import('./verbs/steer.js')).logLevel,
  help: async () => (await import('./verbs/manual.js')).showManual,
};

/** By the name of the link that was called, or by the first word; null where neither is of ipvsadm. */
function asIpvsadm(argv: readonly string[]): { readonly name: IpvsadmName; readonly words: readonly string[] } | null {
  const called = ipvsadmName(basename(process.argv[1] ?? ''));
  if (called) return { name: called, words: argv };
  const [first = '', ...rest] = argv;
  const named = ipvsadmName(first);
  // A configuration may have such a name: `ldirectord ipvs start`.
  return !named || (rest.length === 1 && Object.hasOwn(verbs, rest[0] ?? '')) ? null : { name: named, words: rest };
}

async function main(argv: readonly string[]): Promise<number> {
  const ipvsadm = asIpvsadm(argv);
  if (ipvsadm) {
    const [{ ipvsadmPrograms }, { ownTerminal }] = await Promise.all([
      import('./ipvsadm/ipvs.js'),
      import('./ipvsadm/terminal.js'),
    ]);
    return await ipvsadmPrograms[ipvsadm.name](ipvsadm.words, ownTerminal());
  }
  const line = readCommandLine(argv, (name) => {
    const row = verbRow(name);
    return row && { takesArguments: row.arguments !== null, isAboutVerbs: row.isAboutVerbs === true };
  });
  if (line.version || line.help || verbRow(line.verb)?.arguments !== null) {
    endWithReader(process.stdout);
  }
  if (line.version) {
    process.stdout.write(`ldirectord ${version}\n`);
    return 0;
  }
  if (line.help) {
    const { help, verbHelp } = await import('./verbs/help.js');
    const row = verbRow(line.verb);
    process.stdout.write(row ? verbHelp(row) : help);
    return 0;
  }
  const act = await verbs[line.verb]?.();
  // What ipvs is given stands for no configuration.
  if (!act) throw usage(`${line.verb} comes first`);
  return await act(line.command).catch((error: unknown) => fail(error, line.verb));
}

function fail(error: unknown, verb: string): number {
  const { words, status } = failure(error, verb);
  process.stderr.write(words);
  return status;
}

async function run(): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = fail(error, '');
  }
}

void run();
