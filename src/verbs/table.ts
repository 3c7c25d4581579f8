/** Every verb: one row each. The help, the README, the manual and the shells' completion come from here. */

import { pages } from '../manual/pages.js';

/** A name and what it does; text between backquotes is literal. */
export type Row = readonly [name: string, summary: string];

export interface VerbRow {
  readonly name: string;
  /** What follows it, empty where options alone do; null where nothing may. */
  readonly arguments: string | null;
  readonly summary: string;
  readonly options?: readonly Row[];
  readonly examples?: readonly string[];
  /** What its first argument is: servers, files, or one of these words. */
  readonly completes?: 'server' | 'file' | readonly string[];
  /** Whether the word behind it may be a verb’s name and is none. */
  readonly isAboutVerbs?: true;
}

const plain = (name: string, summary: string): VerbRow => ({ name, arguments: null, summary });

const json: Row = ['--json', 'print JSON, a line for each object'];
const virtual: Row = ['--virtual V', 'in this virtual service alone: `ADDRESS:PORT`, or the number of a firewall mark'];
const reason: Row = ['--reason TEXT', 'why, shown wherever it is shown that it is so: one line'];
const force: Row = ['--force', 'also where it is the last server in use of a virtual service; otherwise that is asked'];
const time: Row = ['--for TIME', 'for so long, then as before: seconds, or as `90s`, `15m`, `2h`, `1d`'];

