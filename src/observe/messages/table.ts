/** Events of the table, of mails and commands as lines of the log. */

import type { TableEvent } from '../../events/table.js';
import { changeText } from '../../events/texts.js';
import { info, type Level, type Message, type MessageRows, type Of, warning } from './message.js';
import { firstOf } from './words.js';

export const tableMessages: MessageRows<TableEvent> = {
  'table-changed': (event) => [{ level: changeLevel(event.change), text: changeText(event.change) }],
  'table-kept': () => [],
  'table-audited': (event) => [auditMessage(event)],
  'alert-raised': (event) => [info(`emailalert: ${event.text}`)],
  'mail-failed': (event) => {
    const then = event.retryIn === null ? 'given up' : `tried again in ${event.retryIn} s`;
    return [warning(`Mail to ${event.recipients.join(', ')} failed: ${event.reason}; ${then}: ${event.subject}`)];
  },
  'mails-held': (event) => [warning(heldMails(event))],
  'command-ended': (event) => {
    const { command, ok, outcome, output } = event;
    const head = ok ? info(`Ran ${command}: ${outcome}`) : warning(`system(${command}) failed: ${outcome}`);
    return [head, ...output.map((line) => info(` | ${line}`))];
  },
  'table-drifted': (event) => [warning(`Table changed by somebody else, putting it right: ${firstOf(event.objects)}`)],
  'table-contested': (event) => {
    const advice = 'does another ldirectord or keepalived have the same virtual? It is put right less often now';
    return [warning(`Table changed back each time that it is put right: ${firstOf(event.objects)}: ${advice}`)];
  },
  'table-failed': (event) => [
    { level: 'bad', text: `${event.object}: ${event.failure.message} (${event.failure.code})` },
  ],
  'table-followed': (event) => [info(followedText(event))],
};

type Change = Of<TableEvent, 'table-changed'>['change'];

function followedText({ entered, left }: Of<TableEvent, 'table-followed'>): string {
  const services = (count: number): string => `${count} service${count === 1 ? '' : 's'}`;
  const came = entered === 0 ? [] : [`${services(entered)} put in`];
  return `Table follows the role: ${[...came, ...(left === 0 ? [] : [`${services(left)} left out`])].join(', ')}`;
}

function changeLevel(change: Change): Level {
  if (change.object === 'virtual') return 'info';
  switch (change.action) {
    case 'added':
      return change.weight > 0 ? 'good' : 'info';
    case 'restored':
      return 'good';
    case 'weighed':
      return 'debug';
    case 'quiescent':
      return 'bad';
    case 'deleted':
      return change.object === 'fallback' ? 'info' : 'bad';
    default:
      return 'info';
  }
}

function auditMessage({ services, destinations, differences }: Of<TableEvent, 'table-audited'>): Message {
  const size = `${services} services, ${destinations} destinations`;
  return differences === 0
    ? info(`Audit of the table: in order: ${size}`)
    : warning(`Audit of the table: ${differences} ${differences === 1 ? 'entry' : 'entries'} differed: ${size}`);
}

function heldMails({ recipients, news, limit, wait }: Of<TableEvent, 'mails-held'>): string {
  const what = news === 'change' ? 'Mails' : 'Reminders';
  const then = news === 'change' ? `wait for ${wait} s` : `are left out for ${wait} s`;
  return `${what} to ${recipients.join(', ')} ${then}: maillimit is ${limit} in an hour`;
}
