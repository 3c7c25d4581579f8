/** Real servers with an sshd in the lab’s networks, their faults, and what the doctor’s round finds of them. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadSettings } from '../../../src/config/settings/settings.js';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import type { Config } from '../../../src/model/config.js';
import type { FindingCode } from '../../../src/path/doctor/codes.js';
import { openHere } from '../../../src/path/here.js';
import { openMachines } from '../../../src/path/ssh/machines.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { goRound } from '../../../src/verbs/doctor/real-servers.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ip, runIn } from './command.js';
import { buildNetwork, type Method, realAddresses, virtualAddress } from './networks.js';
import { loadNfTables, nfTablesMissing } from './nf-tables.js';
import { Peer } from './peer.js';
import { knownHosts, makeKeys, type SshKeys, type SshServer, startSshd } from './ssh-server.js';

const forwarding = { nat: 'masq', dr: 'gate', tun: 'ipip' } as const;
export const { rs1, rs2 } = realAddresses;
/** Where the agent of rs1 is asked. */
export const agentPort = 3333;
/** Milliseconds for a server, in a guest on a busy machine. */
const patience = 120_000;

export interface Lab {
  readonly t: TestContext;
  readonly config: Config;
  readonly ssh: SshSettings;
  readonly keys: SshKeys;
  /** Of rs1; whoever is put into their place is what is there from then on. */
  web: Peer;
  agent: Peer;
  sshd: SshServer;
}

export async function setUp(t: TestContext, method: Method, ...lines: string[]): Promise<Lab> {
  // Who lists rules loads the modules that are there, and the guest's own are not enough.
  if (nfTablesMissing() === false) await loadNfTables();
  await buildNetwork(t, method);
  const folder = await temporaryDirectory(t);
  const keys = await makeKeys(folder);
  const file = join(folder, 'web.cf');
  const servers = [rs1, rs2].map((address) => `real=${address}:80 ${forwarding[method]}`);
  const section = [`virtual=${virtualAddress}:80`, ...servers, 'service=http', `agent=${agentPort}`, ...lines];
  await writeFile(file, `${section.join('\n\t')}\n`);
  const known = join(folder, 'known_hosts');
  await writeFile(known, await knownHosts([rs1, rs2], keys.host));
  // A guest on a busy machine takes seconds to agree on keys.
  const access = [`key=${keys.user}`, 'agent=no', `knownhosts=${known}`, 'timeout=60'];
  await writeFile(join(folder, 'ldirectord.ini'), `[ssh]\n${access.join('\n')}\n`);
  await startSshd(t, 'rs2', keys);
  await Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0', `0.0.0.0:${agentPort}`);
  const { settings } = await loadSettings(file);
  const { config } = await readConfiguration(file, { strict: false });
  assert.ok(config);
  return {
    t,
    config,
    ssh: settings.ssh,
    keys,
    sshd: await startSshd(t, 'rs1', keys),
    web: await Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    agent: await Peer.start(t, 'rs1', 'web-server', 'rs1', `0.0.0.0:${agentPort}`),
  };
}

