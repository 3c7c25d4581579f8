/** nf_tables in the guest, with the families that carry IP. */

import { run } from './command.js';
import { loadModules, moduleMissing } from './compiled-modules.js';

/** Each after those that it needs. */
const modules = ['nf_nat', 'nf_tables', 'nft_chain_nat', 'nft_masq'];

/** False where the guest can have it; otherwise why a test that needs it is skipped. */
export function nfTablesMissing(): string | false {
  return moduleMissing('nf_tables');
}

/** Once for a guest. */
export async function loadNfTables(): Promise<void> {
  await run('modprobe', '-a', 'nfnetlink', 'nf_conntrack', 'libcrc32c');
  await loadModules(...modules);
  await run('modprobe', '-a', 'nft_ct', 'nft_objref');
}
