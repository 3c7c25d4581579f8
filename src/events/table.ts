/** Events: the table, and what is told of its changes outside of the log. */

import type { Failure } from '../ipvs/backend.js';
import type { AlertPhase } from '../model/config.js';
import type { Change } from '../reconcile/changes.js';

export type TableEvent =
  /** `status` is what the daemon was doing, as `emailalertstatus` calls it. */
  | { readonly type: 'table-changed'; readonly change: Change; readonly status: AlertPhase }
  | {
      readonly type: 'table-audited';
      readonly services: number;
      readonly destinations: number;
      /** Entries that were not as they should be; they have been put right. */
      readonly differences: number;
    }
  /** A mail is to tell of it; alerts that come together become one. */
  | { readonly type: 'alert-raised'; readonly text: string }
  | {
      readonly type: 'mail-failed';
      readonly subject: string;
      readonly recipients: readonly string[];
      readonly reason: string;
      /** Seconds until it is tried again; null where it is given up. */
      readonly retryIn: number | null;
    }
  /** As many mails went to these recipients as may in an hour: changes wait so many seconds, reminders are left out. */
  | {
      readonly type: 'mails-held';
      readonly recipients: readonly string[];
      readonly news: 'change' | 'reminder';
      readonly limit: number;
      readonly wait: number;
    }
  /** A command of the file has ended, or could not begin. */
  | {
      readonly type: 'command-ended';
      readonly command: string;
      readonly ok: boolean;
      readonly outcome: string;
      /** The first lines of its output. */
      readonly output: readonly string[];
    }
  /** The table was brought up to date, or was found to be: what that took, in milliseconds. */
  | {
      readonly type: 'table-kept';
      /** Null where it was known without a look. */
      readonly read: number | null;
      readonly plan: number;
      /** 0 where nothing was to be changed. */
      readonly apply: number;
      readonly operations: number;
      readonly ok: boolean;
    }
  | { readonly type: 'table-drifted'; readonly objects: readonly string[] }
  /** Somebody changes these back each time that they are put right. */
  | { readonly type: 'table-contested'; readonly objects: readonly string[] }
  | { readonly type: 'table-failed'; readonly object: string; readonly failure: Failure }
  /** So many services came into the table, or went from it, since this director has become active or passive. */
  | { readonly type: 'table-followed'; readonly entered: number; readonly left: number };

export const tableSentences: Readonly<Record<TableEvent['type'], string>> = {
  'table-changed': 'an entry was added to the table, changed in it or removed from it',
  'table-drifted':
    'entries of the table were changed by somebody else; says which; the changes that put them right follow',
  'table-contested':
    'entries were changed back three times in a row after they were put right, as by a second director; from then on they are put right less often',
  'table-audited': 'the whole table was compared with the wanted one on schedule; says what was found',
  'alert-raised':
    'a change, or a server that stays down, is to be told by mail; of those that one mail lists the first three are said, and how many more there are',
  'mail-failed': 'a mail could not be handed over; says whether it is tried again',
  'mails-held': 'as many mails went to the same recipients as `maillimit` allows; says what becomes of further ones',
  'command-ended':
    '`fallbackcommand`, `callback` or a command of `[announce]` has ended; says how, and what it printed',
  'table-kept': 'each time the table was compared with the wanted one; says how long that took; not in the log',
  'table-failed': 'the backend refused an entry or did not answer; it is tried again',
  'table-followed':
    'with `table = active`: services came into the table, or went from it, since this director has become active or passive; says how many. Their entries are not told one by one',
};
