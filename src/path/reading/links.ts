/** Links and their addresses, by ip-link(8) and ip-address(8). */

import type { Link, MachineAddress } from '../machine.js';
import { type Loose, numberOf, objectOf, objectsIn, objectsOf, textOf } from './json.js';
import { lacks, type Reading, type Section } from './section.js';

export const iproute = { program: 'ip', package: 'iproute2' };

export const linkSection: Section<ReadonlyMap<string, Link>> = {
  tool: iproute,
  script: 'ip -j -d link 2>/dev/null\n',
  read: (lines) => {
    return inJson(lines, (objects) => new Map(objects.flatMap(linkOf).map((link) => [link.name, link])));
  },
};

export const addressSection: Section<readonly MachineAddress[]> = {
  tool: iproute,
  script: 'ip -j address 2>/dev/null\n',
  read: (lines) => inJson(lines, (objects) => objects.flatMap(addressesOf)),
};

type LinkMember = 'ifname' | 'flags' | 'linkinfo' | 'mtu' | 'link_type' | 'address' | 'master' | 'addr_info';
type AddressMember = 'family' | 'local' | 'prefixlen' | 'label';

/** The `ip` of BusyBox has no JSON. */
function inJson<T>(lines: readonly string[], take: (objects: readonly Loose<LinkMember>[]) => T): Reading<T> {
  const objects = objectsIn<LinkMember>(lines.join('\n'));
  return objects === null
    ? { ok: false, fault: lacks('ip -json', iproute.package) }
    : { ok: true, value: take(objects) };
}

function linkOf({ ifname, flags, linkinfo, mtu, link_type: type, address, master }: Loose<LinkMember>): Link[] {
  const name = textOf(ifname);
  if (name === null) return [];
  const link: Link = {
    name,
    kind: textOf(objectOf<'info_kind'>(linkinfo).info_kind),
    isUp: hasFlag(flags, 'UP'),
    hasCarrier: hasFlag(flags, 'LOWER_UP'),
    mtu: numberOf(mtu) ?? 0,
    mac: type === 'ether' ? textOf(address) : null,
    master: textOf(master),
  };
  return [link];
}

function hasFlag(flags: unknown, flag: string): boolean {
  return Array.isArray(flags) && flags.includes(flag);
}

function addressesOf({ ifname, addr_info: infos }: Loose<LinkMember>): MachineAddress[] {
  const device = textOf(ifname);
  if (device === null) return [];
  return (objectsOf<AddressMember>(infos) ?? []).flatMap((info): MachineAddress[] => {
    const { family } = info;
    const [address, prefix, label] = [textOf(info.local), numberOf(info.prefixlen), textOf(info.label)];
    if ((family !== 'inet' && family !== 'inet6') || address === null || prefix === null) return [];
    return [{ family, address, prefix, device, label: label === device ? null : label }];
  });
}
