/** How verbs reach the daemon that runs for their configuration. */

import { findConfiguration } from '../config/find.js';
import { AskError, ask, askOnce } from '../control/client.js';
import { runtimePath } from '../process/pid-file.js';
import type { Status, VirtualStatus } from '../status/model.js';
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

export async function statusFrom(client: DaemonClient): Promise<Status> {
  let head: Omit<Status, 'virtuals'> | null = null;
  const virtuals: VirtualStatus[] = [];
  for await (const data of client.stream('list')) {
    if (head === null) head = data as Omit<Status, 'virtuals'>;
    else virtuals.push(data as VirtualStatus);
  }
  if (head === null) throw new AskError('broken', 'the daemon answered nothing');
  return { ...head, virtuals };
}
