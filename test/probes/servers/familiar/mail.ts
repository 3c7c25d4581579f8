/** The mail servers of the other tests. */

import { dovecotMissing, startDovecot } from '../../../helpers/servers/dovecot.js';
import { postfixMissing, startPostfix } from '../../../helpers/servers/postfix.js';
import type { Case, Served } from '../case.js';
import { siteCertificate } from '../certificates.js';

const login = { user: 'monitor', password: 'hunter2' };
const right = `login="${login.user}"\npasswd="${login.password}"`;
const up = (name: string, ask = ''): Case => ({ name, ask, up: true, says: /^response: / });
const wrong: Case = {
  name: 'wrong password',
  ask: `login="${login.user}"\npasswd="hunter3"`,
  up: false,
  says: /^login: /,
};

async function dovecot(protocol: 'imap' | 'pop3', secure: boolean) {
  const server = await startDovecot({ protocol, certificate: siteCertificate(), login });
  return secure ? { ...server, port: server.securePort } : server;
}

const ofDovecot = { server: 'Dovecot', settings: 'as in its own tests', missing: dovecotMissing } as const;
const ofPostfix = { server: 'Postfix', settings: 'as in its own tests', missing: postfixMissing } as const;

export const familiarMail: readonly Served[] = [
  { ...ofPostfix, service: 'smtp', start: () => startPostfix(), cases: [up('EHLO')] },
  {
    ...ofPostfix,
    service: 'submission',
    start: () => startPostfix({ certificate: siteCertificate(), wrapped: true }),
    cases: [up('EHLO', 'tls=yes')],
  },
  { ...ofDovecot, service: 'imap', start: () => dovecot('imap', false), cases: [up('right password', right), wrong] },
  { ...ofDovecot, service: 'imaps', start: () => dovecot('imap', true), cases: [up('right password', right), wrong] },
  { ...ofDovecot, service: 'pop', start: () => dovecot('pop3', false), cases: [up('right password', right), wrong] },
  { ...ofDovecot, service: 'pops', start: () => dovecot('pop3', true), cases: [up('right password', right), wrong] },
];
