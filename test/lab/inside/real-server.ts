/** The guest itself as a real server behind `lan0`, whose network somebody rules; what it lacks, and its boot. */

import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openHere } from '../../../src/path/here.js';
import type { Need } from '../../../src/path/need.js';
import { isMet } from '../../../src/path/needs/judge.js';
import { applyAll, undoAll } from '../../../src/path/setup/apply.js';
import { type Facts, questionsFor } from '../../../src/path/setup/facts.js';
import { readJournal } from '../../../src/path/setup/journal.js';
import { planOf } from '../../../src/path/setup/plan.js';
import { survey } from '../../../src/path/setup/survey.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ip, run } from './command.js';
import { addNamespace } from './networks.js';

export const own = { inet: '10.9.0.1', inet6: 'fd00:9::1' } as const;
/** Where everything goes that nothing else is said of. */
export const router = { inet: '10.9.0.253', inet6: 'fd00:9::fd' } as const;
const director = { inet: '10.9.0.254', inet6: 'fd00:9::fe' } as const;

/** Of both families: an address on lo and one on a tunnel, and the way of answers by the director. */
const needs: readonly Need[] = [
  { kind: 'sysctl', key: 'net.ipv4.conf.all.arp_ignore', value: '1', also: [], beside: [] },
  { kind: 'sysctl', key: 'net.ipv4.conf.all.arp_announce', value: '2', also: [], beside: [] },
  // Somebody has loaded ip_vs already, and nobody says that it is loaded at the next boot.
  { kind: 'sysctl', key: 'net.ipv4.vs.conntrack', value: '1', also: [], beside: [] },
  { kind: 'link', name: 'tunl0', module: 'ipip' },
  { kind: 'link', name: 'ip6tnl0', module: 'ip6_tunnel' },
  { kind: 'sysctl', key: 'net.ipv4.conf.tunl0.rp_filter', value: '2', also: [], beside: [] },
  { kind: 'address', family: 'inet', address: '203.0.113.10', prefix: 32, device: 'lo' },
  { kind: 'address', family: 'inet6', address: '2001:db8::10', prefix: 128, device: 'lo' },
  { kind: 'address', family: 'inet', address: '203.0.113.11', prefix: 32, device: 'tunl0' },
  { kind: 'address', family: 'inet6', address: '2001:db8::11', prefix: 128, device: 'ip6tnl0' },
  ...(['inet', 'inet6'] as const).map((family): Need => {
    const ports = { from: 8080, to: 8090 };
    return { kind: 'answers', family, from: own[family], protocol: 'tcp', ports, gateway: director[family] };
  }),
];

/** All that a boot begins without. */
const forget = `
  ip link delete lan0 2>/dev/null
  ip address flush dev lo scope global
  for family in -4 -6; do
    for priority in $(ip $family rule | sed -n 's/^\\([1-9][0-9]*\\):.*/\\1/p' | grep -v '^3276[67]$'); do
      ip $family rule delete priority $priority
    done
  done
  for link in tunl0 ip6tnl0; do ip link set $link down 2>/dev/null; done
  for module in ipip ip6_tunnel ip_vs_wrr ip_vs; do modprobe -r $module 2>/dev/null; done
  sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0
`;

/** What the set-up could change, without what who rules the network adds to it of his own. */
const state = `
  ip -o address | sed 's/^[0-9]*: //; s/ *valid_lft.*//' | grep -v ' fe80' | sort
  ip rule; ip -6 rule; (ip route show table all; ip -6 route show table all) | grep -v '^local fe80'
  sysctl net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce
  lsmod | cut -d' ' -f1 | grep -x 'ipip\\|ip6_tunnel' | sort
  find /etc/sysctl.d /etc/modules-load.d /etc/systemd/network /etc/network /etc/NetworkManager -name '*ldirectord*' 2>/dev/null
  true
`;

export interface RealServer {
  /** As it comes up: nothing is left but files. */
  boot(): Promise<void>;
  look(): Promise<Facts>;
  /** Sets it up, with files for the next boot; gives what cannot be done. */
  setUp(): Promise<readonly string[]>;
  undo(): Promise<void>;
  /** What it lacks by now. */
  unmet(): Promise<readonly Need[]>;
  state(): Promise<string>;
}

export interface Ruling {
  /** What the boot begins behind the modules and the settings of the kernel. */
  begin(): Promise<unknown>;
  /** What ends before the machine does. */
  end(): Promise<unknown>;
}

export async function realServer(t: TestContext, { begin, end }: Ruling): Promise<RealServer> {
  await addNamespace(t, 'director');
  t.after(async () => {
    await end();
    await run('sh', '-c', forget).catch(() => {});
  });
  const shell = openHere();
  const journalPath = join(await temporaryDirectory(t), 'state', 'setup');
  const site = { server: 'here', addresses: [own.inet] };
  const fleet = {
    each: <S, R>(sites: readonly S[], work: (at: typeof shell, one: S) => Promise<R>) =>
      Promise.all(sites.map((one) => work(shell, one))),
  };
  const going = { isEnding: () => false, signal: new AbortController().signal, onDone: () => {} };
  const begun = async () => (await readJournal(journalPath)).journal.entries.flatMap(({ steps }) => steps);
  const look = async (): Promise<Facts> => {
    const looked = await survey(shell, questionsFor(needs, await begun()), { deadline: 60_000 });
    if (!looked.ok) throw new Error(looked.fault);
    return looked.facts;
  };
  const lacks = async (): Promise<readonly Need[]> => {
    const { machine } = await look();
    return needs.filter((need) => !isMet(need, machine));
  };
  return {
    look,
    unmet: lacks,
    state: () => run('sh', '-c', state),
    async boot() {
      await end();
      await run('sh', '-c', `${forget}\ntrue`);
      await ip('link add lan0 type veth peer name eth0 netns director\n');
      const addresses = Object.values(director).map((address) =>
        address.includes(':') ? `addr add ${address}/64 dev eth0 nodad\n` : `addr add ${address}/24 dev eth0\n`,
      );
      await ip(`${addresses.join('')}link set eth0 up\n`, 'director');
      await run('systemctl', 'restart', 'systemd-modules-load', 'systemd-sysctl');
      await begin();
    },
    async setUp() {
      const { journal } = await readJournal(journalPath);
      await run('modprobe', 'ip_vs');
      const plan = planOf(needs, await begun(), await look(), true);
      const [outcome] = await applyAll(journalPath, journal, [{ ...site, alias: [], plan, needs }], fleet, going);
      const { result } = outcome ?? {};
      if (result?.state !== 'applied' || result.unmet.length > 0) throw new Error(JSON.stringify(outcome));
      return plan.faults;
    },
    async undo() {
      const { journal } = await readJournal(journalPath);
      const [outcome] = await undoAll(journalPath, journal, journal.entries, fleet, going);
      const { fault, left } = outcome?.result ?? {};
      if (fault !== null || left?.length !== 0) throw new Error(JSON.stringify(outcome));
    },
  };
}

/** Packages that are in no guest by themselves: archives of Debian in the folder LAB_PACKAGES; false where they are. */
export function packagesMissing(...names: readonly string[]): string | false {
  const folder = process.env['LAB_PACKAGES'];
  return folder === undefined ? `LAB_PACKAGES names no folder with the archives of ${names.join(', ')}` : false;
}

export async function unpackAll(): Promise<void> {
  const folder = process.env['LAB_PACKAGES'] ?? '';
  await run(
    'sh',
    '-ec',
    `for archive in ${folder}/*.deb; do dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink -C /; done; ldconfig`,
  );
  await run('systemctl', 'daemon-reload');
}
