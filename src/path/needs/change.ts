/** The single steps by which a machine gets what it needs: each with what was there before, so that it can be taken back. */

import { type Machine, type MachineAddress, type RoutingRule, routeKey } from '../machine.js';
import type { Answers, Need } from '../need.js';
import { answersRule, answersTable, gatewayQuestion, isSameRule } from './answers-route.js';
import { forwardingKey, isLoaded, isMet, plainValue, redirectsKey } from './judge.js';

export type Change =
  | {
      readonly kind: 'sysctl';
      readonly key: string;
      /** Null where there was no such setting: that of a link which came with its module. */
      readonly before: string | null;
      readonly value: string;
    }
  | {
      readonly kind: 'load-module';
      readonly name: string;
      /** Whether modules that it needs came with it, and go with it. */
      readonly withOthers: boolean;
    }
  | { readonly kind: 'raise-link'; readonly name: string }
  | ({ readonly kind: 'add-address' } & Omit<MachineAddress, 'label'>)
  | ({
      readonly kind: 'add-route';
      readonly table: number;
      /** By which the gateway is reached; null where that was not to be seen. */
      readonly device: string | null;
    } & Pick<Answers, 'family' | 'gateway'>)
  | ({ readonly kind: 'add-rule' } & RoutingRule);

/** In their order; none where the need is met. */
export function changesFor(need: Need, machine: Machine): readonly Change[] {
  if (isMet(need, machine)) return [];
  switch (need.kind) {
    case 'sysctl': {
      const { key, value } = need;
      const before = machine.sysctls.get(key);
      const own = { kind: 'sysctl', key, before: before === undefined ? null : plainValue(before), value } as const;
      return [...keptBeside(key, machine), own];
    }
    case 'module':
      return [loading(need.name, machine)];
    case 'link': {
      const { name, module } = need;
      const isMissing = !machine.links.has(name) && module !== null && !isLoaded(module, machine);
      return [...(isMissing ? [loading(module, machine)] : []), { kind: 'raise-link', name }];
    }
    case 'address': {
      const { family, address, prefix, device } = need;
      return [{ kind: 'add-address', family, address, prefix, device }];
    }
    case 'answers': {
      const { family, gateway } = need;
      const rule = answersRule(need);
      const device = machine.routes.get(routeKey(gatewayQuestion(need)))?.device ?? null;
      return [
        { kind: 'add-route', family, gateway, table: answersTable(need), device },
        // A link that goes down takes the routes by it along, and leaves the rules.
        ...(machine.rules.some((other) => isSameRule(rule, other)) ? [] : [{ kind: 'add-rule', ...rule } as const]),
      ];
    }
  }
}

/** Of modules that are of use alone, the one that tells whether those that they need were there. */
const needed: Readonly<Record<string, string>> = { ip_vs: 'nf_conntrack', ipip: 'ip_tunnel', ip6_tunnel: 'tunnel6' };

function loading(name: string, machine: Machine): Change {
  const other = needed[name];
  // Schedulers need ip_vs, which is loaded before them as such.
  return { kind: 'load-module', name, withOthers: other !== undefined && !isLoaded(other, machine) };
}

/** Whoever turns forwarding off makes Linux accept redirects again (inet_forward_change()), also where it did not before. */
function keptBeside(key: string, { sysctls }: Machine): Change[] {
  if (key !== forwardingKey || sysctls.get(redirectsKey) !== '0') return [];
  return [{ kind: 'sysctl', key: redirectsKey, before: '0', value: '0' }];
}
