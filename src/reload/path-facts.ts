/** Which network interfaces the answers to forwarded checks come in by, and how those are set. */

import { addressesOnPaths, type DeviceSettings, type PathFacts } from '../config/diagnostics/path-advice.js';
import type { Config } from '../model/config.js';
import { sourceTowards } from '../probes/sockets/source-address.js';
import { devicesByAddress, readDeviceSettings } from '../process/network-devices.js';
import { inSlices, type Work } from '../slices.js';

export async function findPathFacts(config: Config): Promise<PathFacts> {
  const devices = await inSlices(devicesOf(new Set(addressesOnPaths(config))));
  const settings = new Map<string, DeviceSettings>();
  for (const device of new Set(devices.values())) {
    if (device !== null) settings.set(device, await readDeviceSettings(device));
  }
  return { deviceOf: (address) => devices.get(address) ?? null, settings };
}

function* devicesOf(addresses: ReadonlySet<string>): Work<ReadonlyMap<string, string | null>> {
  const own = addresses.size === 0 ? new Map<string, string>() : devicesByAddress();
  const found = new Map<string, string | null>();
  for (const address of addresses) {
    found.set(address, own.get(address) ?? own.get(sourceIfAny(address) ?? '') ?? null);
    yield;
  }
  return found;
}

function sourceIfAny(address: string): string | null {
  try {
    return sourceTowards(address);
  } catch {
    return null;
  }
}
