/** Events of the program itself as lines of the log. */

import type { ProgramEvent } from '../../events/program.js';
import { info, type MessageRows, type Of, warning } from './message.js';
import { endingOf } from './words.js';

export const programMessages: MessageRows<ProgramEvent> = {
  started: (event) => {
    const how = event.background ? 'as daemon' : 'in the foreground';
    return [info(`Starting Linux Director v${event.version} ${how}, ${event.backend} backend`)];
  },
  terminated: (event) => [info(`Linux Director Daemon terminated on ${event.cause}`)],
  crashed: (event) => event.trace.split('\n').map((text) => ({ level: 'bad', text: `Unforeseen error: ${text}` })),
  'other-failed': (event) => [warning(`Other instance ${event.instance}: ${event.reason}`)],
  'signal-ignored': (event) => [
    info(`Signal ${event.signal} means nothing here; files that are rotated are opened anew without one`),
  ],
  'reload-requested': () => [info('Reloading Linux Director Daemon config on signal')],
  'config-changed': (event) => [info(`Configuration file '${event.file}' has changed on disk`)],
  'config-loaded': (event) => [
    info(' - reread new configuration'),
    ...event.differences.map((text) => info(` - ${text}`)),
  ],
  'names-resolved': (event) => event.differences.map((text) => info(`Resolved ${text}`)),
  'config-rejected': (event) => [warning(` - ignore new configuration: ${event.reason}`)],
  'config-diagnostic': (event) => {
    const { severity, message, span, code } = event.diagnostic;
    return [warning(`${event.file}:${span.line}:${span.column}: ${severity}: ${message} [${code}]`)];
  },
  'orders-lost': (event) => [warning(`Drains and weights set by hand before are lost: ${event.reason}`)],
  'policies-lost': (event) => [warning(`What health policies knew is lost: ${event.reason}`)],
  'health-lost': (event) => [warning(`Who is up could not be handed over: ${event.reason}`)],
  'addresses-lost': (event) => [warning(`Addresses of names are lost: ${event.reason}`)],
  'past-lost': (event) => [warning(`What happened before is lost: ${event.reason}`)],
  'control-failed': (event) => [warning(`Control socket: ${event.reason}`)],
  'log-failed': (event) => [{ level: 'bad', text: failedLog(event) }],
  'log-restored': (event) => [event.lost === 0 ? info(`${event.place} is written again`) : warning(lossText(event))],
  'log-level-set': (event) => [info(`Log level ${event.level ?? 'as in the settings'}${endingOf(event)}`)],
  'settings-changed': (event) => [info(`Reread settings from ${event.file}`)],
  'http-opened': (event) => [info(`Metrics and the status page are at ${event.address}`)],
  'http-failed': (event) => [warning(`Metrics and the status page at ${event.address}: ${event.reason}`)],
};

function failedLog({ place, reason, lost }: Of<ProgramEvent, 'log-failed'>): string {
  return `${place} cannot be written: ${reason}${lost === 0 ? '' : `; ${lostText(lost)}`}`;
}

function lossText({ place, reason, lost }: Of<ProgramEvent, 'log-failed'>): string {
  return `${place} could not be written: ${reason}; ${lostText(lost)}`;
}

function lostText(lost: number): string {
  return lost === 1 ? '1 line was lost' : `${lost} lines were lost`;
}
