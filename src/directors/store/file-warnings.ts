/** Files of [store] that cannot be used as they are. */

import type { Diagnostic } from '../../config/diagnostics/diagnostics.js';
import type { SettingFault } from '../../config/settings/rows.js';
import type { LoadedSettings } from '../../config/settings/settings.js';
import { unusable } from './etcd/credentials.js';

const code: SettingFault = 'unreadable-file';

/** Warnings with places in the settings file. */
export async function storeFileWarnings({ settings, places }: LoadedSettings): Promise<readonly Diagnostic[]> {
  const found = await unusable(settings.store);
  return found.map(({ key, reason }) => {
    const span = places.get(`store ${key}`) ?? { line: 1, column: 1, length: 0 };
    return { severity: 'warning', code, message: `${reason}; the store is not reached`, span };
  });
}
