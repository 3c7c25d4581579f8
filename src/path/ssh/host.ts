/** A machine that is logged in to, and the way to it. */

import type { Duplex } from 'node:stream';
import type { ShellFault } from '../shell.js';
import { type HostName, nameInFile, usualPort } from './known-hosts.js';

export interface SshHost extends HostName {
  /** Where it is connected to. */
  readonly address: string;
  readonly user: string;
  /** `root@gate.example.com`, where it is reached by another one. */
  readonly through: string | null;
}

/** The way to an address and port: straight, or through another host. The stream is open, and whoever asks owns it. */
export type Way = (host: SshHost, signal: AbortSignal) => Promise<Duplex | ShellFault>;

export function isFault(outcome: object): outcome is ShellFault {
  return 'remedy' in outcome;
}

/** As people call it: `root@web1.example.com`, `root@[10.0.0.1]:2222`. */
export function whereOf({ user, names, address, port }: SshHost): string {
  return `${user}@${nameInFile(names[0] ?? address, port)}`;
}

/** What writes its keys down. */
export function scanOf({ address, port, through }: SshHost, file: string): string {
  const there = through === null ? '' : `ssh ${through} `;
  return `${there}ssh-keyscan ${port === usualPort ? '' : `-p ${port} `}${address} >> ${file}`;
}
