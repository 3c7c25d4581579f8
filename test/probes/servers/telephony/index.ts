/** Kamailio, and those that this Debian has no package of. */

import { lacks } from '../../../helpers/programs.js';
import { kamailioMissing, startKamailio } from '../../../helpers/servers/kamailio.js';
import { type Case, type Served, stopped } from '../case.js';

const base = { service: 'sip', server: 'Kamailio', missing: kamailioMissing } as const;
const user = (password: string): string => `login="monitor@example.com"\npasswd="${password}"`;
const up = (name: string, ask: string): Case => ({ name, ask, up: true, says: /^response: status 200$/ });
const down = (name: string, ask: string, says: RegExp): Case => ({ name, ask, up: false, says });

/** Nobody has tried a way to start these: that they are not to be had is all that is said of them. */
function unavailable(server: string, program: string): Served {
  const missing = lacks(program) || 'its settings for these tests are still to be written';
  const start = () => Promise.reject(new Error(missing));
  return { service: 'sip', server, settings: 'as shipped', missing, start, cases: [] };
}

export const telephony: readonly Served[] = [
  {
    ...base,
    settings: 'everybody may ask, UDP and TCP',
    start: () => startKamailio(),
    cases: [up('OPTIONS over UDP', 'protocol=udp'), up('OPTIONS over TCP', 'protocol=tcp'), stopped('protocol=udp')],
  },
  {
    ...base,
    settings: 'strictest: a password by digest',
    start: () => startKamailio({ user: { name: 'monitor', password: 'hunter2' } }),
    cases: [
      {
        ...up('right password', `protocol=udp\n${user('hunter2')}`),
        says: /^(response|login): status 200$|^response: /,
      },
      { ...up('right password, over TCP', user('hunter2')), says: /^response: / },
      down('wrong password', `protocol=udp\n${user('hunter3')}`, /^login: status 401/),
      down('no password', 'protocol=udp', /^response: status 401/),
    ],
  },
  {
    ...base,
    settings: 'out of service',
    start: () => startKamailio({ answer: [503, 'Service Unavailable'] }),
    cases: [
      down('OPTIONS over UDP', 'protocol=udp', /^response: status 503/),
      down('OPTIONS over TCP', 'protocol=tcp', /^response: status 503/),
    ],
  },
  unavailable('Asterisk', 'asterisk'),
  unavailable('OpenSIPS', 'opensips'),
];
