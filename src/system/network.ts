/** What this machine's links and routes say of its network, in words. */

import { readdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { readBounded } from './bounded-file.js';

/** Where the kernel tells of its links and routes (sysfs(5), proc(5)). */
export interface NetworkFiles {
  readonly links: string;
  readonly routes: string;
}

const kernelFiles: NetworkFiles = { links: '/sys/class/net', routes: '/proc/net/route' };
/** Bytes: a router can have very many routes, of which the first are enough. */
const largestFile = 4 * 1024 * 1024;
/** Links that are named. */
const most = 8;

/** `eth0 up, eth1 down; default route by eth0`. Never rejects. */
export async function networkWords(files = kernelFiles): Promise<string> {
  const [links, routes] = await Promise.all([linkWords(files.links), routeWords(files.routes)]);
  return `${links}; ${routes}`;
}

async function linkWords(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return 'links not known';
  const others = names.filter((name) => name !== 'lo').toSorted();
  if (others.length === 0) return 'no link but lo';
  const addressed = networkInterfaces();
  const words = await Promise.all(
    others.slice(0, most).map(async (name) => {
      const state = await stateOf(join(folder, name, 'operstate'));
      return `${name} ${state}${addressed[name] === undefined ? ' without an address' : ''}`;
    }),
  );
  const more = others.length > most ? [`${others.length - most} more`] : [];
  return [...words, ...more].join(', ');
}

/** Virtual links do not know; they carry packets all the same (RFC 2863, ifOperStatus). */
async function stateOf(path: string): Promise<string> {
  const state = await readBounded(path, largestFile).then(
    (text) => text.toString('latin1').trim(),
    () => 'gone',
  );
  return state === 'unknown' ? 'up' : state;
}

async function routeWords(path: string): Promise<string> {
  const text = await readBounded(path, largestFile).catch(() => null);
  if (text === null) return 'routes not known';
  const routes = text
    .toString('latin1')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const [link] =
    routes.find(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000') ?? [];
  return link === undefined ? 'no default route of IPv4' : `default route of IPv4 by ${link}`;
}
