/** The command line in words: the help, and the tables of the manual, come from here. */

import { version } from '../process/version.js';

/** A name and what it does; text between backquotes is literal. */
type Row = readonly [name: string, summary: string];

export const verbRows: readonly Row[] = [
  ['start', 'check the servers and keep the table, as a daemon; returns when the table stands'],
  ['stop', 'end it, and clean up the table as `cleanstop` says; returns when that is done'],
  ['restart', 'end it and start it anew; the table and its traffic stay in between'],
  ['try-restart', 'the same where it runs; nothing where it does not'],
  ['reload', 'let the running one take the file over, where the file is right'],
  ['force-reload', 'the same'],
  ['status', 'say whether it runs; exit status 0, 3 where it does not, 1 where it died'],
  ['check', 'say what is wrong with the configuration file; exit status 0, or 2 with errors'],
  ['show-config', 'print the configuration as understood, as JSON; passwords are shown as `***`'],
  ['ipvs', 'the command line of ipvsadm, as in `ldirectord ipvs -Ln`; `ldirectord ipvs -h` says more'],
];

export const optionRows: readonly Row[] = [
  ['-d, --debug', 'stay in the foreground, log to standard error'],
  ['--foreground', 'stay in the foreground, for a service manager; log to standard output'],
  [
    '--backend NAME',
    'where the table is: `auto` or `kernel` (the kernel’s IPVS), `userspace` (balance in this process), `memory` (nowhere: see what would be done); default `auto`',
  ],
  ['--strict', 'take the file exactly as Perl’s ldirectord does'],
  ['-h, --help', 'this help'],
  ['-v, --version', 'the version'],
];

/** Of environment variables. */
export const environmentRows: readonly Row[] = [
  ['LDIRECTORD_RUN_DIR', 'the directory of the pid files; default `/var/run`'],
];

export const exitRows: readonly Row[] = [
  ['0', 'done, or nothing was to be done'],
  ['1', 'it could not be done; `reload`: it does not run; `status`: it died and left its pid file'],
  ['2', 'the command line or the configuration is wrong'],
  ['3', '`status`: it does not run'],
  ['255', '`ipvs`, as ipvsadm: the kernel refused it, or an option is unknown'],
];

/** Columns of a terminal. */
const width = 100;
const indent = 23;

function table(rows: readonly Row[]): string {
  return rows
    .map(([name, summary]) => `  ${name.padEnd(indent - 2)}${wrapped(summary.replaceAll('`', ''))}\n`)
    .join('');
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width - indent) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

export const help = `ldirectord ${version}: checks real servers and keeps the table of Linux Virtual Server

Usage: ldirectord [options] [CONFIG] VERB
       ldirectord ipvs [ARGUMENT ...]

Verbs
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
