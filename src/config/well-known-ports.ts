/** The ports of the services that can be checked; a service without one is not among them. */

import type { ServiceName } from './model.js';

export const wellKnownPorts: Readonly<Partial<Record<ServiceName, number>>> = {
  ftp: 21,
  smtp: 25,
  dns: 53,
  http: 80,
  pop: 110,
  nntp: 119,
  imap: 143,
  ldap: 389,
  https: 443,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pops: 995,
  oracle: 1521,
  radius: 1812,
  http_proxy: 3128,
  mysql: 3306,
  sip: 5060,
  pgsql: 5432,
  ssh: 22,
  tftp: 69,
  ntp: 123,
  mqtt: 1883,
  redis: 6379,
  memcached: 11211,
};
