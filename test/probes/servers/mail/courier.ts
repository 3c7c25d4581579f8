/** Courier's IMAP and POP3 servers, with one user and an empty mailbox. */

import { chown } from 'node:fs/promises';
import { ownSystemMissing, startOnOwnSystem, type User, userNumber } from '../../../helpers/servers/own-system.js';
import type { ServerProgram } from '../../../helpers/servers/server-program.js';
import { lacksFiles, lacksRoot, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Case, type Served, stopped } from '../case.js';
import { certificateCases, certificateFiles } from '../certificates.js';

const daemon = '/usr/sbin/couriertcpd';
const authenticator = '/usr/lib/courier/courier-authlib/authdaemond';
const secure = '/usr/bin/couriertls';
const commands = {
  imap: [located('/usr/lib/courier/courier/imaplogin'), located('/usr/bin/imapd')],
  pop3: [located('/usr/lib/courier/courier/courierpop3login'), located('/usr/lib/courier/courier/courierpop3d')],
} as const;

const users: readonly User[] = [{ name: 'courier' }, { name: 'monitor', password: 'hunter2' }];
const rules = 'auth required pam_unix.so nodelay\naccount required pam_unix.so\n';

/** `wrapped` is TLS with the first byte; the settings are variables of the environment. */
function startCourier(
  protocol: keyof typeof commands,
  wrapped: boolean,
  settings: Readonly<Record<string, string>> = {},
  authenticates = true,
): Promise<ServerProgram> {
  return startOnOwnSystem({
    users,
    etc: () => ({
      'pam.d/imap': rules,
      'pam.d/pop3': rules,
      'courier/authdaemonrc': `authmodulelist="authpam"
authmodulelistorig="authpam"
daemons=1
authdaemonvar=/run/courier/authdaemon
`,
    }),
    run: ['courier/authdaemon'],
    script: ({ address, port }) => {
      const ask = authenticates
        ? `${located(authenticator)} &\nwhile ! test -S /run/courier/authdaemon/socket; do sleep 0.05; done\n`
        : '';
      const tls = wrapped ? `${located(secure)} -server -tcpd` : '';
      const listen = `-address=${address} -maxprocs=10 -maxperip=10 -nodnslookup -noidentlookup ${port}`;
      return `${ask}exec ${located(daemon)} ${listen} ${tls} ${commands[protocol].join(' ')} Maildir`;
    },
    env: {
      ...unpackedLibraries,
      MAILDIRPATH: 'Maildir',
      IMAP_CAPABILITY: 'IMAP4rev1 UIDPLUS CHILDREN NAMESPACE IDLE',
      IMAP_STARTTLS: 'YES',
      POP3_STARTTLS: 'YES',
      IMAP_TLS: wrapped ? '1' : '0',
      POP3_TLS: wrapped ? '1' : '0',
      COURIERTLS: located(secure),
      // It runs in the directory.
      TLS_CERTFILE: 'both.pem',
      TLS_VERIFYPEER: 'NONE',
      ...settings,
    },
    files: () => ({
      ...certificateFiles(),
      ...Object.fromEntries(['cur', 'new', 'tmp'].map((name) => [`home/Maildir/${name}/.keep`, ''])),
    }),
    async prepare({ directory }) {
      const owner = userNumber(users, 'monitor');
      for (const name of ['', '/Maildir', '/Maildir/cur', '/Maildir/new', '/Maildir/tmp']) {
        await chown(`${directory}/home${name}`, owner, owner);
      }
    },
  });
}

const base = {
  server: 'Courier',
  missing:
    lacksFiles(daemon, authenticator, secure, ...Object.values(commands).flat()) || lacksRoot() || ownSystemMissing,
} as const;

const right = 'login="monitor"\npasswd="hunter2"';
const wrong = 'login="monitor"\npasswd="hunter3"';
const up = (name: string, ask = ''): Case => ({ name, ask, up: true, says: /^response: (\w OK|\+OK) / });
const down = (name: string, ask: string, says = /^login: /): Case => ({ name, ask, up: false, says });

/** It takes five seconds to refuse a password. */
const refusal = down('wrong password', wrong);
const cases: readonly Case[] = [
  up('capabilities'),
  up('right password', right),
  up('STARTTLS', 'tls=starttls'),
  up('right password under TLS', `tls=starttls\n${right}`),
  ...certificateCases('tls=starttls'),
  stopped(''),
];
const wrapped: readonly Case[] = [up('capabilities'), up('right password', right), ...certificateCases()];

export const courier: readonly Served[] = [
  {
    ...base,
    service: 'imap',
    settings: 'as shipped',
    start: () => startCourier('imap', false),
    cases: [...cases, refusal],
  },
  { ...base, service: 'pop', settings: 'as shipped', start: () => startCourier('pop3', false), cases },
  { ...base, service: 'imaps', settings: 'as shipped', start: () => startCourier('imap', true), cases: wrapped },
  {
    ...base,
    service: 'pops',
    settings: 'as shipped',
    start: () => startCourier('pop3', true),
    cases: [...wrapped, refusal],
  },
  {
    ...base,
    service: 'imap',
    settings: 'strictest: TLS before everything',
    start: () => startCourier('imap', false, { IMAP_TLS_REQUIRED: '1', TLS_STARTTLS_PROTOCOL: 'TLS1' }),
    cases: [
      up('capabilities'),
      up('right password under TLS', `tls=starttls\n${right}`),
      down('password in clear', right),
    ],
  },
  {
    ...base,
    service: 'pop',
    settings: 'strictest: TLS before everything',
    start: () => startCourier('pop3', false, { POP3_TLS_REQUIRED: '1' }),
    cases: [
      up('capabilities'),
      up('right password under TLS', `tls=starttls\n${right}`),
      down('password in clear', right),
    ],
  },
  {
    ...base,
    service: 'imap',
    settings: 'oldest: IMAP4 without TLS',
    start: () =>
      startCourier('imap', false, { IMAP_CAPABILITY: 'IMAP4', IMAP_STARTTLS: 'NO', IMAP_OBSOLETE_CLIENT: '1' }),
    cases: [up('capabilities'), up('right password', right), down('STARTTLS', 'tls=starttls', /^starttls: /)],
  },
  {
    ...base,
    service: 'imap',
    settings: 'nobody to ask for passwords',
    start: () => startCourier('imap', false, {}, false),
    cases: [up('capabilities'), down('right password', right)],
  },
];
