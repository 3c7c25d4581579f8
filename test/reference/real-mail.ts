/** Real servers of mail and news. */

import { testAuthority } from '../helpers/certificate.js';
import { dovecotMissing, startDovecot } from '../helpers/servers/dovecot.js';
import { leafnodeMissing, startLeafnode } from '../helpers/servers/leafnode.js';
import { postfixMissing, startPostfix } from '../helpers/servers/postfix.js';
import { at, type Farm, owned } from './question.js';

const user = { user: 'monitor', password: 'hunter2' };
const right = ['login="monitor"', 'passwd="hunter2"'];
const wrong = ['login="monitor"', 'passwd="wrong"'];
const certificate = () => testAuthority().issue({ names: ['127.0.0.1'] });

/** One for each who asks: it takes some time over a second connection beside another one. */
const postfix: Farm = {
  name: 'postfix',
  missing: postfixMissing,
  async start() {
    const wholeNames = ['smtpd_helo_restrictions = reject_non_fqdn_helo_hostname', 'smtpd_delay_reject = no'];
    return [
      { name: 'smtp: postfix', server: () => startPostfix(), lines: ['service=smtp'] },
      {
        name: 'smtp: postfix that wants whole names',
        server: () => startPostfix({ settings: wholeNames }),
        lines: ['service=smtp'],
      },
      { name: 'submission: postfix', server: () => startPostfix(), lines: ['service=submission'] },
    ];
  },
};

/** Few: each keeps the reference for five seconds, since it tries twice. */
const dovecotImap: Farm = {
  name: 'dovecot, imap',
  missing: dovecotMissing,
  async start(t) {
    const server = startDovecot({ protocol: 'imap', certificate: certificate(), login: user });
    const { port, securePort } = await owned(t, server);
    return [
      { name: 'imap: dovecot lets in', server: at(port), lines: ['service=imap', ...right] },
      { name: 'imap: dovecot, a wrong password', server: at(port), lines: ['service=imap', ...wrong] },
      { name: 'imaps: dovecot lets in', server: at(securePort), lines: ['service=imaps', ...right] },
    ];
  },
};

const dovecotPop: Farm = {
  name: 'dovecot, pop3',
  missing: dovecotMissing,
  async start(t) {
    const { port, securePort } = await owned(
      t,
      startDovecot({ protocol: 'pop3', certificate: certificate(), login: user }),
    );
    return [
      { name: 'pop: dovecot', server: at(port), lines: ['service=pop'] },
      { name: 'pop: dovecot lets in', server: at(port), lines: ['service=pop', ...right] },
      { name: 'pop: dovecot, a wrong password', server: at(port), lines: ['service=pop', ...wrong] },
      { name: 'pops: dovecot lets in', server: at(securePort), lines: ['service=pops', ...right] },
      { name: 'pops: dovecot, a wrong password', server: at(securePort), lines: ['service=pops', ...wrong] },
      { name: 'pops: dovecot without TLS', server: at(port), lines: ['service=pops', ...right] },
    ];
  },
};

const leafnode: Farm = {
  name: 'leafnode',
  missing: leafnodeMissing,
  async start(t) {
    const { port } = await owned(t, startLeafnode());
    const { port: unable } = await owned(t, startLeafnode('localhost'));
    return [
      { name: 'nntp: leafnode', server: at(port), lines: ['service=nntp'] },
      { name: 'nntp: leafnode that cannot serve', server: at(unable), lines: ['service=nntp'] },
    ];
  },
};

export const realMail: readonly Farm[] = [postfix, dovecotImap, dovecotPop, leafnode];
