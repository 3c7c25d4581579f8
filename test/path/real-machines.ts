/** A director and a real server behind it, as they could have been read where all is well. */

import assert from 'node:assert/strict';
import type { Machine, MachineAddress, Route } from '../../src/path/machine.js';
import { routeKey } from '../../src/path/machine.js';
import { answersQuestion, elsewhereQuestion } from '../../src/path/needs/answers-route.js';
import { type RealMachine, realMachines } from '../../src/path/real-servers.js';
import { configOf } from '../helpers/configuration.js';
import { link, machine } from './machines.js';

export const service = '172.20.0.24';
export const director = '192.168.1.1';
export const own = '192.168.1.16';

export function fileOf(forward: 'gate' | 'masq' | 'ipip', ...lines: string[]): string {
  return [`virtual=${service}:80`, `real=${own}:80 ${forward}`, 'service=http', ...lines].join('\n\t');
}

/** The one of a file. */
export function realOf(text: string): RealMachine {
  const [real] = realMachines(configOf(text), () => false);
  assert.ok(real);
  return real;
}

export function route(device: string, more: Partial<Route> = {}): Route {
  return { device, gateway: null, source: null, isLocal: false, isAdvertised: false, ...more };
}

export function at(device: string, address: string, prefix = 32): MachineAddress {
  return { family: address.includes(':') ? 'inet6' : 'inet', address, prefix, device, label: null };
}

const toServer = routeKey({ family: 'inet', to: own });
const toDirector = routeKey({ family: 'inet', to: director });
const toService = routeKey({ family: 'inet', to: service });
const elsewhere = routeKey(elsewhereQuestion('inet'));

export const directorMachine = machine({
  links: new Map([link('back')]),
  addresses: [at('back', director, 24), at('front', service)],
  routes: new Map([[toServer, route('back', { source: director })]]),
});

/** With what each method asks for, and a server that listens everywhere. */
export function realMachine(forward: 'gate' | 'masq' | 'ipip', parts: Partial<Machine> = {}): Machine {
  const device = { gate: 'lo', ipip: 'tunl0', masq: null }[forward];
  const answers = answersQuestion({
    kind: 'answers',
    family: 'inet',
    from: own,
    protocol: 'tcp',
    ports: { from: 80, to: 80 },
    gateway: director,
  });
  const byDirector = route('eth0', { gateway: director, source: own });
  return machine({
    sysctls: sysctls(),
    links: new Map([link('lo', { mtu: 65_536 }), link('eth0'), link('tunl0', { kind: 'ipip', mtu: 1_480 })]),
    addresses: [at('lo', '127.0.0.1', 8), at('eth0', own, 24), ...(device === null ? [] : [at(device, service)])],
    routes: new Map([
      [toDirector, route('eth0', { source: own })],
      [toService, device === null ? byDirector : route('lo', { isLocal: true })],
      [elsewhere, byDirector],
      [routeKey(answers), byDirector],
    ]),
    listeners: [{ protocol: 'tcp', family: 'inet', address: '0.0.0.0', port: 80 }],
    ...parts,
  });
}

export function sysctls(changed: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const conf = (name: string): string => `net.ipv4.conf.${name}`;
  return new Map(
    Object.entries({
      [conf('all.arp_ignore')]: '1',
      [conf('all.arp_announce')]: '2',
      [conf('all.rp_filter')]: '0',
      [conf('eth0.arp_ignore')]: '0',
      [conf('eth0.arp_announce')]: '0',
      [conf('eth0.rp_filter')]: '0',
      [conf('tunl0.rp_filter')]: '0',
      ...changed,
    }),
  );
}

/** The machine's routes with others in their place; null is none. */
export function rerouted(forward: 'gate' | 'masq' | 'ipip', ...changed: readonly [string, Route | null][]): Machine {
  return realMachine(forward, { routes: new Map([...realMachine(forward).routes, ...changed]) });
}

export const routeKeys = { toDirector, toService, elsewhere };
