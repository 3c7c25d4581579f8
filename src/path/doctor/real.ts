/** What is wrong with a real server, by what was read of it and of the director, and by knocking at its doors. */

import { type Machine, routeKey } from '../machine.js';
import type { Wanted } from '../need.js';
import { commandsFor } from '../needs/commands.js';
import { isMet } from '../needs/judge.js';
import { deviceTowards, directorsAddress, realNeeds } from '../needs/real.js';
import { type RealMachine, towards } from '../real-servers.js';
import type { ShellFault } from '../shell.js';
import { type DoorFacts, examineDoors } from './at-doors.js';
import type { Door } from './doors.js';
import type { Finding } from './finding.js';
import { objectOf, seenOf } from './seen.js';
import { examineServiceAddresses, misplaced } from './service-addresses.js';

export interface RealFacts extends DoorFacts {
  readonly director: Machine;
  readonly machine: Machine;
  /** Seconds by which its clock is before the director's for certain, or behind it (negative); null where that is not known. */
  readonly clockAhead: number | null;
}

/** Seconds by which clocks may differ. */
const clockTolerance = 5;

export function examineReal(real: RealMachine, doors: readonly Door[], facts: RealFacts): Finding[] {
  const { director, machine } = facts;
  const wanted = realNeeds(real, director, machine).filter((one) => !isMet(one.need, machine));
  const findings = [
    ...wanted.flatMap((one) => (isNamedOtherwise(one, machine) ? [] : [unmet(one, machine)])),
    ...examineServiceAddresses(real, machine),
    ...examineDoors(doors, facts),
    ...real.addresses.flatMap((address) => examineMtu(address, facts)),
    ...examineClock(facts),
  ];
  return findings.map((finding) => ({ ...finding, on: { server: real.name } }));
}

/** Where nothing could be read of it. */
export function notExamined({ name }: RealMachine, fault: ShellFault): Finding {
  return { ...whatKept(fault), code: `ssh-${fault.code}`, on: { server: name }, object: name };
}

/** Where what it said is no reading of it. */
export function notRead({ name }: RealMachine, fault: Pick<ShellFault, 'message' | 'remedy'>): Finding {
  return { ...whatKept(fault), code: 'server-not-read', on: { server: name }, object: name };
}

function whatKept({ message, remedy }: Pick<ShellFault, 'message' | 'remedy'>): Pick<Finding, 'for' | 'seen' | 'mend'> {
  return { for: [], seen: message, mend: [remedy] };
}

type Found = Omit<Finding, 'on'>;

function unmet({ need, code, for: services }: Wanted, machine: Machine): Found {
  return {
    code,
    object: objectOf(need),
    for: services,
    seen: seenOf(need, machine),
    mend: commandsFor(need, machine),
  };
}

/** What goes with something else that is found, and comes with its mend. */
function isNamedOtherwise({ need }: Wanted, machine: Machine): boolean {
  if (need.kind === 'address') return misplaced(need.address, machine).length > 0;
  // The settings of a tunnel that is not there.
  return need.kind === 'sysctl' && !need.key.includes('.all.') && !machine.sysctls.has(need.key);
}

/** On a common link both ends have to agree: nobody there says what is too large. */
function examineMtu(address: string, { director, machine }: RealFacts): Found[] {
  const way = director.routes.get(routeKey(towards(address))) ?? null;
  const peer = directorsAddress(address, director);
  if (way === null || way.gateway !== null || peer === null) return [];
  const near = director.links.get(way.device);
  const far = machine.links.get(deviceTowards(peer, machine) ?? '');
  if (near === undefined || far === undefined || near.mtu === far.mtu) return [];
  const least = Math.min(near.mtu, far.mtu);
  return [
    {
      code: 'mtu-differs',
      object: far.name,
      for: [],
      seen: `${far.name} has an MTU of ${far.mtu}, and ${near.name} of the director on the same link one of ${near.mtu}`,
      mend: [
        `\`ip link set ${far.name} mtu ${least}\` there, or \`ip link set ${near.name} mtu ${least}\` on the director, or the larger one on both where all between them takes it`,
      ],
    },
  ];
}

function examineClock({ clockAhead }: RealFacts): Found[] {
  if (clockAhead === null || Math.abs(clockAhead) <= clockTolerance) return [];
  const seconds = Math.round(Math.abs(clockAhead));
  return [
    {
      code: 'clock-off',
      object: 'clock',
      for: [],
      seen: `its clock is ${seconds} s ${clockAhead > 0 ? 'before' : 'behind'} that of the director`,
      mend: ['timedatectl set-ntp true'],
    },
  ];
}
