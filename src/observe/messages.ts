/** Events as lines of the log. Scripts match these lines: their wording is an interface. */

import { type CheckSums, changeText, type Event, heldText, minimumText, serviceText, voteText } from '../events.js';
import { originWords } from '../model/origin.js';
import { holdText } from '../model/override.js';
import type { Subject } from '../model/subject.js';
import { printable } from '../terminal/printable.js';

export type Level = 'good' | 'bad' | 'warning' | 'info' | 'debug';

export interface Message {
  readonly level: Level;
  readonly text: string;
}

type Change = Extract<Event, { type: 'table-changed' }>['change'];

/** The lines that tell an event; the reason of a change comes on a line before it. */
export function messagesOf(event: Event): Message[] {
  return messages(event).map(({ level, text }) => ({ level, text: printable(text) }));
}

function messages(event: Event): Message[] {
  switch (event.type) {
    case 'started': {
      const how = event.background ? 'as daemon' : 'in the foreground';
      return [info(`Starting Linux Director v${event.version} ${how}, ${event.backend} backend`)];
    }
    case 'terminated':
      return [info(`Linux Director Daemon terminated on ${event.cause}`)];
    case 'crashed':
      return event.trace.split('\n').map((text) => ({ level: 'bad', text: `Unforeseen error: ${text}` }));
    case 'other-failed':
      return [warning(`Other instance ${event.instance}: ${event.reason}`)];
    case 'signal-ignored':
      return [info(`Signal ${event.signal} means nothing here; files that are rotated are opened anew without one`)];
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
    case 'fallback-up':
      return [{ level: 'good', text: `Check passed: ${checkText(event)}: ${event.reason}` }];
    case 'server-recovered':
    case 'fallback-recovered':
      return [info(`Resetting soft failure count: ${checkText(event)}`)];
    case 'server-rising':
    case 'fallback-rising': {
      const { successes, risecount } = event;
      return [info(`Rising ${roleOf(event)}: ${placeText(event)} success ${successes}/${risecount}`)];
    }
    case 'server-down':
    case 'fallback-down':
      return [failedCheck(event)];
    case 'server-soft-failure':
    case 'fallback-soft-failure': {
      const { failures, failurecount } = event;
      const soft = `Soft failure ${roleOf(event)}: ${placeText(event)} failure ${failures}/${failurecount}`;
      return [failedCheck(event), warning(soft)];
    }
    case 'table-changed':
      return [{ level: changeLevel(event.change), text: changeText(event.change) }];
    case 'checked':
    case 'table-kept':
      return [];
    case 'checks-summed':
      return [sumMessage(event)];
    case 'checks-hindered':
      return [warning(`No verdict of ${checksOf(event.checks)}, whose servers stay as they are: ${event.reason}`)];
    case 'checks-unhindered':
      return [info(`Checks have verdicts again, after up to ${event.checks} at once had none: ${event.reason}`)];
    case 'director-isolated':
      return [{ level: 'bad', text: `All ${event.checks} checks fail: is it this machine? ${event.network}` }];
    case 'director-reaches':
      return [info(`Not all of ${event.checks} checks fail any more`)];
    case 'shared-misread':
      return [warning(`Store: ${event.key} means nothing, and is passed over: ${event.reason}`)];
    case 'director-alone': {
      const { down, servers, others } = event;
      return [
        { level: 'bad', text: `Only this director sees ${down} of ${servers} servers down, ${others} others do not` },
      ];
    }
    case 'director-agrees':
      return [info('This director sees its servers as others do again')];
    case 'director-namesake':
      return [
        {
          level: 'bad',
          text: `Another director is called ${event.name}, too: one of them needs another name in [store]`,
        },
      ];
    case 'split-brain': {
      const text = `${event.address} is active here and on ${event.others.join(', ')} at once: who elects sees one of them not`;
      return [{ level: 'bad', text }];
    }
    case 'split-brain-healed':
      return [
        { level: 'good', text: `${event.address} is no longer active here and on ${event.others.join(', ')} at once` },
      ];
    case 'worker-replaced': {
      const { worker, checks, reason } = event;
      return [warning(`Worker ${worker} was replaced, with ${checks} checks: ${reason}`)];
    }
    case 'virtual-below-minimum':
      return [warning(minimumText(event))];
    case 'virtual-minimum-restored':
      return [info(minimumText(event))];
    case 'virtual-voted':
      return [warning(voteText(event))];
    case 'virtual-vote-over':
      return [info(voteText(event))];
    case 'virtual-unserved':
      return [{ level: 'bad', text: serviceText(event) }];
    case 'virtual-served':
      return [{ level: 'good', text: serviceText(event) }];
    case 'server-held':
    case 'server-released':
      return [event.type === 'server-held' ? warning(heldText(event)) : info(heldText(event))];
    case 'server-growing': {
      const how = `its weight grows from a tenth to the whole within ${event.seconds} s`;
      return [info(`Slow start: ${checkText(event)}: ${how}`)];
    }
    case 'virtual-down':
      return [{ level: 'bad', text: `No real server is left: ${event.virtual} (${event.protocol})` }];
    case 'virtual-up':
      return [{ level: 'good', text: `A real server is back: ${event.virtual} (${event.protocol})` }];
    case 'maintenance-began':
      return [warning(`Maintenance began: ${checkText(event)}: ${holdText(event, originWords(event))}`)];
    case 'maintenance-ended':
      return [info(`Maintenance ended: ${checkText(event)}${originWords(event)}`)];
    case 'weight-overridden':
      return [
        warning(`Weight set by hand: ${checkText(event)}: ${event.weight}${endingOf(event)}${originWords(event)}`),
      ];
    case 'weight-restored':
      return [info(`Weight set by hand ended: ${checkText(event)}${originWords(event)}`)];
    case 'agent-weight':
      return [info(`Agent sets weight: ${checkText(event)}: ${event.weight ?? 'the whole'}`)];
    case 'agent-silent': {
      const last = event.said === null ? 'it has not answered yet' : `its last word stays: ${event.said}`;
      return [warning(`Agent does not answer: ${event.agent}: ${event.reason}; ${last}`)];
    }
    case 'agent-answers':
      return [info(`Agent answers again: ${event.agent}`)];
    case 'agent-misunderstood':
      return [warning(`Agent says what nobody knows: ${event.agent}: '${event.word}', which is passed over`)];
    case 'orders-lost':
      return [warning(`Drains and weights set by hand before are lost: ${event.reason}`)];
    case 'policies-lost':
      return [warning(`What health policies knew is lost: ${event.reason}`)];
    case 'health-lost':
      return [warning(`Who is up could not be handed over: ${event.reason}`)];
    case 'addresses-lost':
      return [warning(`Addresses of names are lost: ${event.reason}`)];
    case 'past-lost':
      return [warning(`What happened before is lost: ${event.reason}`)];
    case 'control-failed':
      return [warning(`Control socket: ${event.reason}`)];
    case 'log-failed':
      return [{ level: 'bad', text: failedLog(event) }];
    case 'log-restored':
      return [event.lost === 0 ? info(`${event.place} is written again`) : warning(lossText(event))];
    case 'log-level-set':
      return [info(`Log level ${event.level ?? 'as in the settings'}${endingOf(event)}`)];
    case 'settings-changed':
      return [info(`Reread settings from ${event.file}`)];
    case 'table-audited':
      return [auditMessage(event)];
    case 'alert-raised':
      return [info(`emailalert: ${event.text}`)];
    case 'mail-failed': {
      const then = event.retryIn === null ? 'given up' : `tried again in ${event.retryIn} s`;
      return [warning(`Mail to ${event.recipients.join(', ')} failed: ${event.reason}; ${then}: ${event.subject}`)];
    }
    case 'mails-held':
      return [warning(heldMails(event))];
    case 'command-ended': {
      const { command, ok, outcome, output } = event;
      const head = ok ? info(`Ran ${command}: ${outcome}`) : warning(`system(${command}) failed: ${outcome}`);
      return [head, ...output.map((line) => info(` | ${line}`))];
    }
    case 'table-drifted':
      return [warning(`Table changed by somebody else, putting it right: ${firstOf(event.objects)}`)];
    case 'table-contested': {
      const advice = 'does another ldirectord or keepalived have the same virtual? It is put right less often now';
      return [warning(`Table changed back each time that it is put right: ${firstOf(event.objects)}: ${advice}`)];
    }
    case 'table-failed':
      return [{ level: 'bad', text: `${event.object}: ${event.failure.message} (${event.failure.code})` }];
    case 'table-followed':
      return [info(followedText(event))];
    case 'vip-added':
      return [info(`Added address ${vipText(event)}`)];
    case 'vip-removed':
      return [info(`Removed address ${vipText(event)}`)];
    case 'vip-foreign':
      return [warning(`Address ${vipText(event)} is there already: it is somebody else's, and stays at a stop`)];
    case 'vip-drifted':
      return [warning(`Address ${vipText(event)} was gone, putting it back`)];
    case 'vip-contested': {
      const advice = 'does another program manage the device? It is put back less often now';
      return [warning(`Address ${vipText(event)} is gone each time that it is put back: ${advice}`)];
    }
    case 'vip-failed': {
      const { addresses, device, code, reason } = event;
      return [{ level: 'bad', text: `Address ${firstOf(addresses)} on ${device}: ${reason} (${code})` }];
    }
    case 'vip-restored':
      return [{ level: 'good', text: `Address ${vipText(event)} is there again: the device is up` }];
    case 'vip-unannounced':
      return [warning(`Address ${vipText(event)} could not be announced: ${event.reason} (${event.code})`)];
    case 'vip-journal-lost':
      return [warning(`Which addresses are ours is lost: ${event.reason}`)];
    case 'vip-announced': {
      const { address, by, how, why } = event;
      const level = { well: 'good', ill: 'warning', leaving: 'info' } as const;
      const as = { well: '', ill: ' though it is not healthy', leaving: ' as the last way to it' }[how];
      return [{ level: level[how], text: `Announced ${address}${as} (${by}): ${why}` }];
    }
    case 'vip-withdrawn':
      return [warning(`Not announced any more: ${event.address}: ${event.why}`)];
    case 'announcer-failed':
      return [{ level: 'bad', text: `Cannot announce (${event.by}): ${event.reason}` }];
    case 'announcer-restored':
      return [info(`Can announce again (${event.by})`)];
    case 'announcements-lost':
      return [warning(`What was announced before is lost: ${event.reason}`)];
    case 'handover-began':
      return [warning(`Clients go to other directors from now on${originWords(event)}`)];
    case 'handover-ended':
      return [info(`Clients may come to this director again${originWords(event)}`)];
    case 'packet-rules-changed': {
      const { table, marks, snats } = event;
      const what = marks + snats === 0 ? 'none any more' : `${marks} for marks, ${snats} for snat`;
      return [info(`Packet rules: ${what} (nftables: inet ${table})`)];
    }
    case 'packet-rules-drifted':
      return [warning(`Packet rules changed by somebody else, putting them right (nftables: inet ${event.table})`)];
    case 'packet-rules-failed':
      return [{ level: 'bad', text: `Packet rules (nftables: inet ${event.table}): ${event.message} (${event.code})` }];
    case 'packet-rules-restored':
      return [info(`Packet rules are in order again (nftables: inet ${event.table})`)];
    case 'role-changed':
      return [roleMessage(event)];
    case 'left-to-active':
      return [info(`Left to ${event.to ?? 'the active director'}: ${event.what}: ${event.text}`)];
    case 'role-failed':
      return [warning(`Role: nobody says it: ${event.reason}`)];
    case 'fitness-told':
      return [info(`Fitness: ${event.fitness}${event.before === null ? '' : ` (was ${event.before})`}`)];
    case 'fitness-failed':
      return [warning(`Fitness: ${event.outlet} cannot be told: ${event.reason}`)];
    case 'fitness-restored':
      return [info(`Fitness: ${event.outlet} is told again`)];
    case 'sync-started':
      return [info(`Synchronization: ${event.daemon} runs on ${event.interface}, id ${event.id}`)];
    case 'sync-stopped':
      return [info(`Synchronization: ${event.daemon} on ${event.interface}, id ${event.id}, was stopped`)];
    case 'sync-foreign':
      return [
        info(
          `Synchronization: a ${event.daemon} of somebody else runs on ${event.interface}, id ${event.id}: it stays`,
        ),
      ];
    case 'sync-drifted':
      return [warning(`Synchronization: ${syncFoundText(event)}; that is put right`)];
    case 'sync-contested':
      return [
        warning(
          `Synchronization: ${syncFoundText(event)}, again: does keepalived have lvs_sync_daemon? It is put right less often now`,
        ),
      ];
    case 'sync-failed':
      return [{ level: 'bad', text: `Synchronization: ${syncPlaceText(event)}: ${event.reason} (${event.code})` }];
    case 'sync-restored':
      return [info(`Synchronization: ${syncPlaceText(event)}: in order again`)];
    case 'sync-journal-lost':
      return [warning(`Synchronization: which daemons are ours: ${event.reason}`)];
    case 'store-away':
      return [warning(`Store is away: ${event.reason} (${event.code}); what was last heard holds`)];
    case 'store-back': {
      const after = event.awayFor === null ? '' : `, after ${Math.round(event.awayFor / 1_000)} s`;
      return [info(`Store answers: ${event.endpoint}, ${event.entries} keys${after}`)];
    }
    case 'store-replaced':
      return [warning(`Store has other data than before: ${event.endpoint}: it is read whole`)];
    case 'store-unwritable':
      return [warning(`Store takes no writes: ${event.reason} (${event.code})`)];
    case 'store-writable':
      return [info(`Store takes writes again: ${event.endpoint}`)];
    case 'http-opened':
      return [info(`Metrics and the status page are at ${event.address}`)];
    case 'http-failed':
      return [warning(`Metrics and the status page at ${event.address}: ${event.reason}`)];
  }
}

