/** Servers of files, shells, names, time, users and telephony of the other tests. */

import { chronyMissing, startChrony } from '../../../helpers/servers/chrony.js';
import { freeRadiusMissing, startFreeRadius } from '../../../helpers/servers/freeradius.js';
import { kamailioMissing, startKamailio } from '../../../helpers/servers/kamailio.js';
import { namedMissing, startNamed } from '../../../helpers/servers/named.js';
import { sshdMissing, startSshd } from '../../../helpers/servers/sshd.js';
import { startTftpd, tftpdMissing } from '../../../helpers/servers/tftpd.js';
import { startVsftpd, vsftpdMissing } from '../../../helpers/servers/vsftpd.js';
import type { Case, Served } from '../case.js';

const settings = 'as in its own tests';
const up = (name: string, ask: string): Case => ({ name, ask, up: true, says: /^/ });
const down = (name: string, ask: string): Case => ({ name, ask, up: false, says: /^(login|response|query): / });
const user = (password: string): string => `login="monitor"\npasswd="${password}"`;
const secret = 's3cret';

export const familiarRest: readonly Served[] = [
  {
    service: 'dns',
    server: 'BIND',
    settings,
    missing: namedMissing,
    start: startNamed,
    cases: [
      up('address', 'request="www.example.com"\nreceive="192.0.2.10"'),
      down('no such name', 'request="none.example.com"'),
    ],
  },
  {
    service: 'udp',
    server: 'BIND',
    settings,
    missing: namedMissing,
    start: startNamed,
    cases: [
      // A query with the number 0x1234 for the address of www.example.com, and the begin of an answer without an error.
      up(
        'bytes',
        'requesthex="12340000000100000000000003777777076578616d706c6503636f6d0000010001"\nreceivehex="12348400"',
      ),
    ],
  },
  {
    service: 'ftp',
    server: 'vsftpd',
    settings,
    missing: vsftpdMissing,
    start: () => startVsftpd({ files: { 'status.txt': 'all is well' } }),
    cases: [up('file', 'request="status.txt"\nreceive="well"'), down('no such file', 'request="none.txt"')],
  },
  {
    service: 'tftp',
    server: 'tftpd-hpa',
    settings,
    missing: tftpdMissing,
    start: () => startTftpd({ 'status.txt': 'all is well' }),
    cases: [up('file', 'request="status.txt"\nreceive="well"'), down('no such file', 'request="none.txt"')],
  },
  {
    service: 'ssh',
    server: 'OpenSSH',
    settings,
    missing: sshdMissing,
    start: () => startSshd({ name: 'monitor', password: 'hunter2' }),
    cases: [up('right password', user('hunter2')), down('wrong password', user('hunter3'))],
  },
  {
    service: 'ntp',
    server: 'chrony',
    settings,
    missing: chronyMissing,
    start: () => startChrony('local stratum 8'),
    cases: [up('time', '')],
  },
  {
    service: 'radius',
    server: 'FreeRADIUS',
    settings,
    missing: freeRadiusMissing,
    start: () => startFreeRadius(secret, 'monitor Cleartext-Password := "hunter2"\n'),
    cases: [
      up('right password', `${user('hunter2')}\nsecret="${secret}"`),
      down('wrong password', `${user('hunter3')}\nsecret="${secret}"`),
    ],
  },
  {
    service: 'sip',
    server: 'Kamailio',
    settings,
    missing: kamailioMissing,
    start: () => startKamailio(),
    cases: [up('OPTIONS', 'protocol=udp')],
  },
];
