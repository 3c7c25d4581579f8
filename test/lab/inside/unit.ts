/** The unit under systemd, and what it balances for the client in its namespace. */

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';
import { Client } from './client.js';
import { run } from './command.js';
import { eventually } from './eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './networks.js';
import { Peer } from './peer.js';
import { savedRules } from './table.js';

export const unit = 'ldirectord.service';
/** What the unit runs. */
export const file = '/etc/ha.d/ldirectord.cf';
export const pidFile = '/var/run/ldirectord.ldirectord.pid';

export function configuration(weight: number): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address}:80 masq ${weight}\n`);
  return `checkinterval=1\nvirtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n\trequest="/alive"\n`;
}

/** The rules of the table while both servers stand with this weight. */
export function rules(weight: number): string[] {
  const service = `-t ${virtualAddress}:80`;
  const reals = Object.values(realAddresses).map((address) => `-a ${service} -r ${address}:80 -m -w ${weight}`);
  return [`-A ${service} -s wrr`, ...reals].toSorted();
}

export async function property(name: string): Promise<string> {
  return (await run('systemctl', 'show', '--value', '-p', name, unit)).trim();
}

export async function journal(): Promise<string> {
  return run('journalctl', '--no-pager', '-o', 'cat', '-u', unit);
}

/** Waits for the table, and says what the daemon said where it does not come. */
export async function tableIs(expected: readonly string[]): Promise<void> {
  await eventually(`the table is\n${expected.join('\n')}`, async () => {
    return (await savedRules()).join('\n') === expected.join('\n');
  }).catch(async (error: Error) => {
    throw new Error(`${error.message}\nit is\n${(await savedRules()).join('\n')}\nthe journal:\n${await journal()}`);
  });
}

/** It runs, under the pid that the file and the manager name; gives that pid. */
export async function assertRuns(): Promise<number> {
  const [state, pid] = await Promise.all([property('ActiveState'), property('MainPID')]);
  assert.equal(state, 'active', await journal());
  assert.equal(await readFile(pidFile, 'utf8'), `${pid}\n`);
  return Number(pid);
}

/**
 * This machine's manuals, thousands, go but for one, before anything is installed or removed: the index of all of them
 * takes half a minute to write anew, and those of others are nobody's affair here.
 */
export async function fewManuals(): Promise<void> {
  const [pages, index] = ['/usr/share/man', '/var/cache/man'] as const;
  const page = `${pages}/man8/ipvsadm.8.gz`;
  const text = await readFile(page);
  for (const folder of [pages, index]) await run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'none', folder);
  await mkdir(dirname(page));
  await writeFile(page, text);
  await run('chown', 'man:man', index);
  await run('mandb', '--quiet', '--create');
}

/** The client's network with both servers, and a client. */
export async function scene(t: TestContext): Promise<{ client: Client; first: Peer }> {
  await buildNetwork(t, 'nat');
  const [client, first] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  ]);
  return { client, first };
}