/** The codes of what is found on these, or on all, by their addresses. */
async function found({ config, ssh }: Lab, ...called: string[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const machines = await openMachines(ssh);
  const here = openHere();
  try {
    const { signal } = new AbortController();
    const outcome = await goRound({ config, called, here, machines, deadline: patience, signal });
    assert.ok(outcome.ok);
    return Object.fromEntries(
      outcome.examinations.map(({ on, findings }) => [
        on === 'director' ? on : on.server,
        findings.map(({ code }) => code),
      ]),
    );
  } finally {
    if (machines.ok) await machines.value.close();
    await here.close();
  }
}

export interface Fault {
  readonly code: FindingCode;
  /** How it comes about, where a code has several ways. */
  readonly by: string;
  readonly begin: (lab: Lab) => Promise<unknown>;
  readonly end: (lab: Lab) => Promise<unknown>;
}

/** Commands of ip(8) on rs1. */
export function byIp(code: FindingCode, begin: string, end: string, by = begin): Fault {
  return { code, by, begin: () => ip(`${begin}\n`, 'rs1'), end: () => ip(`${end}\n`, 'rs1') };
}

/** Settings of rs1. */
export function bySysctl(code: FindingCode, begin: string, end: string): Fault {
  const set = (value: string): Promise<string> => runIn('rs1', 'sysctl', '-qw', value);
  return { code, by: begin, begin: () => set(begin), end: () => set(end) };
}

/** Another listener in the place of the web server's. */
export function byListener(code: FindingCode, at: string | null): Fault {
  return {
    code,
    by: at ?? 'nobody',
    async begin(lab) {
      await lab.web.kill();
      if (at !== null) lab.web = await Peer.start(lab.t, 'rs1', 'web-server', 'rs1', at);
    },
    async end(lab) {
      await lab.web.kill();
      lab.web = await Peer.start(lab.t, 'rs1', 'web-server', 'rs1', '0.0.0.0');
    },
  };
}

/** A chain of what comes in to rs1: its policy, and a rule. */
export function byFirewall(policy: string, rule: string): Fault {
  const chain = `add chain ip lab input { type filter hook input priority 0; policy ${policy}; }`;
  return {
    code: 'port-out-of-reach',
    by: `policy ${policy}, ${rule}`,
    begin: () => runIn('rs1', 'nft', `add table ip lab; ${chain}; add rule ip lab input ${rule}`),
    end: () => runIn('rs1', 'nft', 'delete table ip lab'),
  };
}

export const noAgent: Fault = {
  code: 'agent-port-closed',
  by: 'nobody',
  begin: ({ agent }) => agent.kill(),
  async end(lab) {
    lab.agent = await Peer.start(lab.t, 'rs1', 'web-server', 'rs1', `0.0.0.0:${agentPort}`);
  },
};

export const noSsh: Fault = {
  code: 'ssh-unreachable',
  by: 'no sshd',
  begin: ({ sshd }) => sshd.stop(),
  async end(lab) {
    lab.sshd = await startSshd(lab.t, 'rs1', lab.keys);
  },
};

export const otherKey: Fault = {
  code: 'ssh-host-key-differs',
  by: 'another host key',
  async begin(lab) {
    await lab.sshd.stop();
    lab.sshd = await startSshd(lab.t, 'rs1', { ...lab.keys, host: lab.keys.other });
  },
  async end(lab) {
    await lab.sshd.stop();
    lab.sshd = await startSshd(lab.t, 'rs1', lab.keys);
  },
};

export const vip = `${virtualAddress}/32`;
export const wide = `${virtualAddress}/16`;

/** The service’s address elsewhere than where it belongs. */
export function misplaced(device: string, other: string, code: FindingCode): Fault {
  const [from, to] = [`addr del ${vip} dev ${device}`, `addr add ${vip} dev ${device}`];
  return byIp(code, `${from}\naddr add ${other}`, `addr del ${other}\n${to}`, other);
}

/** What `gate` and `ipip` ask for alike. */
export const quiet: readonly Fault[] = [
  bySysctl('arp-ignore', 'net.ipv4.conf.all.arp_ignore=0', 'net.ipv4.conf.all.arp_ignore=1'),
  bySysctl('arp-announce', 'net.ipv4.conf.all.arp_announce=0', 'net.ipv4.conf.all.arp_announce=2'),
];

const well = { [rs1]: [], [rs2]: [] };

/** One by one: what is found of the next is found of that alone, so the one before is gone. */
export async function inject(lab: Lab, all: readonly Fault[]): Promise<void> {
  assert.deepEqual(await found(lab), well);
  for (const { code, by, begin, end } of all) {
    await begin(lab);
    assert.deepEqual(await found(lab, rs1), { [rs1]: [code] }, `${code} by ${by}`);
    await end(lab);
  }
  assert.deepEqual(await found(lab), well);
}
