/** What is asked over UDP. */

import type { TestContext } from 'node:test';
import { startDatagramPeer } from '../../../helpers/datagram-peer.js';
import { freeRadiusMissing, startFreeRadius } from '../../../helpers/servers/freeradius.js';
import { kamailioMissing, startKamailio } from '../../../helpers/servers/kamailio.js';
import { namedMissing, startNamed } from '../../../helpers/servers/named.js';
import { type Farm, owned } from './case.js';

const dns: Farm = {
  name: 'dns',
  missing: namedMissing,
  async start(t, peers) {
    const { port } = await owned(t, startNamed());
    const www = ['request="www.example.com"', 'receive="^192\\.0\\.2\\.11$"'];
    return [
      { service: 'dns', name: 'A', port, verdict: 'up', settings: www },
      { service: 'dns', name: 'PTR', port, verdict: 'up', settings: ['request="192.0.2.10"', 'receive="^www\\."'] },
      {
        service: 'dns',
        name: 'no receive',
        port,
        verdict: 'up',
        settings: ['request="www.example.com"'],
        differs: 'without receive it is never up',
      },
      {
        service: 'dns',
        name: 'wrong answer',
        port,
        verdict: 'down',
        settings: ['request="www.example.com"', 'receive="^10\\."'],
      },
      {
        service: 'dns',
        name: 'no such name',
        port,
        verdict: 'down',
        settings: ['request="none.example.com"', 'receive="."'],
      },
      { service: 'dns', name: 'refused', port: peers.refused, verdict: 'down', settings: www },
    ];
  },
};

const users = 'monitor Cleartext-Password := "hunter2"\n';

const radius: Farm = {
  name: 'radius',
  missing: freeRadiusMissing,
  async start(t, peers) {
    const { port } = await owned(t, startFreeRadius('s3cret', users, 'no'));
    const { port: strict } = await owned(t, startFreeRadius('s3cret', users));
    const right = ['login="monitor"', 'passwd="hunter2"', 'secret="s3cret"'];
    const wrong = ['login="monitor"', 'passwd="wrong"', 'secret="s3cret"'];
    return [
      { service: 'radius', name: 'right password', port, verdict: 'up', settings: right },
      { service: 'radius', name: 'wrong password', port, verdict: 'down', settings: wrong },
      { service: 'radius', name: 'refused', port: peers.refused, verdict: 'down', settings: right },
      {
        service: 'radius',
        name: 'Message-Authenticator demanded',
        port: strict,
        verdict: 'up',
        settings: right,
        differs: 'it sends none',
      },
    ];
  },
};

const sip: Farm = {
  name: 'sip',
  missing: kamailioMissing,
  async start(t, peers) {
    const { port } = await owned(t, startKamailio({ user: { name: 'monitor', password: 'hunter2' } }));
    const { port: open } = await owned(t, startKamailio());
    const { port: turnsAway } = await owned(t, startKamailio({ answer: [503, 'Maintenance'] }));
    const right = ['login="monitor@example.com"', 'passwd="hunter2"'];
    const wrong = ['login="monitor@example.com"', 'passwd="wrong"'];
    return [
      { service: 'sip', name: 'no login', port: open, verdict: 'up' },
      {
        service: 'sip',
        name: 'right password',
        port,
        verdict: 'up',
        settings: right,
        differs: 'its login is refused',
      },
      { service: 'sip', name: 'wrong password', port, verdict: 'down', settings: wrong },
      { service: 'sip', name: 'turns away', port: turnsAway, verdict: 'down' },
      { service: 'sip', name: 'refused', port: peers.refused, verdict: 'down' },
      {
        service: 'sip',
        name: 'answers another call',
        port: await otherCall(t),
        verdict: 'down',
        differs: 'it does not look whose answer it is',
      },
    ];
  },
};

/** Says that all is well, with a Call-ID that nobody asked with. */
async function otherCall(t: TestContext): Promise<number> {
  const peer = startDatagramPeer((request) => {
    const lines = request
      .toString()
      .split('\r\n')
      .filter((line) => /^(Via|From|To|CSeq):/i.test(line));
    return [Buffer.from(['SIP/2.0 200 OK', ...lines, 'Call-ID: another', 'Content-Length: 0', '\r\n'].join('\r\n'))];
  });
  return (await owned(t, peer)).port;
}

export const datagrams: readonly Farm[] = [dns, radius, sip];
