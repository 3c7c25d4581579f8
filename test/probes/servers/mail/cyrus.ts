/** Cyrus IMAP, with one user: it serves mail over IMAP and POP3, and news. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '../../../../src/config/services.js';
import { ownSystemMissing, startOnOwnSystem, type User, userNumber } from '../../../helpers/servers/own-system.js';
import type { Place, ServerProgram } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles } from '../certificates.js';

const master = '/usr/sbin/cyrmaster';
const passwords = '/usr/sbin/saslpasswd2';
const programs = '/usr/lib/cyrus/bin';
const users: readonly User[] = [{ name: 'cyrus' }];
const owner = userNumber(users, 'cyrus');

/** `command` is one of its programs with its options, as `imapd -s`. */
function startCyrus(command: string, settings: Readonly<Record<string, string>> = {}): Promise<ServerProgram> {
  return startOnOwnSystem({
    users,
    etc: (place) => ({ 'imapd.conf': general(place, settings) }),
    script: ({ directory }) => `exec ${located(master)} -M ${directory}/cyrus.conf -p ${directory}/pid`,
    env: unpackedLibraries,
    files: (place) => ({
      'cyrus.conf': `START {
  recover cmd="${located(programs)}/ctl_cyrusdb -r"
}
SERVICES {
  one cmd="${located(programs)}/${command}" listen="${place.address}:${place.port}" prefork=1
}
`,
      ...certificateFiles(),
    }),
    prepare: (place) => prepare(place),
  });
}

function general({ directory }: Place, settings: Readonly<Record<string, string>>): string {
  const all = {
    configdirectory: '$/var',
    proc_path: '$/var/proc',
    mboxname_lockpath: '$/var/lock',
    defaultpartition: 'default',
    'partition-default': '$/mail',
    servername: 'mail.example.com',
    sasl_pwcheck_method: 'auxprop',
    sasl_auxprop_plugin: 'sasldb',
    sasl_sasldb_path: '$/sasldb2',
    sasl_mech_list: 'PLAIN LOGIN',
    tls_server_cert: '$/cert.pem',
    tls_server_key: '$/key.pem',
    allowplaintext: 'yes',
    autocreate_quota: '0',
    autocreate_post: 'yes',
    newsspool: '$/news',
    'partition-news': '$/news',
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value.replaceAll('$', directory)}\n`)
    .join('');
}

async function prepare({ directory }: Place): Promise<void> {
  const path = (name: string) => join(directory, name);
  for (const name of ['var', 'var/db', 'var/socket', 'var/proc', 'var/lock', 'var/log', 'var/user', 'mail', 'news']) {
    await mkdir(path(name));
    await chown(path(name), owner, owner);
  }
  const child = spawn(located(passwords), ['-p', '-c', '-f', path('sasldb2'), '-u', 'mail.example.com', 'monitor'], {
    env: { ...process.env, ...unpackedLibraries },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.end('hunter2');
  await once(child, 'exit');
  for (const name of ['sasldb2', 'key.pem']) await chown(path(name), owner, owner);
  await chown(directory, owner, owner);
}

const base = {
  server: 'Cyrus',
  missing:
    lacksFiles(master, passwords, ...['imapd', 'pop3d', 'nntpd'].map((name) => `${programs}/${name}`)) ||
    lacksRoot() ||
    ownSystemMissing,
} as const;

const right = 'login="monitor"\npasswd="hunter2"';
const wrong = 'login="monitor"\npasswd="hunter3"';
const up = (name: string, ask = ''): Case => ({ name, ask, up: true, says: /^response: / });
const down = (name: string, ask: string, says = /^login: /): Case => ({ name, ask, up: false, says });

const inClear: readonly Case[] = [
  up('question'),
  up('right password', right),
  down('wrong password', wrong),
  up('right password under TLS', `tls=starttls\n${right}`),
  ...certificateCases('tls=starttls'),
  stopped(''),
];
const wrapped: readonly Case[] = [up('question'), up('right password', right), ...certificateCases()];

function asShipped(service: ServiceName, command: string, cases: readonly Case[]): Served {
  return { ...base, service, settings: 'as shipped', start: () => startCyrus(command), cases };
}

export const cyrus: readonly Served[] = [
  asShipped('imap', 'imapd', inClear),
  asShipped('imaps', 'imapd -s', wrapped),
  asShipped('pop', 'pop3d', inClear),
  asShipped('pops', 'pop3d -s', wrapped),
  asShipped('nntp', 'nntpd', [up('question'), up('right password', right), down('wrong password', wrong), stopped('')]),
  {
    ...base,
    service: 'imap',
    settings: 'strictest: TLS 1.3 before everything',
    start: () => startCyrus('imapd', { allowplaintext: 'no', tls_required: 'yes', tls_versions: 'tls1_3' }),
    cases: [up('question'), up('right password under TLS', `tls=starttls\n${right}`), down('password in clear', right)],
  },
  {
    ...base,
    service: 'pop',
    settings: 'oldest: no TLS',
    start: () => startCyrus('pop3d', { tls_server_cert: 'disabled', popuseimapflags: 'no' }),
    cases: [up('question'), up('right password', right), down('STLS', 'tls=starttls', /^starttls: /)],
  },
];
