/** Events as lines of the log. Scripts match these lines: their wording is an interface. */

import type { Event } from '../events.js';

export type Level = 'good' | 'bad' | 'warning' | 'info';

export interface Message {
  readonly level: Level;
  readonly text: string;
}

type Change = Extract<Event, { type: 'table-changed' }>['change'];

/** The lines that tell an event; the reason of a change comes on a line before it. */
export function messagesOf(event: Event): Message[] {
  return messages(event).map(({ level, text }) => ({ level, text: printable(text) }));
}

/** What a server answered, or a file held, must not end a line or steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function messages(event: Event): Message[] {
  switch (event.type) {
    case 'started':
      return [info(`Starting Linux Director v${event.version} ${mode(event)}, ${event.backend} backend`)];
    case 'terminated':
      return [info(`Linux Director Daemon terminated on ${event.cause}`)];
    case 'crashed':
      return event.trace.split('\n').map((text) => ({ level: 'bad', text: `Unforeseen error: ${text}` }));
    case 'other-failed':
      return [warning(`Other instance ${event.instance}: ${event.reason}`)];
    case 'reload-requested':
      return [info('Reloading Linux Director Daemon config on signal')];
    case 'config-changed':
      return [info(`Configuration file '${event.file}' has changed on disk`)];
    case 'config-loaded':
      return [info(' - reread new configuration'), ...event.differences.map((text) => info(` - ${text}`))];
    case 'names-resolved':
      return event.differences.map((text) => info(`Resolved ${text}`));
    case 'config-rejected':
      return [warning(` - ignore new configuration: ${event.reason}`)];
    case 'config-diagnostic': {
      const { severity, message, span, code } = event.diagnostic;
      return [warning(`${event.file}:${span.line}:${span.column}: ${severity}: ${message} [${code}]`)];
    }
    case 'server-up':
      return [{ level: 'good', text: `Check passed: ${checked(event)}: ${event.reason}` }];
    case 'server-recovered':
      return [info(`Resetting soft failure count: ${checked(event)}`)];
    case 'server-down':
      return [failedCheck(event)];
    case 'server-soft-failure':
      return [
        failedCheck(event),
        warning(`Soft failure real server: ${checked(event)} failure ${event.failures}/${event.failurecount}`),
      ];
    case 'table-changed':
      return [changeMessage(event.change)];
    case 'table-drifted': {
      const [first, ...others] = event.objects;
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      return [warning(`Table changed by somebody else, putting it right: ${first}${more}`)];
    }
    case 'table-failed':
      return [{ level: 'bad', text: `${event.object}: ${event.failure.message} (${event.failure.code})` }];
  }
}

function mode({ background }: Extract<Event, { type: 'started' }>): string {
  return background ? 'as daemon' : 'in the foreground';
}

function changeMessage(change: Change): Message {
  const { virtual, phase } = change;
  if (change.object === 'virtual') {
    return info(
      {
        added: `Added virtual server: ${virtual}`,
        changed: `Changed virtual server: ${virtual}`,
        purged: `Purged virtual server (${phase}): ${virtual}`,
      }[change.action],
    );
  }
  const object = change.object === 'fallback' ? 'fallback server' : 'real server';
  const who = `${object}: ${change.server} (${virtual})`;
  const weight = `(Weight set to ${change.weight})`;
  switch (change.action) {
    case 'added':
      return { level: change.weight > 0 ? 'good' : 'info', text: `Added ${who} ${weight}` };
    case 'readded':
      return { level: 'info', text: `Readd Quiescent ${who} ${weight}` };
    case 'restored':
      return { level: 'good', text: `Restored ${who} ${weight}` };
    case 'quiescent':
      return { level: 'bad', text: `Quiescent ${who} ${weight}` };
    case 'deleted':
      return { level: change.object === 'fallback' ? 'info' : 'bad', text: `Deleted ${who}` };
    case 'purged':
      return info(`Purged ${object} (${phase}): ${change.server} (${virtual})`);
  }
}

function failedCheck(event: Extract<Event, { type: 'server-down' | 'server-soft-failure' }>): Message {
  const count = `failure ${event.failures}/${event.failurecount}`;
  return {
    level: 'bad',
    text: `Check failed: ${checked(event)}: ${event.reason}, after ${Math.round(event.duration)} ms, ${count}`,
  };
}

function checked(event: { server: string; protocol: string; virtual: string }): string {
  return `${event.server} (${event.protocol}:${event.virtual})`;
}

function info(text: string): Message {
  return { level: 'info', text };
}

function warning(text: string): Message {
  return { level: 'warning', text };
}
