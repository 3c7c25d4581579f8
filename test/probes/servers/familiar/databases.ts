/** Databases, caches and directories of the other tests. */

import { mariadbMissing, startMariadb } from '../../../helpers/servers/mariadbd.js';
import { memcachedMissing, startMemcached } from '../../../helpers/servers/memcached.js';
import { mosquittoMissing, startMosquitto } from '../../../helpers/servers/mosquitto.js';
import { postgresMissing, startPostgres } from '../../../helpers/servers/postgres.js';
import { redisMissing, startRedis } from '../../../helpers/servers/redis.js';
import { directoryUser, slapdMissing, startSlapd } from '../../../helpers/servers/slapd.js';
import type { Case, Served } from '../case.js';
import { siteCertificate } from '../certificates.js';

const settings = 'as in its own tests';
const up = (name: string, ask: string): Case => ({ name, ask, up: true, says: /^/ });
const down = (name: string, ask: string): Case => ({ name, ask, up: false, says: /^(login|response|query): / });
const user = (password: string, rest = ''): string => `login="monitor"\npasswd="${password}"\n${rest}`;
const statement = 'database="farm"\nrequest="SELECT * FROM heartbeat"';
const directory = (password: string): string =>
  `login="${directoryUser.login}"\npasswd="${password}"\nrequest="dc=example,dc=com"`;

export const familiarDatabases: readonly Served[] = [
  {
    service: 'mysql',
    server: 'MariaDB',
    settings,
    missing: mariadbMissing,
    start: () => startMariadb(siteCertificate()),
    cases: [up('statement', user('hunter2', statement)), down('wrong password', user('hunter3', statement))],
  },
  {
    service: 'pgsql',
    server: 'PostgreSQL',
    settings,
    missing: postgresMissing,
    start: () => startPostgres(),
    cases: [
      up('statement', user('hunter2', 'database="postgres"\nrequest="SELECT * FROM heartbeat"')),
      down('wrong password', user('hunter3', 'database="postgres"\nrequest="SELECT 1"')),
    ],
  },
  {
    service: 'redis',
    server: 'Redis',
    settings,
    missing: redisMissing,
    start: () => startRedis({ certificate: siteCertificate(), password: 'hunter2' }),
    cases: [up('right password', 'passwd="hunter2"'), down('wrong password', 'passwd="hunter3"')],
  },
  {
    service: 'memcached',
    server: 'memcached',
    settings,
    missing: memcachedMissing,
    start: () => startMemcached(),
    cases: [up('version', ''), down('no such command', 'request="nothing"')],
  },
  {
    service: 'simpletcp',
    server: 'memcached',
    settings,
    missing: memcachedMissing,
    start: () => startMemcached(),
    cases: [
      up('version', 'request="version\\n"\nreceive="VERSION"'),
      down('another answer', 'request="version\\n"\nreceive="END"'),
    ],
  },
  {
    service: 'mqtt',
    server: 'Mosquitto',
    settings,
    missing: mosquittoMissing,
    start: () => startMosquitto({ user: { name: 'monitor', password: 'hunter2' } }),
    cases: [up('right password', user('hunter2')), down('wrong password', user('hunter3'))],
  },
  ...(['ldap', 'ldaps'] as const).map((service) => ({
    service,
    server: 'OpenLDAP',
    settings,
    missing: slapdMissing,
    start: () => startSlapd({ certificate: siteCertificate(), wrapped: service === 'ldaps' }),
    cases: [up('right password', directory('hunter2')), down('wrong password', directory('hunter3'))],
  })),
];
