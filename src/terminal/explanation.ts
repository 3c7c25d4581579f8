/** An explanation of a server in words. */

import { markText } from '../model/check-path.js';
import { localClockText, localTimeText } from '../model/local-time.js';
import { withAddress } from '../model/names.js';
import type { Origin } from '../model/origin.js';
import { protocolId } from '../model/subject.js';
import type { CheckResult, CheckStatus, Explanation, Question, ServerStatus } from '../status/model.js';
import { agentRows } from './agent-rows.js';
import { countText, endingOf, originOf, span, textIfKnown } from './figures.js';
import { applyStyle, type Style, type Surface, wrap } from './fitting.js';
import { beyondChecksText, byHandText, healthOf } from './listing.js';
import { printable } from './printable.js';

/** `at` is the moment from which ages are counted, in milliseconds since 1970. */
export function explanationText(
  { virtual, role, server, lines, check }: Explanation,
  at: number,
  { width, colour }: Surface,
): string {
  const who = withAddress(server.called, server.name);
  const where = withAddress(virtual.called, virtual.name);
  const title = wrap(
    printable(`${role === undefined ? '' : 'fallback '}${who} in ${protocolId(virtual)} ${where}`),
    width,
    '  ',
  );
  const { style } = healthOf(server);
  const use = role === undefined ? '' : server.inUse ? 'in use, ' : 'waiting, ';
  return [
    ...title.map((text) => applyStyle({ text, style: 'bold' }, colour)),
    ...rows(
      [
        ['is', `${use}${stateText(server, at)}`, style],
        ['why', printable(whyOf(server))],
        ...flappingRows(server, at),
        ...askedRows(server, at),
        ['table', virtual.leftOut && server.weight === null ? leftOut : tableOf(server)],
        ...vipRows(virtual),
        ...weightRows(server),
        ...agentRows(server, at),
        ...(check === null ? [] : checkRows(check, server, at)),
      ],
      { width, colour },
    ),
    applyStyle({ text: '  file', style: 'dim' }, colour),
    ...lines.flatMap(({ line, text }) => wrap(`    ${String(line).padStart(5)}  ${text}`, width, ' '.repeat(11))),
  ].join('\n');
}

/** How it is and for how long, and what its checks say where that is something else. */
function stateText(server: ServerStatus, at: number): string {
  const { state, up, decided, since, healthSince } = server;
  const taken = `taken as ${up ? 'up' : 'down'}, not checked yet`;
  const health = decided ? `its checks say it is ${up ? 'up' : 'down'}, for ${span(at - healthSince)}` : taken;
  const duration = span(at - since);
  switch (state) {
    case 'held':
      return `held out of use for ${duration}; ${health}`;
    case 'drained':
      return `drained for ${duration}; ${health}`;
    case 'kept':
    case 'unused':
      return `${beyondChecksText(server)} for ${duration}; ${health}`;
    case 'unknown':
      return `${taken}, for ${duration}`;
    default:
      return `${state} for ${duration}`;
  }
}

function whyOf(server: ServerStatus): string {
  const { held, heldUntil, hindered, stale, reason } = server;
  const holds = held === null ? null : `${held}${endingOf({ until: heldUntil })}`;
  return [holds, stale, hindered && `its check has no verdict: ${hindered}`, reason]
    .filter((part) => part !== null)
    .join('; ');
}

function flappingRows({ flapping }: ServerStatus, at: number): Pair[] {
  return flapping === null
    ? []
    : [
        [
          'flapping',
          `for ${span(at - flapping.since)}, ${countText(flapping.changes, 'change')} in the last minute`,
          'yellow',
        ],
      ];
}

/** Who asked for what, when and why. */
function askedRows({ hold, override }: ServerStatus, at: number): Pair[] {
  const rows: Pair[] = [];
  if (hold !== null) rows.push(['held', printable(`${hold.reason}${originOf(hold, at)}${momentOf(hold)}`)]);
  if (override !== null) {
    rows.push(['by hand', printable(`weight ${override.weight}${byHandText(override, at)}${momentOf(override)}`)]);
  }
  return rows;
}

const leftOut = 'not in it: this director is passive for the service';

function momentOf({ since }: Origin): string {
  return since === null ? '' : ` (since ${localTimeText(since)})`;
}

