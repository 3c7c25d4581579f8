/** Addresses of services on a real server that are there in a wrong way. */

import type { Machine, MachineAddress } from '../machine.js';
import { isHeard } from '../needs/real.js';
import { calledOf, forwardedTo, type RealMachine } from '../real-servers.js';
import type { Finding } from './finding.js';

export function examineServiceAddresses({ places }: RealMachine, machine: Machine): Omit<Finding, 'on'>[] {
  const services = new Map<string, Set<string>>();
  const device = new Map<string, string>();
  for (const place of places) {
    const { address } = forwardedTo(place);
    if (address === null || place.server.forward === 'masq') continue;
    services.set(address, (services.get(address) ?? new Set()).add(calledOf(place.virtual)));
    device.set(address, place.server.forward === 'ipip' ? 'tunl0' : 'lo');
  }
  return [...services].flatMap(([address, called]) => {
    return misplaced(address, machine).map((one): Omit<Finding, 'on'> => {
      const isOnLink = isHeardAt(one, machine);
      const bits = one.family === 'inet' ? 32 : 128;
      const stands = machine.addresses.some((other) => other.address === address && isRight(other, machine));
      const home = isOnLink ? (device.get(address) ?? 'lo') : one.device;
      return {
        code: isOnLink ? 'service-address-heard' : 'service-address-wide',
        object: address,
        for: [...called],
        seen: `${address}/${one.prefix} is on ${one.device}`,
        mend: [
          ...(stands ? [] : [`ip address add ${address}/${bits} dev ${home}`]),
          `ip address del ${address}/${one.prefix} dev ${one.device}`,
        ],
      };
    });
  });
}

/** Where the address is and should not be. */
export function misplaced(address: string, machine: Machine): MachineAddress[] {
  return machine.addresses.filter((one) => one.address === address && !isRight(one, machine));
}

function isRight(one: MachineAddress, machine: Machine): boolean {
  return !isHeardAt(one, machine) && one.prefix === (one.family === 'inet' ? 32 : 128);
}

function isHeardAt({ device }: MachineAddress, { links }: Machine): boolean {
  return isHeard({ name: device, kind: links.get(device)?.kind ?? null });
}
