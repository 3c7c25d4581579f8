/** Announcing, with the announcers that sections of the settings name. */

import type { AnnouncedBy } from '../../config/settings/announce-rows.js';
import type { Announcer } from './announcer.js';
import { Announcing, type AnnouncingOptions } from './announcing.js';
import { AddressAnnouncer, type Keeper } from './by-address.js';
import { CommandAnnouncer } from './by-command.js';
import { ExabgpAnnouncer } from './by-exabgp.js';

export interface OpenOptions extends Omit<AnnouncingOptions, 'open'> {
  readonly keeper: Keeper;
  /** Milliseconds. */
  readonly commandTimeout: () => number;
}

export function openAnnouncing({ keeper, commandTimeout, ...options }: OpenOptions): Announcing {
  const { publish } = options;
  const open = (by: AnnouncedBy, onChange: () => void): Announcer => {
    switch (by.how) {
      case 'address':
        return new AddressAnnouncer(by.device, keeper);
      case 'exabgp':
        return new ExabgpAnnouncer(by.pipe, { onChange });
      default:
        return new CommandAnnouncer({ command: by.command, publish, timeout: commandTimeout, onChange });
    }
  };
  return new Announcing({ ...options, open });
}
