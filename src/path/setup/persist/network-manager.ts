/**
 * A script for NetworkManager's dispatcher(8): a keyfile can neither add to a link that somebody else has configured, nor
 * be of a tunnel that the kernel has by itself.
 */

import type { Change } from '../../needs/change.js';
import { bootCommand } from './boot-command.js';
import type { WantedFile } from './files.js';
import { header } from './kernel-files.js';

const path = '/etc/NetworkManager/dispatcher.d/60-ldirectord';

export function networkManagerFiles(changes: readonly Change[]): WantedFile[] {
  const lines = [
    '#!/bin/sh',
    header,
    '# For each link that comes up: before the first one nobody asks for an address.',
    '[ "$2" = up ] || exit 0',
    ...changes.map(bootCommand),
    'exit 0',
  ];
  return [{ path, text: lines.map((line) => `${line}\n`).join(''), mode: '755' }];
}
