/** Events of checks as lines of the log. */

import type { CheckingEvent, CheckSums, Failed, Passed, Rising } from '../../events/checking.js';
import { flappingText } from '../../events/texts.js';
import type { Subject } from '../../model/subject.js';
import { info, type Message, type MessageRows, type Of, warning } from './message.js';
import { checkText, placeText } from './words.js';

export const checkingMessages: MessageRows<CheckingEvent> = {
  'server-up': passed,
  'fallback-up': passed,
  'server-recovered': recovered,
  'fallback-recovered': recovered,
  'server-rising': rising,
  'fallback-rising': rising,
  'server-down': (event) => [failedCheck(event)],
  'fallback-down': (event) => [failedCheck(event)],
  'server-soft-failure': softly,
  'fallback-soft-failure': softly,
  'server-flapping': (event) => [warning(flappingText(event))],
  'server-settled': (event) => [{ level: event.up ? 'good' : 'bad', text: flappingText(event) }],
  'servers-flap': (event) => [warning(flapText(event))],
  checked: () => [],
  'checks-summed': (event) => [sumMessage(event)],
  'checks-hindered': (event) => [
    warning(`No verdict of ${checksOf(event.checks)}, whose servers stay as they are: ${event.reason}`),
  ],
  'checks-unhindered': (event) => [
    info(`Checks have verdicts again, after up to ${event.checks} at once had none: ${event.reason}`),
  ],
  'director-isolated': (event) => [
    { level: 'bad', text: `All ${event.checks} checks fail: is it this machine? ${event.network}` },
  ],
  'director-reaches': (event) => [info(`Not all of ${event.checks} checks fail any more`)],
  'worker-replaced': (event) => {
    const { worker, checks, reason } = event;
    return [warning(`Worker ${worker} was replaced, with ${checks} checks: ${reason}`)];
  },
};

function passed(event: Passed): Message[] {
  return [{ level: 'good', text: `Check passed: ${checkText(event)}: ${event.reason}` }];
}

function recovered(event: Subject): Message[] {
  return [info(`Resetting soft failure count: ${checkText(event)}`)];
}

function rising(event: Rising): Message[] {
  const { successes, risecount } = event;
  return [info(`Rising ${roleOf(event)}: ${placeText(event)} success ${successes}/${risecount}`)];
}

function softly(event: Failed): Message[] {
  const { failures, failurecount } = event;
  const soft = `Soft failure ${roleOf(event)}: ${placeText(event)} failure ${failures}/${failurecount}`;
  return [failedCheck(event), warning(soft)];
}

function sumMessage({ sums }: Of<CheckingEvent, 'checks-summed'>): Message {
  const { started, failed, withoutVerdict, skipped, running, waiting, lateness, duration } = sums;
  const judged = withoutVerdict > 0 ? `${failed} failed, ${withoutVerdict} without a verdict` : `${failed} failed`;
  const counts = `${started} begun, ${judged}, ${skipped} skipped, ${running} under way, ${waiting} waiting`;
  const times = (name: string, { p50, p99, max }: CheckSums['lateness']) => `${name} ${p50}/${p99}/${max} ms`;
  const text = `Checks: ${counts}; ${times('late', lateness)}, ${times('took', duration)} (half, 99 %, most)`;
  return { level: 'debug', text };
}

function failedCheck(event: Failed): Message {
  const count = `failure ${event.failures}/${event.failurecount}`;
  return {
    level: 'bad',
    text: `Check failed: ${checkText(event)}: ${event.reason}, after ${Math.round(event.duration)} ms, ${count}`,
  };
}

function flapText({ servers, changes, most }: Of<CheckingEvent, 'servers-flap'>): string {
  if (servers === 1) return `Flapping still: ${checkText(most)}: ${changes} changes in the last minute`;
  const which = `most of ${checkText(most)}: ${most.changes}`;
  return `Flapping still: ${servers} servers: ${changes} changes in the last minute, ${which}`;
}

function checksOf(count: number): string {
  return count === 1 ? 'a check' : `${count} checks`;
}

function roleOf({ role }: Subject): string {
  return role === undefined ? 'real server' : 'fallback server';
}
