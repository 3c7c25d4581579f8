/** How the kernel's IPVS and connection tracking stand against what is asked of them. */

import type { Config, Virtual } from '../../../model/config.js';
import { placesOf } from '../../director-places.js';
import { calledOf } from '../../real-servers.js';
import type { DirectorFacts } from '../director-facts.js';
import type { Finding } from '../finding.js';
import { onDirector } from './finding.js';

/** Connections in a row of the hash table, on average, from which on looking through them counts. */
const longRow = 4;
/** Of connection tracking. */
const nearlyFull = 0.8;

export function examineKernel(config: Config, facts: DirectorFacts): Finding[] {
  return [...takeOver(config, facts), ...synchronization(config, facts), ...connections(facts), ...tracking(facts)];
}

/** With connections told to the other director it needs no guess. */
function takeOver({ virtuals }: Config, { machine, kernel }: DirectorFacts): Finding[] {
  const hashed = virtuals.filter(({ scheduler, endpoint }) => scheduler === 'mh' && endpoint.protocol !== 'udp');
  const key = 'net.ipv4.vs.sloppy_tcp';
  if (hashed.length === 0 || machine.sysctls.get(key) !== '0' || (kernel?.daemons.length ?? 0) > 0) return [];
  return [
    onDirector('mh-not-sloppy', {
      object: key,
      for: hashed.map(calledOf),
      seen: `${key} is 0, and no synchronization daemon runs`,
      mend: [`sysctl -w ${key}=1`],
    }),
  ];
}

/** `backup_only` counts while a backup runs, whether or not a master does (sysctl_backup_only() of Linux). */
function synchronization(config: Config, { machine, kernel }: DirectorFacts): Finding[] {
  const key = 'net.ipv4.vs.backup_only';
  const value = machine.sysctls.get(key);
  if (!kernel?.daemons.includes('backup') || value === undefined) return [];
  const isAlone = !kernel.daemons.includes('master');
  const seen = `the backup synchronization daemon runs, the master does ${isAlone ? 'not' : 'as well'}, and ${key} is ${value}`;
  if (value !== '0') {
    return [onDirector('backup-only', { object: key, for: [], seen, mend: [`sysctl -w ${key}=0`] })];
  }
  if (!isAlone) return [];
  const unchanged = new Set(
    placesOf(config).flatMap(({ virtual, server }) => (server.forward === 'masq' ? [] : virtual)),
  );
  if (unchanged.size === 0) return [];
  const services = [...unchanged].map((virtual: Virtual) => calledOf(virtual));
  return [onDirector('backup-balances', { object: key, for: services, seen, mend: [`sysctl -w ${key}=1`] })];
}

function connections({ kernel }: DirectorFacts): Finding[] {
  if (kernel === null || kernel.connections <= kernel.rows * longRow) return [];
  // The kernel takes no more than 20 on most machines.
  const bits = Math.min(20, Math.ceil(Math.log2(kernel.connections)));
  return [
    onDirector('connection-table-small', {
      object: 'ip_vs',
      for: [],
      seen: `${kernel.connections} connections in a table of ${kernel.rows} rows`,
      mend: [
        `echo options ip_vs conn_tab_bits=${bits} >/etc/modprobe.d/ip_vs.conf`,
        'it holds once ip_vs is loaded anew, as by a reboot',
      ],
    }),
  ];
}

function tracking({ machine: { sysctls } }: DirectorFacts): Finding[] {
  const key = 'net.netfilter.nf_conntrack_max';
  const [count, most] = [sysctls.get('net.netfilter.nf_conntrack_count'), sysctls.get(key)].map(Number);
  // 0 is no limit.
  if (!count || !most || count < most * nearlyFull) return [];
  return [
    onDirector('conntrack-filling', {
      object: key,
      for: [],
      seen: `${count} of ${most} connections are tracked`,
      mend: [`sysctl -w ${key}=${most * 4}`],
    }),
  ];
}
