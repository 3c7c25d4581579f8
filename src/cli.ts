#!/usr/bin/env node
/** argv to a verb. */

import { parseArgs } from 'node:util';
import { backendNames } from './ipvs/open.js';
import { version } from './process/version.js';
import { failed, unusable, type Verb } from './verbs/command.js';
import { reload, restart, status, stop, tryRestart } from './verbs/control.js';
import { help } from './verbs/help.js';
import { check, show } from './verbs/inspect.js';
import { start } from './verbs/start.js';

const verbs: Readonly<Record<string, Verb>> = {
  start,
  stop,
  restart,
  'try-restart': tryRestart,
  reload,
  'force-reload': reload,
  status,
  check,
  'show-config': show,
};

async function main(argv: readonly string[]): Promise<number> {
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
  const { debug, foreground, strict } = values;
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
