/** What else is on the director: packet filters, other programs, the clock, limits. */

import type { Config, Family } from '../../../model/config.js';
import { calledOf } from '../../real-servers.js';
import type { Controller, DirectorFacts } from '../director-facts.js';
import type { Finding } from '../finding.js';
import { onDirector } from './finding.js';

/** A mark that is set out of a map or a connection shows only as packets come. */
export function examineMarks({ virtuals }: Config, { marks: found }: DirectorFacts): Finding[] {
  if (found === null || found.setsOthers) return [];
  return virtuals.flatMap((virtual): Finding[] => {
    const { endpoint, family } = virtual;
    if (endpoint.protocol !== 'fwm' || endpoint.carries !== undefined || found.set.has(endpoint.mark)) return [];
    const finding = onDirector('mark-unset', {
      object: String(endpoint.mark),
      for: [calledOf(virtual)],
      seen: `no rule of nft or iptables sets mark ${endpoint.mark}`,
      mend: markRules(endpoint.mark, family),
    });
    return [finding];
  });
}

function markRules(mark: number, family: Family): string[] {
  const own = family === 'inet' ? 'ip daddr ADDRESS' : 'ip6 daddr ADDRESS';
  return [
    'nft add table inet marks',
    "nft add chain inet marks in '{ type filter hook prerouting priority mangle; }'",
    `nft add rule inet marks in ${own} tcp dport PORTS meta mark set ${mark}`,
  ];
}

/** The daemon keeps them while it runs. */
export function examineOwnRules({ ownRules }: DirectorFacts): Finding[] {
  if (ownRules === null) return [];
  const object = `inet ${ownRules.table}`;
  if ('fault' in ownRules) {
    const mend = ['apt-get install nftables', 'modprobe -a nf_tables nft_masq nft_ct nft_objref'];
    return [onDirector('packet-filter-unusable', { object, for: [], seen: ownRules.fault, mend })];
  }
  if (ownRules.missing.length === 0) return [];
  const seen = `the table ${object} of nft lacks ${ownRules.missing.join(', ')}`;
  return [onDirector('packet-rules-missing', { object, for: [], seen, mend: ['ldirectord start'] })];
}

/** What is wrong whoever balances. */
export function examineMachine(facts: DirectorFacts): Finding[] {
  return [...controllers(facts), ...clock(facts), ...descriptors(facts)];
}

const ways: Readonly<Record<Controller['name'], string>> = {
  keepalived: 'take its `virtual_server` sections out; for VRRP alone it runs as `keepalived -P`',
  'kube-proxy': 'let it run in the mode iptables or nftables, or keep virtual services on another machine',
  'ldirectord of Perl’s': 'ldirectord install-system --take-over',
};

function controllers({ controllers: found, passes }: DirectorFacts): Finding[] {
  if (passes === 'streams') return [];
  return found.map(({ name, pid }) =>
    onDirector('other-controller', {
      object: name,
      for: [],
      seen: `${name} runs as process ${pid}`,
      mend: [ways[name]],
    }),
  );
}

function clock({ isClockSynchronised }: DirectorFacts): Finding[] {
  if (isClockSynchronised !== false) return [];
  return [
    onDirector('clock-unsynchronised', {
      object: 'clock',
      for: [],
      seen: 'the kernel has it that nobody keeps its clock (STA_UNSYNC of adjtimex(2))',
      mend: ['apt-get install chrony'],
    }),
  ];
}

/** Half of all are for checks: `checks/descriptors.ts` shares them out. */
function descriptors({ descriptors: found }: DirectorFacts): Finding[] {
  if (found === null || found.checks * 2 <= found.limit) return [];
  return [
    onDirector('descriptors-few', {
      object: found.of,
      for: [],
      seen: `${found.of} may have ${found.limit} descriptors, of which half are for ${found.checks} checks`,
      mend: [
        'mkdir -p /etc/systemd/system/ldirectord.service.d',
        `printf '[Service]\\nLimitNOFILE=${found.checks * 2}\\n' >/etc/systemd/system/ldirectord.service.d/limits.conf`,
        'systemctl daemon-reload && systemctl restart ldirectord',
      ],
    }),
  ];
}
