/**
 * What of announcements the next run has to know: which addresses were healthy, for as long as the machine is up, since
 * nothing stands in its table after that; and that clients are to go to other directors, until somebody takes it back.
 */

import { isReason, isWho, type Origin } from '../../model/origin.js';
import { bootId } from '../../system/boot.js';
import { readBounded } from '../../system/bounded-file.js';
import { inTime } from '../../system/own-journal.js';
import { putAside } from '../../system/put-aside.js';
import { replaceFile } from '../../system/replace-file.js';
import type { VipState } from './course.js';

export interface KeptAnnouncements {
  /** By address. */
  readonly states: ReadonlyMap<string, VipState>;
  /** Who hands this director over, when and why; null where nobody does. */
  readonly handover: Origin | null;
}

export interface AnnouncementFile {
  /** What the run before has kept; `fault` is why that is not known, or null. Never rejects. */
  read(): Promise<KeptAnnouncements & { readonly fault: string | null }>;
  /** Whole or not at all. Rejects where it cannot be written. */
  write(kept: KeptAnnouncements): Promise<void>;
}

const nothing: KeptAnnouncements = { states: new Map(), handover: null };
/** For those that have nowhere to keep it. */
export const noAnnouncementFile: AnnouncementFile = {
  read: async () => ({ ...nothing, fault: null }),
  write: async () => {},
};

/** Bytes. */
const largestFile = 16 * 1024 * 1024;
const version = 1;

export function announcementFile(path: string, boot: () => Promise<string> = bootId): AnnouncementFile {
  return {
    read: async () => {
      try {
        const [text, now] = await inTime(Promise.all([readBounded(path, largestFile), boot()]));
        return { ...parse(text.toString('utf8'), now), fault: null };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ...nothing, fault: null };
        const then = await putAside(path).then(
          (aside) => `it is ${aside} now`,
          ({ message }: Error) => message,
        );
        return { ...nothing, fault: `${path}: ${(error as Error).message}; ${then}` };
      }
    },
    write: async ({ states, handover }) => {
      const vips = [...states].map(([address, state]) => ({ address, ...state }));
      const text = JSON.stringify({ ldirectord: 'announcements', v: version, boot: await boot(), vips, handover });
      await inTime(replaceFile(path, `${text}\n`, 0o600));
    },
  };
}

/** Throws where it is something else. */
function parse(text: string, now: string): KeptAnnouncements {
  const { ldirectord, v, boot, vips, handover } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  const isWhole = ldirectord === 'announcements' && v === version && Array.isArray(vips) && vips.every(isVip);
  if (!isWhole || !(handover === null || isOrigin(handover))) throw new Error('it holds something else');
  const states = boot === now ? vips.map(({ address, ...state }): [string, VipState] => [address, state]) : [];
  return { states: new Map(states), handover };
}

function isVip(value: unknown): value is VipState & { readonly address: string } {
  const { address, isHealthy, since, isUp } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof address === 'string' &&
    typeof isHealthy === 'boolean' &&
    typeof since === 'number' &&
    typeof isUp === 'boolean'
  );
}

function isOrigin(value: unknown): value is Origin {
  const { who, since, why } = (value ?? {}) as Record<string, unknown>;
  const isKnown =
    (who === null || (typeof who === 'string' && isWho(who))) &&
    (why === null || (typeof why === 'string' && isReason(why)));
  return typeof value === 'object' && value !== null && isKnown && (since === null || typeof since === 'number');
}