function roleMessage({ role, gained, lost }: Extract<Event, { type: 'role-changed' }>): Message {
  if (role === 'unknown') return warning('Role: not known, so this director counts as active');
  const isFor = gained.length > 0 ? ` for ${firstOf(gained)}` : '';
  const isNotFor = lost.length > 0 ? `, no longer for ${firstOf(lost)}` : '';
  return info(`Role: ${role}${isFor}${isNotFor}`);
}

function syncFoundText({ daemon, found }: Extract<Event, { type: 'sync-drifted' | 'sync-contested' }>): string {
  return found === null ? `the ${daemon} was gone` : `another ${daemon} ran in the place of ours (${found})`;
}

function syncPlaceText({ daemon }: { readonly daemon: string }): string {
  return daemon === 'all' ? 'its daemons' : `the ${daemon}`;
}

function followedText({ entered, left }: Extract<Event, { type: 'table-followed' }>): string {
  const services = (count: number): string => `${count} service${count === 1 ? '' : 's'}`;
  const came = entered === 0 ? [] : [`${services(entered)} put in`];
  return `Table follows the role: ${[...came, ...(left === 0 ? [] : [`${services(left)} left out`])].join(', ')}`;
}

function vipText({ address, device }: { readonly address: string; readonly device: string }): string {
  return `${address} on ${device}`;
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

function firstOf([first = '', ...others]: readonly string[]): string {
  return others.length > 0 ? `${first} and ${others.length} more` : first;
}

function auditMessage({ services, destinations, differences }: Extract<Event, { type: 'table-audited' }>): Message {
  const size = `${services} services, ${destinations} destinations`;
  return differences === 0
    ? info(`Audit of the table: in order: ${size}`)
    : warning(`Audit of the table: ${differences} ${differences === 1 ? 'entry' : 'entries'} differed: ${size}`);
}

function sumMessage({ sums }: Extract<Event, { type: 'checks-summed' }>): Message {
  const { started, failed, withoutVerdict, skipped, running, waiting, lateness, duration } = sums;
  const judged = withoutVerdict > 0 ? `${failed} failed, ${withoutVerdict} without a verdict` : `${failed} failed`;
  const counts = `${started} begun, ${judged}, ${skipped} skipped, ${running} under way, ${waiting} waiting`;
  const times = (name: string, { p50, p99, max }: CheckSums['lateness']) => `${name} ${p50}/${p99}/${max} ms`;
  const text = `Checks: ${counts}; ${times('late', lateness)}, ${times('took', duration)} (half, 99 %, most)`;
  return { level: 'debug', text };
}

function failedCheck(event: FailedCheck): Message {
  const count = `failure ${event.failures}/${event.failurecount}`;
  return {
    level: 'bad',
    text: `Check failed: ${checkText(event)}: ${event.reason}, after ${Math.round(event.duration)} ms, ${count}`,
  };
}

function failedLog({ place, reason, lost }: Extract<Event, { place: string }>): string {
  return `${place} cannot be written: ${reason}${lost === 0 ? '' : `; ${lostText(lost)}`}`;
}

function lossText({ place, reason, lost }: Extract<Event, { place: string }>): string {
  return `${place} could not be written: ${reason}; ${lostText(lost)}`;
}

function lostText(lost: number): string {
  return lost === 1 ? '1 line was lost' : `${lost} lines were lost`;
}

function heldMails({ recipients, news, limit, wait }: Extract<Event, { type: 'mails-held' }>): string {
  const what = news === 'change' ? 'Mails' : 'Reminders';
  const then = news === 'change' ? `wait for ${wait} s` : `are left out for ${wait} s`;
  return `${what} to ${recipients.join(', ')} ${then}: maillimit is ${limit} in an hour`;
}

function checksOf(count: number): string {
  return count === 1 ? 'a check' : `${count} checks`;
}

function endingOf({ until }: { readonly until: number | null }): string {
  return until === null ? '' : `, until ${new Date(until).toLocaleString('sv')}`;
}

type FailedCheck = Extract<
  Event,
  { type: 'server-down' | 'server-soft-failure' | 'fallback-down' | 'fallback-soft-failure' }
>;

function checkText(event: Subject): string {
  return `${event.role === undefined ? '' : 'fallback server '}${placeText(event)}`;
}

function placeText({ server, protocol, virtual }: Subject): string {
  return `${server} (${protocol}:${virtual})`;
}

function roleOf({ role }: Subject): string {
  return role === undefined ? 'real server' : 'fallback server';
}

function info(text: string): Message {
  return { level: 'info', text };
}

function warning(text: string): Message {
  return { level: 'warning', text };
}
