/**
 * Real directories, databases, name servers and what else is asked over UDP. Oracle is left out: neither its server
 * nor its Perl driver is in Debian.
 */

import { testAuthority } from '../helpers/certificate.js';
import { freeRadiusMissing, startFreeRadius } from '../helpers/servers/freeradius.js';
import { kamailioMissing, startKamailio } from '../helpers/servers/kamailio.js';
import { mariadbMissing, startMariadb } from '../helpers/servers/mariadbd.js';
import { namedMissing, startNamed } from '../helpers/servers/named.js';
import { postgresMissing, startPostgres } from '../helpers/servers/postgres.js';
import { directoryUser, slapdMissing, startSlapd } from '../helpers/servers/slapd.js';
import { at, type Farm, owned, type Question } from './question.js';

type Case = readonly [name: string, lines: readonly string[]];

function asked(
  service: string,
  server: string,
  port: number,
  cases: readonly Case[],
  more: Partial<Question> = {},
): Question[] {
  return cases.map(([name, lines]) => ({
    name: `${service}: ${server}, ${name}`,
    server: at(port),
    lines: [`service=${service}`, ...lines],
    ...more,
  }));
}

const slapd: Farm = {
  name: 'slapd',
  missing: slapdMissing,
  async start(t) {
    const { port } = await owned(t, startSlapd());
    const certificate = testAuthority().issue({ names: ['127.0.0.1'] });
    const { port: secure } = await owned(t, startSlapd({ certificate, wrapped: true }));
    const top = 'request="dc=example,dc=com"';
    const login = `login="${directoryUser.login}"`;
    return [
      ...asked('ldap', 'slapd', port, [
        ['well', [top]],
        ['its name', [top, 'receive="^dc=example"']],
        ['one of its values', [top, 'receive="^Example$"']],
        ['another answer', [top, 'receive="nothing"']],
        ['no entry', ['request="dc=example,dc=net"']],
        ['the root', []],
        ['right password', [top, login, `passwd="${directoryUser.passwd}"`]],
        ['wrong password', [top, login, 'passwd="wrong"']],
        ['no password', [top, login]],
      ]),
      ...asked('ldaps', 'slapd', secure, [['well', [top]]]),
    ];
  },
};

function databaseCases(database: string): Case[] {
  const right = ['login="monitor"', 'passwd="hunter2"', `database="${database}"`];
  const rows = 'request="SELECT * FROM heartbeat"';
  return [
    ['a row', [...right, rows]],
    ['receive says nothing', [...right, rows, 'receive="nothing"']],
    ['no row', [...right, 'request="SELECT * FROM heartbeat WHERE id = 2"']],
    ['many rows', [...right, 'request="SELECT 1 UNION SELECT 2 UNION SELECT 3"']],
    ['no such table', [...right, 'request="SELECT * FROM none"']],
    ['a mistake', [...right, 'request="SELEC 1"']],
    ['a change', [...right, 'request="UPDATE heartbeat SET beats = beats + 1"']],
    ['no change', [...right, 'request="UPDATE heartbeat SET beats = 0 WHERE id = 2"']],
    ['a slash before it', [...right, 'request="/SELECT 1"']],
    ['wrong password', ['login="monitor"', 'passwd="wrong"', `database="${database}"`, rows]],
    ['no such database', ['login="monitor"', 'passwd="hunter2"', 'database="nowhere"', rows]],
  ];
}

const mariadb: Farm = {
  name: 'mariadb',
  missing: mariadbMissing,
  async start(t) {
    const { port } = await owned(t, startMariadb(testAuthority().issue()));
    return asked('mysql', 'mariadb', port, databaseCases('farm'), { needs: 'DBD::mysql' });
  },
};

const postgres: Farm = {
  name: 'postgres',
  missing: postgresMissing,
  async start(t) {
    const { port } = await owned(t, startPostgres());
    return asked('pgsql', 'postgres', port, databaseCases('postgres'), { needs: 'DBD::Pg' });
  },
};

const named: Farm = {
  name: 'named',
  missing: namedMissing,
  async start(t) {
    const { port } = await owned(t, startNamed());
    const cases: readonly Case[] = [
      ['A', ['request="www.example.com"', 'receive="^192\\.0\\.2\\.11$"']],
      ['PTR', ['request="192.0.2.10"', 'receive="^www\\."']],
      ['another answer', ['request="www.example.com"', 'receive="^10\\."']],
      ['no such name', ['request="none.example.com"', 'receive="."']],
      ['no pattern', ['request="www.example.com"']],
    ];
    const overTcp = cases.map(([name, lines]): Case => [`${name}, over TCP`, lines]);
    return [...asked('dns', 'named', port, cases, { protocol: 'udp' }), ...asked('dns', 'named', port, overTcp)];
  },
};

const users = 'monitor Cleartext-Password := "hunter2"\n';

const freeRadius: Farm = {
  name: 'freeradius',
  missing: freeRadiusMissing,
  async start(t) {
    const { port } = await owned(t, startFreeRadius('s3cret', users, 'no'));
    const { port: strict } = await owned(t, startFreeRadius('s3cret', users));
    const right = ['login="monitor"', 'passwd="hunter2"', 'secret="s3cret"', 'checktimeout=3', 'negotiatetimeout=3'];
    const wrong = ['login="monitor"', 'passwd="wrong"', 'secret="s3cret"', 'checktimeout=3', 'negotiatetimeout=3'];
    return [
      ...asked(
        'radius',
        'freeradius',
        port,
        [
          ['right password', right],
          ['wrong password', wrong],
        ],
        { protocol: 'udp' },
      ),
      ...asked('radius', 'freeradius that wants proof', strict, [['right password', right]], { protocol: 'udp' }),
    ];
  },
};

const kamailio: Farm = {
  name: 'kamailio',
  missing: kamailioMissing,
  async start(t) {
    const { port } = await owned(t, startKamailio({ user: { name: 'monitor', password: 'hunter2' } }));
    const { port: open } = await owned(t, startKamailio());
    const { port: turnsAway } = await owned(t, startKamailio({ answer: [503, 'Maintenance'] }));
    const login = 'login="monitor@example.com"';
    const udp = { protocol: 'udp' } as const;
    return [
      ...asked('sip', 'kamailio', open, [['open', [login]]], udp),
      ...asked(
        'sip',
        'kamailio',
        port,
        [
          ['right password', [login, 'passwd="hunter2"']],
          ['wrong password', [login, 'passwd="wrong"']],
        ],
        udp,
      ),
      ...asked('sip', 'kamailio', turnsAway, [['turns away', [login]]], udp),
      ...asked('sip', 'kamailio', open, [['open, over TCP', [login]]]),
    ];
  },
};

export const realStores: readonly Farm[] = [slapd, mariadb, postgres, named, freeRadius, kamailio];
