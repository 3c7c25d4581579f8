#!/usr/bin/env node
/** argv to a verb. */

import { parseArgs } from 'node:util';
import { formatDiagnostics } from './config/diagnostics.js';
import { findConfiguration } from './config/find.js';
import { type Loaded, load } from './config/load.js';
import { showConfig } from './config/show.js';
import { Daemon, readConfiguration, type Valid } from './daemon.js';
import { EventBus } from './events.js';
import { type BackendName, backendNames, openBackend } from './ipvs/open.js';
import { streamLog } from './observe/log.js';
import { version } from './process/version.js';

/** Exit codes: 0 done, 1 could not be done, 2 the command line or the configuration is wrong. */
const failed = 1;
const unusable = 2;

const help = `ldirectord ${version}: checks real servers and keeps the table of Linux Virtual Server

Usage: ldirectord [options] [CONFIG] VERB

Verbs
  start         check the servers and keep the table; in the foreground with -d or supervised=yes
  check         say what is wrong with the configuration file; exit status 0, or 2 with errors
  show-config   print the configuration as understood, as JSON

CONFIG is looked for under /etc/ha.d/, then /etc/ha.d/conf/, then as a path.
Without it: /etc/ha.d/ldirectord.cf

Options
  -d, --debug          stay in the foreground, log to standard error
  --backend NAME       where the table is: auto or kernel (the kernel's IPVS), userspace (balance in
                       this process), memory (nowhere: see what would be done); default auto
  --strict             take the file exactly as Perl's ldirectord does
  -h, --help           this text
  -v, --version        the version

Examples
  ldirectord web.cf check
  ldirectord -d ./web.cf start
  ldirectord -d --backend userspace ./web.cf start
`;

interface Command {
  readonly config: string | undefined;
  readonly debug: boolean;
  readonly strict: boolean;
  readonly backend: BackendName;
}

const verbs: Readonly<Record<string, (command: Command) => Promise<number>>> = {
  start,
  check,
  'show-config': show,
};

async function start(command: Command): Promise<number> {
  const { file } = await findConfiguration(command.config);
  const loaded = await readConfiguration(file, command);
  if (!isValid(loaded)) {
    reportDiagnostics(file, loaded, process.stderr);
    return unusable;
  }
  const { supervised } = loaded.config.global;
  if (!command.debug && !supervised) {
    process.stderr.write('ldirectord: cannot start in the background yet: use -d, or supervised=yes in the file\n');
    return failed;
  }
  const backend = await openBackend(command.backend);
  const stream = command.debug ? process.stderr : process.stdout;
  const bus = new EventBus();
  bus.subscribe(streamLog(stream, { colour: stream.isTTY === true }));
  // From here on a signal waits for the start to end, and the table is left in order.
  const stopped = firstSignal(['SIGTERM', 'SIGINT', 'SIGQUIT']);
  const starting = Daemon.start({ ...command, file, backend, bus, version }, loaded);
  process.on('SIGHUP', () => void starting.then((daemon) => daemon.reload()));
  const daemon = await starting;
  const signal = await stopped;
  await daemon.stop(`signal: ${signal.replace('SIG', '')}`);
  return 0;
}

async function check(command: Command): Promise<number> {
  const { file } = await findConfiguration(command.config);
  const loaded = await readConfiguration(file, command);
  reportDiagnostics(file, loaded, process.stdout);
  return loaded.config === null ? unusable : 0;
}

/** Shows also what this version cannot check yet. */
async function show(command: Command): Promise<number> {
  const { file } = await findConfiguration(command.config);
  const loaded = await load(file, command);
  reportDiagnostics(file, loaded, process.stderr);
  if (loaded.config === null) return unusable;
  process.stdout.write(`${JSON.stringify(showConfig(loaded.config), null, 2)}\n`);
  return 0;
}

function isValid(loaded: Loaded): loaded is Valid {
  return loaded.config !== null;
}

function reportDiagnostics(file: string, { text, diagnostics }: Loaded, stream: NodeJS.WriteStream): void {
  if (diagnostics.length === 0) return;
  stream.write(formatDiagnostics(diagnostics, { file, text, colour: stream.isTTY === true }));
}

/** A second signal while the first is being obeyed ends the process at once. */
function firstSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of signals) {
      process.once(name, () => {
        for (const other of signals) process.once(other, () => process.exit(failed));
        resolve(name);
      });
    }
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv.map((word) => (word === '-?' ? '-h' : word)),
    allowPositionals: true,
    options: {
      debug: { type: 'boolean', short: 'd', default: false },
      strict: { type: 'boolean', default: false },
      backend: { type: 'string', default: 'auto' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.version) {
    process.stdout.write(`ldirectord ${version}\n`);
    return 0;
  }
  const verb = positionals.at(-1) ?? '';
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!run || positionals.length > 2) {
    throw usage(run ? 'too many arguments' : `no such verb: '${verb}'`);
  }
  const backend = backendNames.find((name) => name === values.backend);
  if (!backend) throw usage(`no such backend: '${values.backend}'; there are ${backendNames.join(', ')}`);
  const config = positionals.length === 2 ? positionals[0] : undefined;
  return await run({ config, debug: values.debug, strict: values.strict, backend });
}

function usage(message: string): Error {
  return Object.assign(new Error(`${message}\nTry 'ldirectord --help'.`), { code: 'ERR_USAGE' });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  process.stderr.write(`ldirectord: ${message}\n`);
  process.exitCode = code === 'ERR_USAGE' || code?.startsWith('ERR_PARSE_ARGS') ? unusable : failed;
}
