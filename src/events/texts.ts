/** Events in the words that the log and mails share. */

import type { Event } from '../events.js';
import { localTimeText } from '../model/local-time.js';
import { originWords } from '../model/origin.js';
import type { Change } from '../reconcile/changes.js';

/** A change of the table in the words that scripts match, in the log and in mails. */
export function changeText(change: Change): string {
  const { virtual, phase } = change;
  if (change.object === 'virtual') {
    return {
      added: `Added virtual server: ${virtual}`,
      changed: `Changed virtual server: ${virtual}`,
      purged: `Purged virtual server (${phase}): ${virtual}`,
    }[change.action];
  }
  const object = change.object === 'fallback' ? 'fallback server' : 'real server';
  const who = `${object}: ${change.name} (${virtual})`;
  const weight = `(Weight set to ${change.weight})`;
  return {
    added: `Added ${who} ${weight}`,
    readded: `Readd Quiescent ${who} ${weight}`,
    restored: `Restored ${who} ${weight}`,
    quiescent: `Quiescent ${who} ${weight}`,
    weighed: `Weight of ${who} ${weight}`,
    deleted: `Deleted ${who}`,
    purged: `Purged ${object} (${phase}): ${change.name} (${virtual})`,
  }[change.action];
}

/** What the minimum of a virtual service has come to, in the log and in mails. */
export function minimumText(
  event: Extract<Event, { type: 'virtual-below-minimum' | 'virtual-minimum-restored' }>,
): string {
  const who = `${event.virtual} (${event.protocol})`;
  if (event.type === 'virtual-minimum-restored') return `Enough servers are healthy again: ${who}`;
  const rules = {
    keep: 'who goes down stays in use',
    all: 'all are used',
    fallback: 'the fallback alone serves',
    withdraw: 'who goes down stays in use, and the address is not announced',
  };
  const rule = event.lacksFallback
    ? 'no fallback is up to serve alone, so who is healthy stays in use'
    : rules[event.rule];
  return `Below minhealthy: ${who}: ${event.healthy} healthy of ${event.needed} at least: ${rule}`;
}

/** What the votes of other directors have come to, in the log. */
export function voteText(event: Extract<Event, { type: 'virtual-voted' | 'virtual-vote-over' }>): string {
  const who = `${event.virtual} (${event.protocol})`;
  if (event.type === 'virtual-vote-over') return `No vote decides any more: ${who}`;
  const { kept, unused } = event;
  return `Most directors see it otherwise: ${who}: ${kept} kept in use, ${unused} out of use by their votes`;
}

type ServiceEvent = Extract<Event, { type: 'virtual-unserved' | 'virtual-served' }>;

/** Whether anybody answers the clients of a virtual service, in the log and in mails. */
export function serviceText({ type, virtual, protocol }: ServiceEvent): string {
  const who = `${virtual} (${protocol})`;
  return type === 'virtual-served'
    ? `Clients are served again: ${who}`
    : `Clients are refused: ${who}: no real server is in use, and no fallback is up`;
}

/** A fallback that went down or came back, in mails: no table needs to change by it. */
export function fallbackText(event: Extract<Event, { type: 'fallback-up' | 'fallback-down' }>): string {
  const state = event.type === 'fallback-up' ? 'is up again' : `is down: ${event.reason}`;
  return `Fallback server ${state}: ${event.server} (${event.virtual})`;
}

/** That a server flaps, and that it does no more, in the log and in mails. */
export function flappingText(event: Extract<Event, { type: 'server-flapping' | 'server-settled' }>): string {
  const { changes, seconds } = event;
  const role = event.role === undefined ? '' : 'fallback server ';
  const who = `${role}${event.server} (${event.protocol}:${event.virtual})`;
  return event.type === 'server-flapping'
    ? `Flapping: ${who}: ${changes} changes within ${seconds} s; they are not told one by one until it settles`
    : `Flapping no more: ${who}: ${event.up ? 'up' : 'down'} after ${changes} changes within ${seconds} s`;
}

/** That a policy keeps a server out whose checks pass, and that it does no longer, in the log and in mails. */
export function heldText(event: Extract<Event, { type: 'server-held' | 'server-released' }>): string {
  const who = `${event.server} (${event.protocol}:${event.virtual})`;
  if (event.type === 'server-released') return `Held out no longer: ${who}${originWords(event)}`;
  const until = event.until === null ? '' : `, until ${localTimeText(event.until)}`;
  return `Held out though its checks pass: ${who}: ${event.reason}${until}`;
}
