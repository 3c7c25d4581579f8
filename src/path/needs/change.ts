/** The single steps by which a machine gets what it needs: each with what was there before, so that it can be taken back. */

import { type Machine, type MachineAddress, type RoutingRule, routeKey } from '../machine.js';
import type { Answers, Need } from '../need.js';
import { answersRule, answersTable, gatewayQuestion, isSameRule } from './answers-route.js';
import { isLoaded, isMet, plainValue } from './judge.js';

export type Change =
  | {
      readonly kind: 'sysctl';
      readonly key: string;
      /** Null where there was no such setting: that of a link which came with its module. */
      readonly before: string | null;
      readonly value: string;
    }
  | { readonly kind: 'load-module'; readonly name: string }
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
      const before = machine.sysctls.get(need.key);
      return [
        { kind: 'sysctl', key: need.key, before: before === undefined ? null : plainValue(before), value: need.value },
      ];
    }
    case 'module':
      return [{ kind: 'load-module', name: need.name }];
    case 'link': {
      const { name, module } = need;
      const isMissing = !machine.links.has(name) && module !== null && !isLoaded(module, machine);
      return [...(isMissing ? [{ kind: 'load-module', name: module } as const] : []), { kind: 'raise-link', name }];
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
