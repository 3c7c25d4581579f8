/** This program, as it is built, with a table in memory. */

import { nodeFlags } from '../../../src/process/heap.js';
import { cli } from '../../helpers/process.js';
import { type Kind, kinds, received, type Scenario, servicePort } from '../scenario.js';
import type { OwnWord, Peer, PeerName } from './peer.js';

const checks: Record<Kind, string> = {
  http: http('http'),
  kept: `${http('http')}\tkeepalive=yes\n`,
  https: http('https'),
  full: http('https'),
  connect: '\tchecktype=connect\n',
  ping: '\tchecktype=ping\n',
};

function http(service: string): string {
  return `\tservice=${service}\n\trequest="/"\n\treceive="${received}"\n`;
}

/** This version; `before` is another one, whose program is there. */
export const ours = peerAt('ours', cli);
export const before = (program: string): Peer => peerAt('before', program);

function peerAt(name: PeerName, program: string): Peer {
  return {
    name,
    missing: () => null,
    kinds,
    configuration,
    files: { 'ldirectord.ini': 'loglevel = debug\n' },
    command: ({ folder, file }) => ({
      command: [process.execPath, ...nodeFlags, program, '--foreground', '--backend', 'memory', file, 'start'],
      env: { LDIRECTORD_RUN_DIR: folder },
    }),
    removed,
    reweighted,
    added,
    ownWord,
  };
}

/** In the words that the reference knows too; `kept` alone is an extension. */
export function configuration({ kind, services, interval, timeout }: Scenario): string {
  const sections = services.map(
    (service) =>
      `virtual=${service.address}:${servicePort}\n` +
      service.targets.map(({ address, port, weight }) => `\treal=${address}:${port} masq ${weight}\n`).join('') +
      checks[kind],
  );
  const times = `checkinterval=${interval}\nchecktimeout=${timeout}\nnegotiatetimeout=${timeout}\n`;
  return `${times}supervised=yes\n\n${sections.join('\n')}`;
}

export function removed(line: string): string | null {
  return /Deleted real server: (\S+) /.exec(line)?.[1] ?? null;
}

export function reweighted(line: string): string | null {
  return /Restored real server: (\S+) .*\(Weight set to \d+\)/.exec(line)?.[1] ?? null;
}

export function added(line: string): string | null {
  return /Added real server: (\S+) /.exec(line)?.[1] ?? null;
}

/** The line that comes once a second at the level `debug`. */
export function ownWord(line: string): OwnWord | null {
  const match = /Checks: .* (\d+) skipped, .*; late [\d.]+\/([\d.]+)\/([\d.]+) ms/.exec(line);
  return match && { skipped: Number(match[1]), p99: Number(match[2]), worst: Number(match[3]) };
}
