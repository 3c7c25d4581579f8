/** Networks and configurations for marks and masquerading. */

import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { cli } from '../../helpers/process.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { Client } from './client.js';
import { run } from './command.js';
import { eventually } from './eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './networks.js';
import { Peer } from './peer.js';

const { rs1, rs2 } = realAddresses;
export const globals = 'checkinterval=1\nchecktimeout=6\nnegotiatetimeout=6\nquiescent=no\n';

export interface Section {
  readonly at?: string;
  readonly ports?: string;
  readonly reals?: readonly string[];
  readonly weights?: readonly number[];
  readonly lines?: readonly string[];
}

/** A virtual by masquerading, whose servers are checked at port 80. */
export function section({
  at = virtualAddress,
  ports,
  reals = [rs1, rs2],
  weights = [1, 1],
  lines = [],
}: Section): string {
  const port = ports === undefined ? ':80' : '';
  const list = ports === undefined ? [] : [`ports=${ports}`];
  const servers = reals.map((real, index) => `real=${real}${port} masq ${weights[index] ?? 1}`);
  return [`virtual=${at}`, ...list, ...servers, 'service=http', 'checkport=80', 'request="/alive"', ...lines].join(
    '\n\t',
  );
}

export async function setUpPackets(t: TestContext) {
  await buildNetwork(t, 'nat');
  const listen = ['0.0.0.0:80', '0.0.0.0:81', '0.0.0.0:8005'];
  await Peer.start(t, 'rs1', 'web-server', 'rs1', ...listen);
  await Peer.start(t, 'rs2', 'web-server', 'rs2', ...listen);
  await run('sysctl', '-qw', 'net.ipv4.vs.conntrack=1');
  const file = join(await temporaryDirectory(t), 'web.cf');
  t.after(async () => {
    await run('ipvsadm', '-C');
    await run('nft', 'flush', 'ruleset');
  });
  return { file, table: `ldirectord_${basename(file)}`, client: (url: string) => Client.start(t, 'client', url) };
}

export function ask(file: string, ...words: string[]): Promise<string> {
  return run(process.execPath, cli, '--backend', 'kernel', file, ...words);
}

export function ruleset(): Promise<string> {
  return run('nft', 'list', 'ruleset');
}

export async function stands(text: string): Promise<boolean> {
  return (await ruleset()).includes(text);
}

export async function untilServed(client: Client): Promise<void> {
  await eventually('clients are served', async () => {
    const answers = await client.ask(4);
    return new Set(answers.map(({ from }) => from)).size === 2 && answers.every(({ from }) => from !== null);
  });
}
