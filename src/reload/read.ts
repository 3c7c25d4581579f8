/** Reading a configuration file with everything that can be said about it. */

import { refusals } from '../checks/refusals.js';
import type { Diagnostic } from '../config/diagnostics/diagnostics.js';
import { adviseOnKernel } from '../config/diagnostics/kernel-advice.js';
import { adviseOnPackets } from '../config/diagnostics/packet-advice.js';
import { adviseOnPaths } from '../config/diagnostics/path-advice.js';
import { interpret, type Loaded, type LoadOptions } from '../config/load.js';
import { readText } from '../config/text.js';
import { type Capabilities, capabilitiesOf } from '../ipvs/capabilities.js';
import type { Config } from '../model/config.js';
import { nftIsThere } from '../path/packets/nft.js';
import { readIpvsSettings } from '../process/ipvs-settings.js';
import { adviseOnBackend } from '../reconcile/advice/backend-advice.js';
import { adviseOnBalancer } from '../reconcile/advice/balancer-advice.js';
import { adviseOnTable } from '../reconcile/advice/table-advice.js';
import { inSlices } from '../slices.js';
import { manyLookups } from './lookups.js';
import { findPathFacts } from './path-facts.js';

/** For everybody in this process who is not told otherwise. */
export const sharedLookup = manyLookups();

/** A configuration that was read without an error. */
export type Valid = Loaded & { readonly config: Config };

export interface ReadOptions extends LoadOptions {
  /** Of the backend that is to hold the table; the kernel's where it is not said. */
  readonly capabilities?: Capabilities;
}

/** Rejects where the file cannot be read. A service that cannot be checked yet is an error. */
export async function readConfiguration(file: string, options: ReadOptions): Promise<Loaded> {
  return understand(await readText(file), options);
}

/** The same of a text. Never rejects. */
export async function understand(text: string, options: ReadOptions): Promise<Loaded> {
  const loaded = await interpret(text, { lookup: sharedLookup, ...options });
  if (loaded.config === null) return loaded;
  const { capabilities = capabilitiesOf('auto') } = options;
  const { table, refused } = await adviceOf(loaded.config, capabilities);
  const found = [
    ...table,
    // Who passes streams listens by itself; elsewhere the kernel passes packets, or would.
    ...(capabilities.passes === 'streams'
      ? await inSlices(adviseOnBalancer(loaded.config))
      : [
          ...adviseOnKernel(loaded.config, await readIpvsSettings()),
          ...adviseOnPaths(loaded.config, await findPathFacts(loaded.config)),
          ...(await adviseOnPackets(loaded.config, nftIsThere)),
        ]),
    ...refused,
  ];
  const isUsable = found.every(({ severity }) => severity !== 'error');
  return { ...loaded, config: isUsable ? loaded.config : null, diagnostics: [...loaded.diagnostics, ...found] };
}

/** What is to be said of a configuration whatever the machine is like. */
interface Advice {
  readonly capabilities: Capabilities;
  readonly table: readonly Diagnostic[];
  readonly refused: readonly Diagnostic[];
}

const advice = new WeakMap<Config, Advice>();

/** Once for a configuration, however often its file is read again. */
async function adviceOf(config: Config, capabilities: Capabilities): Promise<Advice> {
  const known = advice.get(config);
  if (known?.capabilities === capabilities) return known;
  const refused = await inSlices(refusals(config));
  const table = [
    ...(await inSlices(adviseOnTable(config))),
    ...(await inSlices(adviseOnBackend(config, capabilities))),
  ];
  const found = { capabilities, table, refused };
  advice.set(config, found);
  return found;
}
