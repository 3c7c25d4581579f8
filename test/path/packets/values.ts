/** Virtual services over several ports, as the model has them. */

import type { Host, Transport, Virtual } from '../../../src/model/config.js';
import { literal, virtual } from '../../helpers/configuration.js';

export interface Carrying {
  readonly mark: number;
  readonly host?: Host;
  readonly transports?: readonly Transport[];
  readonly ports?: readonly (readonly [from: number, to: number])[];
}

export function carrying(
  { mark, host = literal('192.0.2.1'), transports = ['tcp'], ports = [[80, 80]] }: Carrying,
  settings: Partial<Virtual> = {},
): Virtual {
  const carries = { host, transports, ports: ports.map(([from, to]) => ({ from, to })) };
  return virtual({ endpoint: { protocol: 'fwm', mark, carries }, ...settings });
}