function tableOf({ wanted, weight, configured, override, connections, forward }: ServerStatus): string {
  const file =
    override === null
      ? `${configured} in the file`
      : `${override.weight} by hand${endingOf(override)}, ${configured} in the file`;
  if (weight === null)
    return `not in it${wanted === null ? '' : `, but wanted with weight ${wanted}`} (weight ${file})`;
  const standing = weight === wanted ? `weight ${weight}` : `weight ${weight}, wanted ${textIfKnown(wanted)}`;
  const { active = 0, inactive = 0 } = connections ?? {};
  return `${forward}, ${standing} (${file}), ${countText(active, 'active connection')}, ${inactive} inactive`;
}

function vipRows({ vip, leftOut: isLeftOut }: Explanation['virtual']): Pair[] {
  if (vip === null) return [];
  const { address, device, label, stands, why } = vip;
  const where = `${address ?? 'its address'} ${stands ? 'is' : 'is not'} on ${label ?? device}`;
  const text = printable(why === null ? where : `${where}: ${why}`);
  return [stands || isLeftOut ? ['vip', text] : ['vip', text, 'red']];
}

/** The product, and when it is another one. */
function weightRows({ weighed, wanted }: ServerStatus): Pair[] {
  if (weighed === null || (weighed.from === 'hand' && weighed.share === 100 && weighed.grown === null)) return [];
  const { base, from, share, grown, next } = weighed;
  const origin = { file: 'in the file', hand: 'by hand', agent: 'by its agent' }[from];
  const factors = [`${base} ${origin}`];
  if (share !== 100) factors.push(`${share} % by its agent`);
  if (grown !== null) factors.push(`${grown.percent} % after ${grown.seconds} of ${grown.over} s of slow start`);
  const then = next === null ? '' : `; ${next.weight} at ${localClockText(next.at)}`;
  return [['weight', `${factors.join(' × ')} = ${textIfKnown(wanted)}${then}`]];
}

function checkRows(check: CheckStatus, server: ServerStatus, at: number): Pair[] {
  const { interval, sharedBy, failurecount, risecount, results, further } = check;
  const shared = sharedBy > 1 ? `, decides about ${countText(sharedBy, 'place')}` : '';
  const rises = risecount === 1 ? '' : `, up after ${risecount} that passed, now ${server.successes}`;
  const rule = `down after ${countText(failurecount, 'failure')} in a row, now ${server.failures}${rises}`;
  const found: Pair[] = [['check', `${questionOf(check)} every ${interval / 1000} s${shared}; ${rule}`]];
  for (const one of further) found.push(['require', questionOf(one)]);
  if (results === null) return [...found, ['results', 'the thread that runs it does not say']];
  const without = results.withoutVerdict > 0 ? `, ${results.withoutVerdict} without a verdict` : '';
  found.push(['results', `${results.ok} passed, ${results.failed} failed${without}`]);
  if (results.last) found.push(['last', resultOf(results.last, at)]);
  if (results.lastFailure && results.last?.ok !== false) found.push(['failure', resultOf(results.lastFailure, at)]);
  return found;
}

/** What is asked of whom: only a negotiate check speaks a service, and a ping knows no port. */
function questionOf({ type, service, address, port, path }: Question): string {
  if (type === 'ping') return `ping of ${address}`;
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const who = path === null ? place : `${place}, forwarded to ${path.server} by mark ${markText(path.mark)},`;
  if (type === 'negotiate') return `negotiate ${service} of ${who}`;
  return type === 'combined' ? `connect and negotiate ${service} of ${who}` : `${type} of ${who}`;
}

function resultOf({ at, ok, reason, duration }: CheckResult, now: number): string {
  const when = `${span(now - at)} ago, after ${Math.round(duration)} ms`;
  const said = ok === null ? 'no verdict' : ok ? 'passed' : 'failed';
  return `${said} ${when}: ${printable(reason)}`;
}

type Pair = readonly [name: string, text: string, style?: Style];

/** Nothing is cut here: what is longer than the line goes on below. */
function rows(pairs: readonly Pair[], { width, colour }: Surface): string[] {
  const lead = 10;
  return pairs.flatMap(([name, text, style]) => {
    const [first = '', ...more] = wrap(`  ${name.padEnd(lead - 2)}${text}`, width, ' '.repeat(lead));
    const styled = applyStyle({ text: first.slice(lead), style }, colour);
    return [`${first.slice(0, lead)}${styled}`, ...more.map((line) => applyStyle({ text: line, style }, colour))];
  });
}
