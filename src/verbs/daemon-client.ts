/** How verbs reach the daemon that runs for their configuration. */

import { findConfiguration } from '../config/find.js';
import { AskError, ask, askOnce } from '../control/client.js';
import { runtimePath } from '../process/pid-file.js';
import type { BriefVirtual } from '../status/brief.js';
import type { Counts, Status, VirtualStatus } from '../status/model.js';
import { gather } from '../status/streamed.js';
import type { Command } from './command.js';

export interface DaemonClient {
  /** Of the configuration. */
  readonly file: string;
  /** The data of each answer. Throws an AskError. */
  stream(verb: string, given?: object, patience?: number | null): AsyncGenerator<unknown>;
  /** The one answer. */
  once(verb: string, given?: object, patience?: number | null): Promise<unknown>;
}

/** Returns whether or not a daemon runs. Once the signal is given nobody waits for answers any more. */
export async function daemonClient({ config }: Pick<Command, 'config'>, signal?: AbortSignal): Promise<DaemonClient> {
  const { file, name } = await findConfiguration(config);
  const path = runtimePath(name, 'sock', process.env);
  const options = (patience: number | null | undefined) => ({
    ...(patience !== undefined && { patience }),
    ...(signal && { signal }),
  });
  return {
    file,
    stream: (verb, given = {}, patience = undefined) => ask(path, verb, { ...given }, options(patience)),
    once: (verb, given = {}, patience = undefined) => askOnce(path, verb, { ...given }, options(patience)),
  };
}

/** Nobody listens, so that nothing was asked. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof AskError && error.code === 'unreachable';
}

/** The daemon is not there, or went while it was asked: it may come back. */
export function isAway(error: unknown): boolean {
  return isUnreachable(error) || (error instanceof AskError && ['broken', 'stopping', 'busy'].includes(error.code));
}

export interface Listed<V = VirtualStatus> {
  readonly head: Omit<Status, 'virtuals'>;
  /** Of what was asked for. */
  readonly found: Counts;
  /** As they come; whoever takes no more ends the connection. */
  readonly virtuals: AsyncGenerator<V>;
}

/** `given` is what of it is asked for. */
export function listFrom(client: DaemonClient, given: object = {}): Promise<Listed> {
  return streamFrom(client, given);
}

/** The same, of each what a listing shows; of a daemon that is older than this program everything. */
export function briefListFrom(client: DaemonClient, given: object): Promise<Listed<BriefVirtual>> {
  return streamFrom(client, { ...given, brief: true });
}

async function streamFrom<V>(client: DaemonClient, given: object): Promise<Listed<V>> {
  const answers = client.stream('list', given);
  const first = await answers.next();
  if (first.done) throw new AskError('broken', 'the daemon answered nothing');
  const { found, ...head } = first.value as Omit<Status, 'virtuals'> & Partial<Pick<Listed, 'found'>>;
  // One that is older than this program says nothing of that.
  return { head, found: found ?? head.counts, virtuals: answers as AsyncGenerator<V> };
}

export async function statusFrom(client: DaemonClient): Promise<Status> {
  return gather(await listFrom(client));
}
