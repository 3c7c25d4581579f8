/** The networks of the walks: machines as they come, with addresses and the usual routes, and nothing set up for LVS. */

import type { TestContext } from 'node:test';
import { buildMachines, type Machine } from './machines.js';

const client: Machine = { name: 'client', links: [['front', '198.51.100.10/24']] };
/** Others than the client's network lie behind it. */
const router: Machine = {
  name: 'router',
  links: [
    ['front', '198.51.100.254/24'],
    ['away', '192.0.2.254/24'],
  ],
  isRouter: true,
};

/** Two legs, of which the real servers are behind the second. */
const behindDirector = [
  client,
  {
    name: 'director',
    links: [
      ['front', '198.51.100.1/24'],
      ['back', '10.0.0.254/24'],
    ],
  },
  { name: 'rs1', links: [['back', '10.0.0.1/24']] },
  { name: 'rs2', links: [['back', '10.0.0.2/24']] },
] as const satisfies readonly Machine[];

export const networks = {
  nat: behindDirector,
  dr: [
    client,
    { name: 'director', links: [['front', '198.51.100.1/24']] },
    { name: 'rs1', links: [['front', '198.51.100.21/24']] },
    { name: 'rs2', links: [['front', '198.51.100.22/24']] },
  ],
  tun: [
    { ...client, gateway: '198.51.100.254' },
    router,
    { name: 'director', links: [['front', '198.51.100.1/24']], gateway: '198.51.100.254' },
    { name: 'rs1', links: [['away', '192.0.2.21/24']], gateway: '192.0.2.254' },
    { name: 'rs2', links: [['away', '192.0.2.22/24']], gateway: '192.0.2.254' },
  ],
  fullnat: [
    { name: 'client', links: [['flat', '10.0.0.10/24']] },
    { name: 'director', links: [['flat', '10.0.0.254/24']] },
    { name: 'rs1', links: [['flat', '10.0.0.1/24']] },
    { name: 'rs2', links: [['flat', '10.0.0.2/24']] },
  ],
  ports: behindDirector,
  'two-networks': [
    { ...client, gateway: '198.51.100.254' },
    router,
    {
      name: 'director',
      links: [
        ['front', '198.51.100.1/24'],
        ['back', '10.0.0.254/24'],
      ],
      gateway: '198.51.100.254',
    },
    { name: 'rs1', links: [['back', '10.0.0.1/24']] },
    { name: 'rs2', links: [['away', '192.0.2.22/24']], gateway: '192.0.2.254' },
  ],
} as const satisfies Readonly<Record<string, readonly Machine[]>>;

export type Walk = keyof typeof networks;

export async function buildWalkNetwork(t: TestContext, walk: Walk): Promise<void> {
  await buildMachines(t, networks[walk]);
}
