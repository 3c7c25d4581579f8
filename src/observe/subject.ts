/** What an event is about: events of one subject follow one another, and the last of them is how things are. */

import { isTurn } from '../events/checking.js';
import type { Event } from '../events.js';
import { type Subject, type VirtualSubject, virtualKey } from '../model/subject.js';
import type { Message } from './messages.js';

/** Null where an event stands for itself. */
export function subjectOf(event: Event): string | null {
  if (isTurn(event)) return ofServer(event.type.startsWith('server-') ? 'check' : 'check of fallback', event);
  switch (event.type) {
    case 'virtual-unserved':
    case 'virtual-served':
      return ofServer('service', event);
    case 'maintenance-began':
    case 'maintenance-ended':
      return ofServer('maintenance', event);
    case 'weight-overridden':
    case 'weight-restored':
      return ofServer('weight', event);
    case 'server-held':
    case 'server-released':
    case 'server-growing':
      return ofServer('policy', event);
    case 'agent-weight':
      return ofServer('share', event);
    case 'virtual-below-minimum':
    case 'virtual-minimum-restored':
      return ofServer('minimum', event);
    case 'virtual-voted':
    case 'virtual-vote-over':
      return ofServer('vote', event);
    case 'table-changed':
      return ofServer(`table ${event.change.object}`, event.change);
    case 'virtual-down':
    case 'virtual-up':
      return ofServer('use', event);
    case 'director-isolated':
    case 'director-reaches':
      return 'network';
    case 'director-alone':
    case 'director-agrees':
      return 'director';
    case 'split-brain':
    case 'split-brain-healed':
      return `brain ${event.address}`;
    case 'agent-silent':
    case 'agent-answers':
      return `agent ${event.agent}`;
    case 'vip-added':
    case 'vip-removed':
    case 'vip-foreign':
    case 'vip-drifted':
    case 'vip-contested':
    case 'vip-restored':
      return `vip ${event.address} ${event.device}`;
    case 'config-loaded':
    case 'config-rejected':
      return 'configuration';
    case 'http-opened':
    case 'http-failed':
      return 'http';
    case 'log-level-set':
      return 'log level';
    case 'log-failed':
    case 'log-restored':
      return `log ${event.place}`;
    default:
      return null;
  }
}

/** Failures of one check are one kind of line, however long they took and whatever the server said; so are its successes. */
export function wordingOf(event: Event, messages: readonly Message[]): string {
  if (isTurn(event)) return event.type;
  switch (event.type) {
    case 'agent-weight':
    case 'agent-silent':
    case 'agent-answers':
    case 'log-failed':
    case 'log-restored':
      return event.type;
    default:
      return messages.map(({ text }) => text).join('\n');
  }
}

function ofServer(what: string, about: VirtualSubject & Partial<Subject>): string {
  return [what, virtualKey(about), about.server ?? ''].join(' ');
}
