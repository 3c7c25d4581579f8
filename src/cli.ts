#!/usr/bin/env node
/** argv to a verb. */

import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { backendNames } from './ipvs/open.js';
import { version } from './process/version.js';
import { failed, unusable, type Verb } from './verbs/command.js';
import { ipvsadmPrograms } from './verbs/ipvs/ipvs.js';
import { ownTerminal } from './verbs/ipvs/terminal.js';

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
};

/** By the name of the link that was called, or by the first word; null where neither is of ipvsadm. */
function asIpvsadm(argv: readonly string[]): (() => Promise<number>) | null {
  const called = ipvsadmPrograms.get(basename(process.argv[1] ?? ''));
  if (called) return () => called(argv, ownTerminal());
  const [first = '', ...rest] = argv;
  const named = ipvsadmPrograms.get(first);
  // A configuration may have such a name: `ldirectord ipvs start`.
  if (!named || (rest.length === 1 && Object.hasOwn(verbs, rest[0] ?? ''))) return null;
  return () => named(rest, ownTerminal());
}

async function main(argv: readonly string[]): Promise<number> {
  const ipvsadm = asIpvsadm(argv);
  if (ipvsadm) return await ipvsadm();
  const { values, positionals } = parseArgs({
    args: argv.map((word) => (word === '-?' ? '-h' : word)),
    allowPositionals: true,
    options: {
      debug: { type: 'boolean', short: 'd', default: false },
      foreground: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      backend: { type: 'string', default: 'auto' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', short: 'v', default: false },
    },
  });
  if (values.help) {
    process.stdout.write((await import('./verbs/help.js')).help);
    return 0;
  }
  if (values.version) {
    process.stdout.write(`ldirectord ${version}\n`);
    return 0;
  }
  const verb = positionals.at(-1) ?? '';
  const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!load || positionals.length > 2) {
    throw usage(load ? 'too many arguments' : `no such verb: '${verb}'`);
  }
  const backend = backendNames.find((name) => name === values.backend);
  if (!backend) throw usage(`no such backend: '${values.backend}'; there are ${backendNames.join(', ')}`);
  const config = positionals.length === 2 ? positionals[0] : undefined;
  const { debug, foreground, strict } = values;
  const run = await load();
  return await run({ config, debug, foreground, strict, backend });
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
