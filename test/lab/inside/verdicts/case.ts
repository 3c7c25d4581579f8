/** One case of a service: a server, what it is asked, and what the two controllers make of it. */

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { ServiceName } from '../../../../src/config/model.js';
import { freePort } from '../../../helpers/free-port.js';
import { type Behaviour, type Listener, listen } from '../../../helpers/listener.js';

export type Verdict = 'up' | 'down';

export interface Case {
  readonly service: ServiceName;
  readonly name: string;
  readonly port: number;
  /** What ours must say. */
  readonly verdict: Verdict;
  /** Lines of the virtual service. */
  readonly settings?: readonly string[];
  /** Why the reference says the opposite; where it is absent, it must say the same. */
  readonly differs?: string;
}

/** Servers of one kind and the cases that they are asked in. */
export interface Farm {
  readonly name: string;
  /** Why its cases cannot be had here; false where they can. */
  readonly missing: string | false;
  /** What it starts ends with the test. */
  start(t: TestContext, peers: BadPeers): Promise<readonly Case[]>;
}

/** Ends the server with the test. */
export async function owned<T extends { close(): unknown }>(t: TestContext, starting: Promise<T>): Promise<T> {
  const server = await starting;
  t.after(() => server.close());
  return server;
}

/** The port of a listener that behaves so. */
export async function scriptedPort(t: TestContext, behave: Behaviour): Promise<number> {
  return (await owned<Listener>(t, listen(behave))).port;
}

/** Ports of peers that are bad to anyone, whatever the protocol. */
export interface BadPeers {
  readonly refused: number;
  readonly closesAtOnce: number;
  readonly garbage: number;
}

export async function startBadPeers(t: TestContext): Promise<BadPeers> {
  const noise = Buffer.concat([Buffer.from([0x00, 0xff]), randomBytes(512), Buffer.from('\r\n')]);
  return {
    refused: await freePort(),
    closesAtOnce: await scriptedPort(t, (socket) => socket.end()),
    garbage: await scriptedPort(t, (socket) => socket.end(noise)),
  };
}

type Bad = 'refused' | 'closes halfway' | 'garbage';

export interface BadOptions {
  readonly settings?: readonly string[];
  /** The port of a server that closes after its first word, where it has one; else one that closes at once. */
  readonly halfway?: number;
  readonly differs?: Readonly<Partial<Record<Bad, string>>>;
}

/** What every service over TCP must find down. */
export function badCases(
  service: ServiceName,
  peers: BadPeers,
  { settings = [], halfway = peers.closesAtOnce, differs = {} }: BadOptions = {},
): Case[] {
  const ports: readonly (readonly [Bad, number])[] = [
    ['refused', peers.refused],
    ['closes halfway', halfway],
    ['garbage', peers.garbage],
  ];
  return ports.map(([name, port]) => {
    const why = differs[name];
    return { service, name, port, verdict: 'down', settings, ...(why !== undefined && { differs: why }) };
  });
}
