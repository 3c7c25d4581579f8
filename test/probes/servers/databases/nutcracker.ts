/** twemproxy, which Debian calls nutcracker, before Redis and before memcached. */

import { testCertificate } from '../../../helpers/certificate.js';
import { freePort } from '../../../helpers/free-port.js';
import { memcachedMissing, startMemcached } from '../../../helpers/servers/memcached.js';
import { redisMissing, startRedis } from '../../../helpers/servers/redis.js';
import { startServer } from '../../../helpers/servers/server-program.js';
import { lacksFiles, located, unpackedLibraries } from '../../../helpers/servers/unpacked.js';
import { type Behind, inFrontOf } from '../behind.js';
import { type Case, type Served, type Started, stopped } from '../case.js';

const program = '/usr/sbin/nutcracker';

async function startNutcracker(starting: Promise<Behind>, settings: readonly string[], to?: number): Promise<Started> {
  const statistics = await freePort();
  return inFrontOf(starting, (behind) =>
    startServer({
      program: located(program),
      args: ({ directory }) => [
        ...['-c', `${directory}/nutcracker.yml`, '-p', `${directory}/pid`, '-o', `${directory}/log`],
        ...['-a', '127.0.0.1', '-s', String(statistics), '-m', '512'],
      ],
      env: unpackedLibraries,
      files: ({ address, port }) => ({
        'nutcracker.yml': [
          'pool:',
          `  listen: ${address}:${port}`,
          '  hash: fnv1a_64',
          '  distribution: ketama',
          '  timeout: 15000',
          ...settings.map((line) => `  ${line}`),
          '  servers:',
          `  - 127.0.0.1:${to ?? behind}:1`,
          '',
        ].join('\n'),
      }),
    }),
  );
}

const redis = (...settings: readonly string[]) =>
  startNutcracker(startRedis({ certificate: testCertificate() }), ['redis: true', ...settings]);

const pong: Case = { name: 'PING', ask: '', up: true, says: /^response: PONG$/ };
const absentKey: Case = { name: 'command', ask: 'request="GET heartbeat"', up: true, says: /^response: / };
const down = (name: string, ask: string, says: RegExp): Case => ({ name, ask, up: false, says });
const throughRedis = {
  service: 'redis',
  server: 'twemproxy',
  missing: redisMissing || lacksFiles(program),
} as const;
const throughMemcached = {
  service: 'memcached',
  server: 'twemproxy',
  missing: memcachedMissing || lacksFiles(program),
} as const;

export const nutcracker: readonly Served[] = [
  {
    ...throughRedis,
    settings: 'as shipped',
    start: () => redis(),
    cases: [pong, absentKey, stopped('')],
  },
  {
    ...throughRedis,
    settings: 'strictest: a password, connections made beforehand',
    start: () =>
      startNutcracker(startRedis({ certificate: testCertificate(), password: 'hunter2' }), [
        'redis: true',
        'redis_auth: hunter2',
        'preconnect: true',
      ]),
    cases: [
      { ...pong, name: 'right password', ask: 'passwd="hunter2"' },
      down('wrong password', 'passwd="hunter3"', /^login: the server says "ERR invalid password"$/),
      down('no password', '', /^query: /),
    ],
  },
  {
    ...throughRedis,
    settings: 'nobody behind',
    start: () =>
      startNutcracker(startRedis({ certificate: testCertificate() }), ['redis: true', 'auto_eject_hosts: false'], 1),
    cases: [down('command', 'request="GET heartbeat"', /^query: /)],
  },
  {
    ...throughMemcached,
    settings: 'as shipped',
    start: () => startNutcracker(startMemcached(), []),
    cases: [
      { name: 'version', ask: '', up: true, says: /^response: VERSION / },
      { name: 'command', ask: 'request="get heartbeat"\nreceive="END"', up: true, says: /^response: END/ },
      stopped(''),
    ],
  },
  {
    ...throughMemcached,
    settings: 'nobody behind',
    start: () => startNutcracker(startMemcached(), [], 1),
    cases: [down('command', 'request="get heartbeat"', /^query: /)],
  },
];
