/** Changes as the commands that an administrator would type. */

import type { Family } from '../../model/config.js';
import { rangeText } from '../../model/names.js';
import type { Machine, RoutingRule } from '../machine.js';
import type { Need } from '../need.js';
import { quote } from '../quote.js';
import { transportNumbers } from '../transport-numbers.js';
import { type Change, changesFor } from './change.js';

/** What is missing on the machine; none where the need is met. */
export function commandsFor(need: Need, machine: Machine): readonly string[] {
  return changesFor(need, machine).map(commandOf);
}

/** What takes it back to what was there before. */
export function commandsBack(need: Need, before: Machine): readonly string[] {
  return changesFor(need, before)
    .toReversed()
    .flatMap((change) => commandBack(change) ?? []);
}

export function commandOf(change: Change): string {
  switch (change.kind) {
    case 'sysctl':
      return `sysctl -w ${quote(`${change.key}=${change.value}`)}`;
    case 'load-module':
      return `modprobe ${quote(change.name)}`;
    case 'raise-link':
      return `ip link set ${quote(change.name)} up`;
    case 'add-address':
      return `ip address add ${change.address}/${change.prefix} dev ${quote(change.device)}`;
    case 'add-route':
      return `${ipOf(change.family)} route replace ${routeWords(change)}`;
    case 'add-rule':
      return `${ipOf(change.family)} rule add ${ruleWords(change)}`;
  }
}

/** Null where there is nothing of its own to take back. */
export function commandBack(change: Change): string | null {
  switch (change.kind) {
    case 'sysctl':
      return change.before === null ? null : `sysctl -w ${quote(`${change.key}=${change.before}`)}`;
    case 'load-module':
      // In use it stays.
      return `${change.withOthers ? 'modprobe -r' : 'rmmod'} ${quote(change.name)} 2>/dev/null || true`;
    case 'raise-link':
      return `ip link set ${quote(change.name)} down`;
    case 'add-address':
      return `ip address del ${change.address}/${change.prefix} dev ${quote(change.device)}`;
    case 'add-route':
      // Services can share a gateway, and a link that goes down takes its routes along.
      return `${ipOf(change.family)} route del ${routeWords(change)} 2>/dev/null || true`;
    case 'add-rule':
      return `${ipOf(change.family)} rule del ${ruleWords(change)}`;
  }
}

function ipOf(family: Family): string {
  return family === 'inet6' ? 'ip -6' : 'ip';
}

function routeWords({ gateway, device, table }: Change & { kind: 'add-route' }): string {
  return `default via ${gateway}${device === null ? '' : ` dev ${quote(device)}`} table ${table}`;
}

function ruleWords({ priority, from, protocol, ports, table }: RoutingRule): string {
  return `priority ${priority} from ${from} ipproto ${transportNumbers[protocol]} sport ${rangeText(ports)} table ${table}`;
}