const others: readonly VerbRow[] = [
  plain('start', 'check the servers and keep the table, as a daemon; returns when it stands'),
  plain('stop', 'end it, and clean up the table as `cleanstop` says; returns when that is done'),
  plain('restart', 'end it and start it anew; the kernel’s table and its traffic stay in between'),
  plain('try-restart', '`restart` where it runs; nothing where it does not'),
  plain('reload', 'let the running one take the file over, and say what that changed or why not'),
  plain('force-reload', 'the same as `reload`'),
  {
    name: 'status',
    arguments: '[--ready]',
    summary: 'say whether it runs; exit status 0, 3 where it does not, 1 where it died',
    options: [
      [
        '--ready',
        'and whether it could take over from another director; exit status 5 where it could not yet: says why',
      ],
    ],
    examples: ['status', 'status --ready'],
  },
  plain('check', 'say what is wrong with the configuration file; exit status 0, or 2 with errors'),
  plain('show-config', 'print the configuration as understood, as JSON; passwords are shown as `***`'),
  {
    name: 'ipvs',
    arguments: '[ARGUMENT ...]',
    summary: 'the command line of ipvsadm, as `ipvs -Ln`; `ipvs -h` says more',
    examples: ['ipvs -Ln', 'ipvs -Sn'],
  },
  {
    name: 'list',
    arguments: '[SERVER]',
    summary: 'show the services and their servers: health and why, weights, connections',
    options: [
      virtual,
      [
        '--state STATE',
        'servers that are `up`, `down`, `unknown`, `drained`, `held`, `kept` or `unused`, or several with commas; `problem` is all but `up`',
      ],
      ['--search TEXT', 'what has TEXT in its name, address or title, or a server in its reason'],
      ['--json', 'print the whole as one JSON document'],
    ],
    examples: ['list', 'list 10.0.0.1', 'list --state problem', 'list --json | jq .virtuals[].servers[].name'],
    completes: 'server',
  },
  {
    name: 'top',
    arguments: '[--every TIME]',
    summary: 'show what `list` shows live, with rates; `?` shows the keys',
    options: [['--every TIME', 'from one look to the next; default `1s`']],
    examples: ['top', 'top --every 5s'],
  },
  {
    name: 'events',
    arguments: '[--follow]',
    summary: 'show what happened of late, and with `--follow` go on, also over a restart',
    options: [['-f, --follow', 'go on with what happens'], ['-n, --lines N', 'the last N; default 20'], json],
    examples: ['events', 'events -f', 'events -n 1000 --json'],
  },
  {
    name: 'directors',
    arguments: '',
    summary: 'show all directors, and in what they differ; exit status 0, or 4 where they do',
    options: [['--json', 'print the whole as one JSON document']],
    examples: ['directors', 'directors --json | jq -r .directors[].name'],
  },
  {
    name: 'plan',
    arguments: '[FILE]',
    summary: 'show what a reload of the file would change; exit status 0, or 4 with changes',
    options: [
      ['--ipvsadm', 'as commands of ipvsadm'],
      ['--empty', 'against an empty table, as if every server were up'],
      ['--director NAME', 'what would make this table that of another director, instead of a file'],
      json,
    ],
    examples: ['plan', 'plan new.cf', 'plan new.cf --ipvsadm', 'plan new.cf --empty --ipvsadm'],
    completes: 'file',
  },
  {
    name: 'setup',
    arguments: '[SERVER ...]',
    summary: 'show what machines lack for the file; `--apply` does it, `--undo` undoes it',
    options: [
      ['--real', 'the director and real servers, by SSH: all of them, or these'],
      ['--apply', 'do it'],
      ['--persist', 'so that a reboot keeps it; with `--apply`, do that, too'],
      ['--undo', 'take back what earlier runs have done, on all machines, or on these real servers'],
      json,
    ],
    examples: ['setup', 'setup --apply', 'setup --real --apply --persist', 'setup --undo'],
    completes: 'server',
  },
  {
    name: 'drain',
    arguments: 'SERVER',
    summary: 'give it weight 0 until it is undrained: established connections go on',
    options: [
      virtual,
      reason,
      force,
      [
        '--wait',
        'return when its connections have ended and no persistent client comes; exit status 1 where they have not',
      ],
      ['--all', 'with `--wait`: until they have ended on all directors; exit status 1 where one is not there'],
      ['--timeout TIME', 'wait for so long at most: seconds, or as `90s`, `15m`, `2h`, `1d`'],
    ],
    examples: [
      "drain 10.0.0.1 --reason 'replacing a disk'",
      'drain web1 --virtual 203.0.113.10:80',
      'drain web1 --wait --timeout 15m',
    ],
    completes: 'server',
  },
  {
    name: 'undrain',
    arguments: 'SERVER',
    summary: 'let it take connections again, as its checks say',
    options: [virtual, reason],
    examples: ['undrain 10.0.0.1', "undrain web1 --reason 'the disk is new'"],
    completes: 'server',
  },
  {
    name: 'weight',
    arguments: 'SERVER N',
    summary: 'give it another weight than the file’s, until `file` is given for N',
    options: [virtual, time, reason, force],
    examples: ['weight web1 5', 'weight web1 1 --for 2h', 'weight web1 file'],
    completes: 'server',
  },
  {
    name: 'handover',
    arguments: '',
    summary: 'send clients to other directors before work on this one, until `--undo`',
    options: [
      ['--wait', 'return when hardly any new connection comes; exit status 1 where they still do'],
      ['--below N', 'with `--wait`: fewer than so many new connections a second; default 1'],
      ['--timeout TIME', 'wait for so long at most: seconds, or as `90s`, `15m`, `2h`, `1d`'],
      ['--undo', 'let clients come to this director again'],
      reason,
      ['--force', 'also where no other director is known to be ready; otherwise that is asked'],
    ],
    examples: ["handover --wait --timeout 2m --reason 'a new kernel'", 'handover --undo'],
  },
  {
    name: 'check-now',
    arguments: 'SERVER',
    summary: 'run its checks now; exit status 0, or 1 where one fails',
    options: [virtual],
    examples: ['check-now 10.0.0.1'],
    completes: 'server',
  },
  {
    name: 'explain',
    arguments: 'SERVER',
    summary: 'say how it is, why, and what the file, its checks and the table say',
    options: [virtual, json],
    examples: ['explain 10.0.0.1'],
    completes: 'server',
  },
  {
    name: 'doctor',
    arguments: '[SERVER ...]',
    summary: 'say what keeps packets from their way, and how to mend it; exit status 0 to 2',
    options: [
      ['--real', 'real servers, too, over SSH: all of them, or those that are named'],
      ['--json', 'print the whole as one JSON document'],
    ],
    examples: ['doctor', 'doctor --real', 'doctor --real web1', 'doctor --json | jq -r .machines[].findings[].code'],
    completes: 'server',
  },
  {
    name: 'log-level',
    arguments: 'LEVEL',
    summary: 'log `debug`, `info`, `warning` or `error`; `settings`: as their file says',
    options: [time],
    examples: ['log-level debug --for 10m', 'log-level settings'],
    completes: ['debug', 'info', 'warning', 'error', 'settings'],
  },
  {
    name: 'completion',
    arguments: 'SHELL',
    summary: 'print what completes the command line in `bash` or `zsh`',
    examples: [
      'completion bash > /etc/bash_completion.d/ldirectord',
      'completion zsh > /usr/local/share/zsh/site-functions/_ldirectord',
    ],
    completes: ['bash', 'zsh'],
  },
  {
    name: 'install-system',
    arguments: '',
    summary: 'install the program on this system: units, manual, completion, resource agent',
    options: [
      ['--take-over', 'in the place of Debian’s package ldirectord, while that serves'],
      ['--prefix DIR', 'everything below this folder; default `/`'],
      ['--uninstall', 'take away what it put there, but for settings that were changed'],
    ],
    examples: ['install-system', 'install-system --take-over', 'install-system --prefix /tmp/root'],
  },
];

export const verbTable: readonly VerbRow[] = [
  ...others,
  {
    name: 'help',
    arguments: '[TOPIC]',
    summary: 'show a page of the manual or a verb’s help, and without a topic what there is',
    examples: ['help', 'help cf', 'help drain', 'help ldirectord.ini'],
    completes: [...pages.map(({ topic }) => topic), ...others.map(({ name }) => name), 'help'],
    isAboutVerbs: true,
  },
];

/** As the README and the help list them. */
export const verbRows: readonly Row[] = verbTable.map(({ name, arguments: rest, summary }) => [
  rest ? `${name} ${rest}` : name,
  summary,
]);

export function verbRow(name: string): VerbRow | undefined {
  return verbTable.find((row) => row.name === name);
}
