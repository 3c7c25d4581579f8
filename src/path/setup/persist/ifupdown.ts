/** A file of interfaces(5): further stanzas for links, whatever else is said of them elsewhere. */

import type { Change } from '../../needs/change.js';
import { commandBack } from '../../needs/commands.js';
import { bootCommand } from './boot-command.js';
import type { Files } from './files.js';
import { textOf } from './kernel-files.js';

const path = '/etc/network/interfaces.d/ldirectord';

export function ifupdownFiles(changes: readonly Change[], readsDirectory: boolean): Files {
  if (!readsDirectory) {
    const line = "'source /etc/network/interfaces.d/*'";
    const fault = `/etc/network/interfaces has no line ${line}: without it a reboot keeps neither addresses nor routes`;
    return { wanted: [], faults: [fault] };
  }
  const raised = new Set(changes.flatMap((one) => (one.kind === 'raise-link' ? [one.name] : [])));
  const lines: string[] = [];
  for (const [device, own] of byDevice(changes)) {
    const up = own.map((one) => `    up ${bootCommand(one)}`);
    const down = own
      .toReversed()
      .flatMap((one) => (one.kind === 'raise-link' ? [] : (commandBack(one) ?? [])))
      .map((command) => `    down ${command.endsWith('|| true') ? command : `${command} || true`}`);
    // Who brings up another link has said so in a stanza of its own.
    const head = [...(raised.has(device) ? [`auto ${device}`] : []), `iface ${device} inet manual`];
    lines.push(...head, ...up, ...down);
  }
  const hasWay = !changes.some((one) => one.kind === 'add-route' && one.device === null);
  const faults = hasWay ? [] : ['nothing leads to the gateway of answers: their way is not kept'];
  return { wanted: lines.length === 0 ? [] : [{ path, text: textOf(lines), mode: '644' }], faults };
}

function byDevice(changes: readonly Change[]): Map<string, Change[]> {
  const found = new Map<string, Change[]>();
  for (const one of changes) {
    const device = deviceOf(one, changes);
    if (device !== null) found.set(device, [...(found.get(device) ?? []), one]);
  }
  return found;
}

/** A rule goes with the route that it leads to. */
function deviceOf(change: Change, changes: readonly Change[]): string | null {
  switch (change.kind) {
    case 'raise-link':
      return change.name;
    case 'add-address':
    case 'add-route':
      return change.device;
    case 'add-rule': {
      const route = changes.find(
        (one) => one.kind === 'add-route' && one.table === change.table && one.family === change.family,
      );
      return route === undefined ? null : deviceOf(route, changes);
    }
    default:
      return null;
  }
}
