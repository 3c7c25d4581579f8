/** A program that checks: how it is told what to check, started and understood. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import type { Native } from '../native.js';
import { Program } from '../program.js';
import type { Kind, Scenario } from '../scenario.js';

/** `before` is another version of ours. */
export type PeerName = 'ours' | 'before' | 'keepalived' | 'reference' | 'haproxy' | 'nginx';

export interface Place {
  readonly folder: string;
  /** The configuration. */
  readonly file: string;
  readonly native: Native;
}

export interface Peer {
  readonly name: PeerName;
  /** Why it cannot be measured here, or null. */
  readonly missing: () => string | null;
  readonly kinds: readonly Kind[];
  readonly configuration: (scenario: Scenario) => string;
  /** What stands beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly command: (place: Place) => {
    readonly command: readonly [string, ...string[]];
    readonly env: NodeJS.ProcessEnv;
  };
  /** Which real server, as `ADDRESS:PORT`, a line of its log says to be out of the table; null for other lines. */
  readonly removed: (line: string) => string | null;
  /** Which one such a line says to have another weight. */
  readonly reweighted: (line: string) => string | null;
  /** Which one such a line says to be new in the table. */
  readonly added?: (line: string) => string | null;
  /** What such a line says of the second before it. */
  readonly ownWord?: (line: string) => OwnWord | null;
}

/** How punctual a program says that its checks began. */
export interface OwnWord {
  /** Milliseconds after they were due. */
  readonly p99: number;
  readonly worst: number;
  readonly skipped: number;
}

/** Whose work a peer does: another version of ours does what ours does. */
export function workOf(name: PeerName): PeerName {
  return name === 'before' ? 'ours' : name;
}

export interface Running {
  readonly program: Program;
  /** Writes another configuration and has it taken over; when, in milliseconds of performance.now(), it was told so. */
  reload(scenario: Scenario): Promise<number>;
}

export async function startPeer(
  bench: Bench,
  peer: Peer,
  scenario: Scenario,
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  const { folder, native, cores } = bench;
  const file = join(folder, `${peer.name}.cf`);
  for (const [name, text] of Object.entries(peer.files ?? {})) await writeFile(join(folder, name), text);
  await writeFile(file, peer.configuration(scenario));
  const how = peer.command({ folder, file, native });
  const program = new Program({ command: how.command, cores: cores.checkers, env: { ...how.env, ...env } });
  bench.resources.add(() => program.stop());
  return {
    program,
    async reload(next) {
      await writeFile(file, peer.configuration(next));
      program.signal('SIGHUP');
      return performance.now();
    },
  };
}
