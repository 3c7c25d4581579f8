/** Many machines: who logs in to them, by which way, and to how many at once. */

import { setMaxListeners } from 'node:events';
import type { SshSettings } from '../../config/settings/ssh-rows.js';
import type { Shell } from '../shell.js';
import { type Access, ownSurroundings, readAccess, type Surroundings } from './access.js';
import { openConnection } from './connection.js';
import { type SshHost, type Way, whereOf } from './host.js';
import { jumpHostOf, wayThrough } from './jump-host.js';
import { usualPort } from './known-hosts.js';
import { Line } from './line.js';
import type { Read } from './secret-file.js';
import { shellOn } from './shell.js';
import { straightWay } from './straight.js';

/** One that scripts can run on. */
export interface MachineName {
  readonly address: string;
  /** As the configuration calls it; known_hosts may have it under each of them, and under the address. */
  readonly names: readonly string[];
}

export interface EachOptions {
  /** Ends what runs and lets nothing begin: each piece of work sees it, and says so in its result. */
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Machines {
  /** Connects when it is first used, and again where that was lost. Whoever asks closes it. */
  shell(machine: MachineName): Shell;
  /**
   * One piece of work for each, with a shell that is closed behind it; as many at once as the settings allow. Results
   * are in the order of the machines. Rejects where a piece of work does, when those that run have ended.
   */
  each<T extends MachineName, R>(
    machines: readonly T[],
    work: (shell: Shell, machine: T, signal: AbortSignal) => Promise<R>,
    options: EachOptions,
  ): Promise<R[]>;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Reads what logging in needs, and connects to nobody yet. */
export async function openMachines(
  settings: SshSettings,
  surroundings: Surroundings = ownSurroundings(),
): Promise<Read<Machines>> {
  const access = await readAccess(settings, surroundings);
  return access.ok ? { ok: true, value: machinesBy(settings, access.value) } : access;
}

function machinesBy(settings: SshSettings, access: Access): Machines {
  const lines = new Set<Line>();
  const lineTo = (host: SshHost, way: Way): Line => {
    const deadline = settings.timeout * 1000;
    const line = new Line(whereOf(host), (signal) => openConnection(host, access, way, { deadline, signal }));
    lines.add(line);
    return line;
  };
  const jump = settings.jumpHost === null ? null : jumpHostOf(settings.jumpHost, settings.user);
  const way = jump === null ? straightWay : wayThrough(lineTo(jump, straightWay));

  const shell = ({ address, names }: MachineName): Shell => {
    const host: SshHost = {
      user: settings.user,
      address,
      port: settings.port,
      names: [...new Set([...names, address])],
      through: jump && `${jump.user}@${jump.address}${jump.port === usualPort ? '' : ` -p ${jump.port}`}`,
    };
    const line = lineTo(host, way);
    const { run, close } = shellOn(host, line, access.sudoPassword);
    return {
      run,
      close: () => {
        lines.delete(line);
        return close();
      },
    };
  };

  return {
    shell,
    async each(machines, work, { signal, onProgress }) {
      const stop = new AbortController();
      // Each run listens, and what it does.
      setMaxListeners(0, stop.signal);
      const onAbort = (): void => stop.abort();
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      let done = 0;
      try {
        return await inTurns(machines, settings.limit, async (machine) => {
          const its = shell(machine);
          try {
            return await work(its, machine, stop.signal);
          } catch (error) {
            stop.abort();
            throw error;
          } finally {
            await its.close();
            done += 1;
            onProgress?.(done, machines.length);
          }
        });
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    async close() {
      await Promise.all([...lines].map((line) => line.close()));
      lines.clear();
    },
  };
}

/** At most so many at once; the results in order. Where one fails no other begins, and those that run are waited for. */
async function inTurns<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  let failure: { readonly error: unknown } | null = null;
  const next = async (): Promise<void> => {
    // All take from one iterator.
    for (const [index, item] of rest) {
      try {
        results[index] = await work(item);
      } catch (error) {
        failure ??= { error };
      }
      if (failure !== null) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, next));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return results;
}
