/** Events of this director among several as lines of the log. */

import type { DirectorsEvent } from '../../events/directors.js';
import { originWords } from '../../model/origin.js';
import { info, type Message, type MessageRows, type Of, warning } from './message.js';
import { firstOf } from './words.js';

export const directorsMessages: MessageRows<DirectorsEvent> = {
  'shared-misread': (event) => [warning(`Store: ${event.key} means nothing, and is passed over: ${event.reason}`)],
  'director-alone': (event) => {
    const { down, servers, others } = event;
    return [
      { level: 'bad', text: `Only this director sees ${down} of ${servers} servers down, ${others} others do not` },
    ];
  },
  'director-agrees': () => [info('This director sees its servers as others do again')],
  'director-namesake': (event) => [
    {
      level: 'bad',
      text: `Another director is called ${event.name}, too: one of them needs another name in [store]`,
    },
  ],
  'split-brain': (event) => {
    const text = `${event.address} is active here and on ${event.others.join(', ')} at once: who elects sees one of them not`;
    return [{ level: 'bad', text }];
  },
  'split-brain-healed': (event) => [
    { level: 'good', text: `${event.address} is no longer active here and on ${event.others.join(', ')} at once` },
  ],
  'vip-announced': (event) => {
    const { address, by, how, why } = event;
    const level = { well: 'good', ill: 'warning', leaving: 'info' } as const;
    const as = { well: '', ill: ' though it is not healthy', leaving: ' as the last way to it' }[how];
    return [{ level: level[how], text: `Announced ${address}${as} (${by}): ${why}` }];
  },
  'vip-withdrawn': (event) => [warning(`Not announced any more: ${event.address}: ${event.why}`)],
  'announcer-failed': (event) => [{ level: 'bad', text: `Cannot announce (${event.by}): ${event.reason}` }],
  'announcer-restored': (event) => [info(`Can announce again (${event.by})`)],
  'announcements-lost': (event) => [warning(`What was announced before is lost: ${event.reason}`)],
  'handover-began': (event) => [warning(`Clients go to other directors from now on${originWords(event)}`)],
  'handover-ended': (event) => [info(`Clients may come to this director again${originWords(event)}`)],
  'role-changed': (event) => [roleMessage(event)],
  'left-to-active': (event) => [info(`Left to ${event.to ?? 'the active director'}: ${event.what}: ${event.text}`)],
  'role-failed': (event) => [warning(`Role: nobody says it: ${event.reason}`)],
  'fitness-told': (event) => [
    info(`Fitness: ${event.fitness}${event.before === null ? '' : ` (was ${event.before})`}`),
  ],
  'fitness-failed': (event) => [warning(`Fitness: ${event.outlet} cannot be told: ${event.reason}`)],
  'fitness-restored': (event) => [info(`Fitness: ${event.outlet} is told again`)],
  'sync-started': (event) => [info(`Synchronization: ${event.daemon} runs on ${event.interface}, id ${event.id}`)],
  'sync-stopped': (event) => [
    info(`Synchronization: ${event.daemon} on ${event.interface}, id ${event.id}, was stopped`),
  ],
  'sync-foreign': (event) => [
    info(`Synchronization: a ${event.daemon} of somebody else runs on ${event.interface}, id ${event.id}: it stays`),
  ],
  'sync-drifted': (event) => [warning(`Synchronization: ${syncFoundText(event)}; that is put right`)],
  'sync-contested': (event) => [
    warning(
      `Synchronization: ${syncFoundText(event)}, again: does keepalived have lvs_sync_daemon? It is put right less often now`,
    ),
  ],
  'sync-failed': (event) => [
    { level: 'bad', text: `Synchronization: ${syncPlaceText(event)}: ${event.reason} (${event.code})` },
  ],
  'sync-restored': (event) => [info(`Synchronization: ${syncPlaceText(event)}: in order again`)],
  'sync-journal-lost': (event) => [warning(`Synchronization: which daemons are ours: ${event.reason}`)],
  'store-away': (event) => [warning(`Store is away: ${event.reason} (${event.code}); what was last heard holds`)],
  'store-back': (event) => {
    const after = event.awayFor === null ? '' : `, after ${Math.round(event.awayFor / 1_000)} s`;
    return [info(`Store answers: ${event.endpoint}, ${event.entries} keys${after}`)];
  },
  'store-replaced': (event) => [warning(`Store has other data than before: ${event.endpoint}: it is read whole`)],
  'store-unwritable': (event) => [warning(`Store takes no writes: ${event.reason} (${event.code})`)],
  'store-writable': (event) => [info(`Store takes writes again: ${event.endpoint}`)],
};

function roleMessage({ role, gained, lost }: Of<DirectorsEvent, 'role-changed'>): Message {
  if (role === 'unknown') return warning('Role: not known, so this director counts as active');
  const isFor = gained.length > 0 ? ` for ${firstOf(gained)}` : '';
  const isNotFor = lost.length > 0 ? `, no longer for ${firstOf(lost)}` : '';
  return info(`Role: ${role}${isFor}${isNotFor}`);
}

function syncFoundText({ daemon, found }: Of<DirectorsEvent, 'sync-drifted' | 'sync-contested'>): string {
  return found === null ? `the ${daemon} was gone` : `another ${daemon} ran in the place of ours (${found})`;
}

function syncPlaceText({ daemon }: { readonly daemon: string }): string {
  return daemon === 'all' ? 'its daemons' : `the ${daemon}`;
}
