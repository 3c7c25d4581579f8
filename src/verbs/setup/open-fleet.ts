/** The shells of one run: this machine's, and those of real servers, over SSH as the settings say. */

import { loadSettings } from '../../config/settings/settings.js';
import { openHere } from '../../path/here.js';
import type { Fleet, Site } from '../../path/setup/fleet.js';
import type { Shell, ShellFault } from '../../path/shell.js';
import { type Machines, openMachines } from '../../path/ssh/machines.js';
import type { Interruption } from './interruption.js';

/** Reads what logging in needs once a real server is asked for: who sets this machine up needs none of it. */
export function openFleet(file: string, { signal }: Interruption): Fleet & { readonly close: () => Promise<void> } {
  const here = openHere();
  let machines: Promise<Awaited<ReturnType<typeof openMachines>>> | null = null;
  const readMachines = async () => openMachines((await loadSettings(file)).settings.ssh);
  return {
    async each<S extends Site, R>(sites: readonly S[], work: (shell: Shell, site: S) => Promise<R>) {
      const results = new Map<S, R>();
      for (const site of sites) if (site.server === null) results.set(site, await work(here, site));
      const reals = sites.filter(({ server }) => server !== null);
      if (reals.length > 0) {
        machines ??= readMachines();
        const opened = await machines;
        if (opened.ok) await onReals(opened.value, reals, work, results, signal);
        else for (const site of reals) results.set(site, await work(closed(opened.fault), site));
      }
      return sites.flatMap((site) => results.get(site) ?? []);
    },
    async close() {
      const opened = await machines;
      await Promise.all([here.close(), opened?.ok ? opened.value.close() : null]);
    },
  };
}

async function onReals<S extends Site, R>(
  machines: Machines,
  sites: readonly S[],
  work: (shell: Shell, site: S) => Promise<R>,
  results: Map<S, R>,
  signal: AbortSignal,
): Promise<void> {
  const named = sites.map((site) => {
    const [address] = site.addresses;
    return { site, address: address ?? '', names: site.server === null ? [] : [site.server] };
  });
  const known = named.filter(({ address }) => address !== '');
  for (const { site } of named.filter(({ address }) => address === ''))
    results.set(site, await work(closed(nowhere), site));
  await machines.each(known, async (shell, { site }) => results.set(site, await work(shell, site)), { signal });
}

const nowhere: ShellFault = {
  code: 'unreachable',
  message: 'its name has no address',
  remedy: 'see what the resolver says, or give the address in the file',
};

function closed(fault: ShellFault): Shell {
  return { run: async () => ({ ok: false, fault }), close: async () => {} };
}
