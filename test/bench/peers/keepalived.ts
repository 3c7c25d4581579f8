/** keepalived's checkers, with a library that answers for the kernel's IPVS. */

import { join } from 'node:path';
import { lacks } from '../../helpers/programs.js';
import { type Kind, type Scenario, servicePort } from '../scenario.js';
import type { Peer } from './peer.js';

const url = 'url {\npath /\nstatus_code 200\n}';

const checks: Partial<Record<Kind, (limits: string) => string>> = {
  http: (limits) => `HTTP_GET {\n${url}\n${limits}}`,
  https: (limits) => `SSL_GET {\n${url}\n${limits}}`,
  full: (limits) => `SSL_GET {\n${url}\n${limits}}`,
  connect: (limits) => `TCP_CHECK {\n${limits}}`,
  ping: (limits) => `PING_CHECK {\n${limits}}`,
};

export const keepalived: Peer = {
  name: 'keepalived',
  missing: () => lacks('keepalived') || null,
  kinds: ['http', 'https', 'full', 'connect', 'ping'],
  configuration,
  command: ({ folder, file, native }) => ({
    command: ['keepalived', ...flags, '-f', file, '-p', join(folder, 'pid'), '-c', join(folder, 'checkers.pid')],
    env: { LD_PRELOAD: native.keepalivedShim },
  }),
  removed: (line) => serverIn(/Removing service (\S+) from VS/, line),
  reweighted: (line) => serverIn(/Changing weight .* service (\S+) of VS/, line),
};

/** The checkers alone, in the foreground, the log on the console and not in the system's. */
const flags = ['-C', '-n', '-l', '-G'];

/** One failure decides, as with ours: no second attempt. */
export function configuration({ kind, services, interval, timeout }: Scenario): string {
  const check = checks[kind]?.(`connect_timeout ${timeout}\nretry 0\ndelay_before_retry 1\n`);
  if (check === undefined) throw new Error(`keepalived has no check for ${kind}`);
  const sections = services.map(
    (service) =>
      `virtual_server ${service.address} ${servicePort} {\n` +
      `delay_loop ${interval}\nlb_algo wrr\nlb_kind NAT\nprotocol TCP\n` +
      service.targets
        .map(({ address, port, weight }) => `real_server ${address} ${port} {\nweight ${weight}\n${check}\n}\n`)
        .join('') +
      '}\n',
  );
  return `global_defs {\n}\n${sections.join('')}`;
}

/** It writes `[ADDRESS]:tcp:PORT`. */
function serverIn(pattern: RegExp, line: string): string | null {
  const name = pattern.exec(line)?.[1];
  return name?.replace(/^\[(.*)\]:\w+:(\d+)$/, '$1:$2') ?? null;
}
