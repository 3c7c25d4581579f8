/** Which network interfaces the answers to forwarded checks come in by, and how those are set. */

import { addressesOnPaths, type DeviceSettings, type PathFacts } from '../config/diagnostics/path-advice.js';
import type { Config } from '../model/config.js';
import { devicesByAddress, readDeviceSettings } from '../process/network-devices.js';
import { inSlices, type Work } from '../slices.js';

type SourceTowards = (address: string) => string | null;

export async function findPathFacts(config: Config): Promise<PathFacts> {
  const addresses = new Set(addressesOnPaths(config));
  if (addresses.size === 0) return { deviceOf: () => null, settings: new Map() };
  // Sockets of our own are loaded where they are asked for: most checks go to the servers' own addresses.
  const { sourceTowards } = await import('../probes/sockets/source-address.js');
  const devices = await inSlices(devicesOf(addresses, sourceTowards));
  const settings = new Map<string, DeviceSettings>();
  for (const device of new Set(devices.values())) {
    if (device !== null) settings.set(device, await readDeviceSettings(device));
  }
  return { deviceOf: (address) => devices.get(address) ?? null, settings };
}

function* devicesOf(
  addresses: ReadonlySet<string>,
  sourceTowards: SourceTowards,
): Work<ReadonlyMap<string, string | null>> {
  const own = devicesByAddress();
  const sourceIfAny = (address: string): string | null => {
    try {
      return sourceTowards(address);
    } catch {
      return null;
    }
  };
  const found = new Map<string, string | null>();
  for (const address of addresses) {
    found.set(address, own.get(address) ?? own.get(sourceIfAny(address) ?? '') ?? null);
    yield;
  }
  return found;
}
