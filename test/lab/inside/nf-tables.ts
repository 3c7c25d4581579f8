/** nf_tables in the guest: what test/lab/nf-tables.sh has compiled for its kernel. */

import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { run } from './command.js';

const folder = join('/var/cache/ldirectord-lab-modules', release());
/** Each after those that it needs. */
const modules = ['nf_nat', 'nf_tables', 'nft_chain_nat', 'nft_masq'];

/**
 * False where the guest can have it; otherwise why a test that needs it is skipped. With LAB=required that is only where
 * the sources of its kernel are not to be had.
 */
export function nfTablesMissing(): string | false {
  if (existsSync(join(folder, 'nf_tables.ko'))) return false;
  if (existsSync(`${folder}.reason`))
    return `there is no nf_tables for this guest: ${readFileSync(`${folder}.reason`, 'utf8').trim()}`;
  if (process.env['LAB'] === 'required') return false;
  return `there is no nf_tables for this guest: sh test/lab/nf-tables.sh compiles it`;
}

/** Once for a guest. */
export async function loadNfTables(): Promise<void> {
  await run('modprobe', '-a', 'nfnetlink', 'nf_conntrack', 'libcrc32c');
  for (const module of modules) {
    if (!existsSync(join('/sys/module', module))) await run('insmod', join(folder, `${module}.ko`));
  }
  await run('modprobe', '-a', 'nft_ct', 'nft_objref');
}
