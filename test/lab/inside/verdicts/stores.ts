/** Directories and databases. Oracle is left out: neither its server nor its Perl driver is in Debian. */

import { spawnSync } from 'node:child_process';
import { testCertificate } from '../../../helpers/certificate.js';
import { mariadbMissing, startMariadb } from '../../../helpers/servers/mariadbd.js';
import { postgresMissing, startPostgres } from '../../../helpers/servers/postgres.js';
import { directoryUser, slapdMissing, startSlapd } from '../../../helpers/servers/slapd.js';
import { badCases, type Case, type Farm, owned } from './case.js';

const ldap: Farm = {
  name: 'ldap, ldaps',
  missing: slapdMissing,
  async start(t, peers) {
    const { port } = await owned(t, startSlapd());
    const { port: secure } = await owned(t, startSlapd({ certificate: testCertificate(), wrapped: true }));
    const top = ['request="dc=example,dc=com"'];
    const login = `login="${directoryUser.login}"`;
    return [
      { service: 'ldap', name: 'up', port, verdict: 'up', settings: top },
      {
        service: 'ldap',
        name: 'right answer',
        port,
        verdict: 'up',
        settings: [...top, 'receive="^Example$"'],
        differs: 'it does not find the value, without the anchors neither',
      },
      {
        service: 'ldap',
        name: 'wrong answer',
        port,
        verdict: 'down',
        settings: ['request="dc=example,dc=com"', 'receive="nothing"'],
      },
      { service: 'ldap', name: 'no entry', port, verdict: 'down', settings: ['request="dc=example,dc=net"'] },
      {
        service: 'ldap',
        name: 'right password',
        port,
        verdict: 'up',
        settings: [...top, login, `passwd="${directoryUser.passwd}"`],
      },
      { service: 'ldap', name: 'wrong password', port, verdict: 'down', settings: [...top, login, 'passwd="wrong"'] },
      // A peer that closes the connection ends the reference's whole process, so no more bad ones.
      { service: 'ldap', name: 'refused', port: peers.refused, verdict: 'down', settings: top },
      { service: 'ldaps', name: 'up', port: secure, verdict: 'up', settings: top },
      { service: 'ldaps', name: 'refused', port: peers.refused, verdict: 'down', settings: top },
    ];
  },
};

/** Why the reference cannot ask this kind of database: its driver is only suggested by its package. */
function driverMissing(module: string): string | false {
  return spawnSync('perl', [`-M${module}`, '-e1']).status === 0 ? false : `perl's ${module} is not installed`;
}

function databaseCases(service: 'mysql' | 'pgsql', port: number, database: string): Case[] {
  const right = ['login="monitor"', 'passwd="hunter2"', `database="${database}"`];
  const wrong = ['login="monitor"', 'passwd="wrong"', `database="${database}"`];
  const rows = 'request="SELECT * FROM heartbeat"';
  return [
    { service, name: 'a row', port, verdict: 'up', settings: [...right, rows] },
    { service, name: 'receive says nothing', port, verdict: 'up', settings: [...right, rows, 'receive="nothing"'] },
    {
      service,
      name: 'no row',
      port,
      verdict: 'down',
      settings: [...right, 'request="SELECT * FROM heartbeat WHERE id = 2"'],
    },
    { service, name: 'no such table', port, verdict: 'down', settings: [...right, 'request="SELECT * FROM none"'] },
    { service, name: 'wrong password', port, verdict: 'down', settings: [...wrong, rows] },
  ];
}

function badDatabaseSettings(database: string): string[] {
  return ['login="monitor"', 'passwd="hunter2"', `database="${database}"`, 'request="SELECT * FROM heartbeat"'];
}

const mysql: Farm = {
  name: 'mysql',
  missing: mariadbMissing || driverMissing('DBD::mysql'),
  async start(t, peers) {
    const { port } = await owned(t, startMariadb(testCertificate()));
    return [
      ...databaseCases('mysql', port, 'farm'),
      ...badCases('mysql', peers, { settings: badDatabaseSettings('farm') }),
    ];
  },
};

const pgsql: Farm = {
  name: 'pgsql',
  missing: postgresMissing || driverMissing('DBD::Pg'),
  async start(t, peers) {
    const { port } = await owned(t, startPostgres());
    const settings = badDatabaseSettings('postgres');
    return [...databaseCases('pgsql', port, 'postgres'), ...badCases('pgsql', peers, { settings })];
  },
};

export const stores: readonly Farm[] = [ldap, mysql, pgsql];
