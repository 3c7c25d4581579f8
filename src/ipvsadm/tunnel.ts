/** How packets to a real server of -i are wrapped, from the options that say so. */

import type { Tunnel, TunnelChecksum } from '../ipvs/table.js';
import type { Draft } from './draft.js';
import type { SwitchName } from './options.js';
import { WrongArguments } from './request.js';

const checksums = { 'tun-nocsum': 'none', 'tun-csum': 'full', 'tun-remcsum': 'remote' } as const;
const checksumNames = ['tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;
const tunnelNames: readonly SwitchName[] = ['tun-type', 'tun-port', ...checksumNames];
/** What each type of tunnel knows nothing of. */
const meaningless: Readonly<Record<Tunnel['type'], readonly SwitchName[]>> = {
  ipip: ['tun-port', ...checksumNames],
  gue: [],
  gre: ['tun-port', 'tun-remcsum'],
};

/** Undefined for plain IP in IP. Throws WrongArguments. */
export function tunnelOf({ given, forward, tunnelType: type, tunnelPort }: Draft): Tunnel | undefined {
  if (forward !== 'ipip') {
    if (!tunnelNames.some((name) => given.has(name))) return undefined;
    throw new WrongArguments('Tunnel options conflict with forward method');
  }
  if (type === 'gue' && !given.has('tun-port')) {
    throw new WrongArguments("You need to supply the 'tun-port' option for the 'gue' tunnel type");
  }
  const illegal = meaningless[type].find((name) => given.has(name));
  if (illegal) throw new WrongArguments(`Illegal '${illegal}' option with the '${type}' tunnel type`);
  const [name, other] = checksumNames.filter((candidate) => given.has(candidate));
  if (other) {
    throw new WrongArguments(`The option '${other}' conflicts with the '${name}' option in the '${type}' tunnel type`);
  }
  const checksum: TunnelChecksum = name ? checksums[name] : 'none';
  if (type === 'gue') return { type, port: tunnelPort, checksum };
  return type === 'gre' ? { type, checksum: checksum === 'full' ? 'full' : 'none' } : undefined;
}
