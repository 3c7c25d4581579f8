/** The command line in words: the help, and the tables of the manual, come from here. */

import { version } from '../system/version.js';
import { type Row, type VerbRow, verbRows } from './table.js';

export { verbRows } from './table.js';

export const optionRows: readonly Row[] = [
  ['-d, --debug', 'stay in the foreground, log to standard error'],
  ['--foreground', 'stay in the foreground, for a service manager; log to standard output'],
  ['--backend NAME', 'where the table is: `auto`, `kernel`, `userspace` (here) or `memory` (nowhere)'],
  ['--strict', 'take the file exactly as Perl’s ldirectord does'],
  ['-h, --help', 'this help'],
  ['-v, --version', 'the version'],
];

/** Of environment variables. */
export const environmentRows: readonly Row[] = [
  [
    'LDIRECTORD_RUN_DIR',
    'the directory of pid files, control sockets and what is kept from one run to the next; default `/var/run`',
  ],
  [
    'STATE_DIRECTORY',
    'what is kept over a reboot goes to the one of these directories that is called `ldirectord`; set by systemd(1)',
  ],
  ['NO_COLOR', 'set to anything, listings have no colours'],
  ['HOSTNAME', 'the name of this machine in checks of SIP without `login`; where it is not set, the system’s'],
];

export const exitRows: readonly Row[] = [
  ['0', 'done, or nothing was to be done'],
  [
    '1',
    'it could not be done; `reload`: it does not run, or the table lacks something yet; `drain`, `undrain`, `weight`: the table lacks it yet; `status`: it died and left its pid file; `check-now`: a check fails; `drain --wait`: connections are left; `handover`: nobody could be told, or with `--wait` new connections still come; `doctor`: there are warnings',
  ],
  [
    '2',
    'the command line or the configuration is wrong; `reload`: the file is, and the one before rules on; `doctor`: there are errors',
  ],
  ['3', '`status`: it does not run'],
  ['4', '`plan`, `setup` without `--apply`: there is something to change; `directors`: they differ'],
  ['5', '`status --ready`: it runs, and could not take over yet'],
  ['255', '`ipvs`, as ipvsadm: the kernel refused it, or an option is unknown'],
];

/** Columns of a terminal. */
const width = 100;
const indent = 22;

/** Names in a column, and what they do beside it. */
export function table(rows: readonly Row[]): string {
  return rows
    .map(([name, summary]) => `  ${name.padEnd(indent - 2)}${wrap(summary.replaceAll('`', ''), indent)}\n`)
    .join('');
}

/** Lines after the first begin in a column. */
function wrap(text: string, column: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width - column) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(column)}`);
}

export const help = `ldirectord ${version}: checks real servers and keeps the table of Linux Virtual Server

Usage: ldirectord [options] [CONFIG] VERB [arguments]
       ldirectord ipvs [ARGUMENT ...]

Verbs (ldirectord VERB --help says more)
${table(verbRows)}
CONFIG is looked for under /etc/ha.d/, then /etc/ha.d/conf/, then as a path.
Without it: /etc/ha.d/ldirectord.cf

Options
${table(optionRows)}
Examples
  ldirectord web.cf check
  ldirectord web.cf start
  ldirectord -d --backend userspace ./web.cf start
`;

/** Of one verb. */
export function verbHelp({ name, arguments: rest, summary, options = [], examples = [name] }: VerbRow): string {
  const more = options.length > 0 ? `\nOptions\n${table(options)}` : '';
  const lines = examples.map((example) => `  ldirectord ${example}\n`).join('');
  // Where its one option stands among the arguments, there are no others.
  const others = options.some(([option]) => !rest?.includes(option)) ? ' [options]' : '';
  const head = `Usage: ldirectord [options] [CONFIG] ${name}${rest ? ` ${rest}` : ''}${others}`;
  return `${head}\n\n${wrap(summary.replaceAll('`', ''), 0)}\n${more}\nExamples\n${lines}`;
}
