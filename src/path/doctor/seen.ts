/** How it shows that a need is not met. */

import { type Machine, routeKey } from '../machine.js';
import type { Need } from '../need.js';
import { answersQuestion } from '../needs/answers-route.js';

export function seenOf(need: Need, machine: Machine): string {
  switch (need.kind) {
    case 'sysctl': {
      const values = [need.key, ...need.beside].flatMap((key) => {
        const value = machine.sysctls.get(key);
        return value === undefined ? [] : [`${key} is ${value}`];
      });
      return values.length === 0 ? `there is no ${need.key}` : values.join(', ');
    }
    case 'module':
      return `the module ${need.name} is not loaded`;
    case 'link':
      return machine.links.has(need.name) ? `${need.name} is down` : `there is no ${need.name}`;
    case 'address': {
      const { address, prefix, device } = need;
      const standing = machine.addresses.filter((one) => one.address === address);
      if (standing.length === 0) return `no device has ${address}`;
      const places = standing.map((one) => `${one.address}/${one.prefix} on ${one.device}`);
      return `there is ${places.join(', ')}, and not ${address}/${prefix} on ${device}`;
    }
    case 'answers': {
      const { from, protocol, ports } = need;
      const range = ports.from === ports.to ? `port ${ports.from}` : `ports ${ports.from} to ${ports.to}`;
      const route = machine.routes.get(routeKey(answersQuestion(need))) ?? null;
      const whose = `what comes from ${from}, ${protocol} ${range},`;
      if (route === null) return `${whose} has no way`;
      return `${whose} goes by ${route.gateway === null ? route.device : `${route.gateway}, ${route.device}`}`;
    }
  }
}

export function objectOf(need: Need): string {
  switch (need.kind) {
    case 'sysctl':
      return need.key;
    case 'module':
    case 'link':
      return need.name;
    case 'address':
      return need.address;
    case 'answers':
      return need.from;
  }
}
