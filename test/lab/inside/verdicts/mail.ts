/** Mail and news. */

import { testCertificate } from '../../../helpers/certificate.js';
import { dovecotMissing, startDovecot } from '../../../helpers/servers/dovecot.js';
import { leafnodeMissing, startLeafnode } from '../../../helpers/servers/leafnode.js';
import { postfixMissing, startPostfix } from '../../../helpers/servers/postfix.js';
import { badCases, type Farm, owned, scriptedPort } from './case.js';

const user = { user: 'monitor', password: 'hunter2' };
const right = ['login="monitor"', 'passwd="hunter2"'];
const wrong = ['login="monitor"', 'passwd="wrong"'];

const smtp: Farm = {
  name: 'smtp, submission',
  missing: postfixMissing,
  async start(t, peers) {
    const { port } = await owned(t, startPostfix());
    const turnsAway = await scriptedPort(t, (socket) => socket.end('554 not here\r\n'));
    const halfway = await scriptedPort(t, (socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    return [
      { service: 'smtp', name: 'up', port, verdict: 'up' },
      { service: 'smtp', name: 'turns away', port: turnsAway, verdict: 'down' },
      ...badCases('smtp', peers, { halfway }),
      { service: 'submission', name: 'up', port, verdict: 'up' },
      { service: 'submission', name: 'refused', port: peers.refused, verdict: 'down' },
    ];
  },
};

/** No more bad peers: each of these cases keeps the reference for as long as it may take, whatever the server does. */
const imap: Farm = {
  name: 'imap, imaps',
  missing: dovecotMissing,
  async start(t, peers) {
    const certificate = testCertificate();
    const { port, securePort } = await owned(t, startDovecot({ protocol: 'imap', certificate, login: user }));
    const differs = 'it never asks the server anything';
    return [
      { service: 'imap', name: 'no login', port, verdict: 'up', differs },
      { service: 'imap', name: 'right password', port, verdict: 'up', settings: right, differs },
      { service: 'imap', name: 'wrong password', port, verdict: 'down', settings: wrong },
      { service: 'imap', name: 'refused', port: peers.refused, verdict: 'down', settings: right },
      { service: 'imaps', name: 'right password', port: securePort, verdict: 'up', settings: right, differs },
    ];
  },
};

const pop: Farm = {
  name: 'pop, pops',
  missing: dovecotMissing,
  async start(t, peers) {
    const certificate = testCertificate();
    const { port, securePort } = await owned(t, startDovecot({ protocol: 'pop3', certificate, login: user }));
    const halfway = await scriptedPort(t, (socket) => socket.end('+OK ready\r\n'));
    return [
      { service: 'pop', name: 'no login', port, verdict: 'up' },
      { service: 'pop', name: 'right password', port, verdict: 'up', settings: right },
      { service: 'pop', name: 'wrong password', port, verdict: 'down', settings: wrong },
      ...badCases('pop', peers, { settings: right, halfway }),
      {
        service: 'pops',
        name: 'right password',
        port: securePort,
        verdict: 'up',
        settings: right,
        differs: 'it never gets in over TLS',
      },
      { service: 'pops', name: 'wrong password', port: securePort, verdict: 'down', settings: wrong },
      { service: 'pops', name: 'refused', port: peers.refused, verdict: 'down', settings: right },
      { service: 'pops', name: 'no TLS', port, verdict: 'down', settings: right },
    ];
  },
};

const nntp: Farm = {
  name: 'nntp',
  missing: leafnodeMissing,
  async start(t, peers) {
    const { port } = await owned(t, startLeafnode());
    const { port: unable } = await owned(t, startLeafnode('localhost'));
    const halfway = await scriptedPort(t, (socket) => socket.end('200 news.exam'));
    return [
      { service: 'nntp', name: 'up', port, verdict: 'up' },
      { service: 'nntp', name: 'cannot serve', port: unable, verdict: 'down' },
      ...badCases('nntp', peers, {
        halfway,
        differs: { 'closes halfway': 'it takes half a greeting for a whole one' },
      }),
    ];
  },
};

export const mail: readonly Farm[] = [smtp, imap, pop, nntp];
