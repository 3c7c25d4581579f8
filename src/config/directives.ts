/** Every directive of the file: one row each. The manual page and the README print this table. */

import { append, type Directive, type Keyword, quoted, row, word } from './directive.js';
import { extensionDirectives } from './extension-directives.js';
import { fallbackServer } from './fallback.js';
import { realServers } from './real-server.js';
import { datagramPorts } from './service-lists.js';
import * as read from './values.js';
import { virtualAddress } from './virtual-address.js';

const servers = { join: append, word: true } as const;

export const directives: readonly Directive[] = [
  row(
    'virtual',
    'global',
    '',
    'opens the section of a virtual service: `ADDRESS:PORT`, or the number of a firewall mark',
    virtualAddress('inet'),
  ),
  row('virtual6', 'global', '', 'the same for IPv6: `[ADDRESS]:PORT`, or a firewall mark', virtualAddress('inet6')),
  row(
    'real',
    'virtual',
    '',
    'a real server, or a range of them: `ADDRESS[->ADDRESS][:PORT]`, then gate, masq or ipip, then `[WEIGHT] ["REQUEST","RECEIVE"] [l:NUMBER] [u:NUMBER]`',
    realServers('inet'),
    servers,
  ),
  row('real6', 'virtual', '', 'a real server of an IPv6 service: `[ADDRESS]:PORT …`', realServers('inet6'), servers),
  row(
    'fallback',
    'both',
    'none',
    'the server that answers while no real server is up: `ADDRESS[:PORT]`, then gate, masq or ipip',
    fallbackServer('inet'),
    word,
  ),
  row('fallback6', 'both', 'none', 'the same for IPv6 services', fallbackServer('inet6'), word),
  row(
    'fallbackcommand',
    'both',
    'none',
    'a command that is told when the last real server goes and when the first returns',
    read.maybeQuoted('the command'),
    { globally: read.text('the command') },
  ),
  row(
    'checktype',
    'virtual',
    'negotiate',
    'how real servers are checked: `connect`, `negotiate`, `ping`, `external`, `external-perl`, `on`, `off`, or the number of connect checks between two negotiate checks',
    read.checkKind,
    word,
  ),
  row('service', 'virtual', 'by port', 'what a negotiate check speaks', read.service, word),
  row('checkcommand', 'virtual', '/bin/true', 'the program of external checks', read.maybeQuoted('the command')),
  row('checkport', 'virtual', "the server's", 'the port to check, where it is not the one that serves', read.port),
  row('request', 'virtual', '/', 'what to ask for', read.request, quoted),
  row('receive', 'virtual', 'any answer', 'a regular expression that the answer must contain', read.receive, quoted),
  row('httpmethod', 'virtual', 'GET', 'GET or HEAD', read.httpMethod),
  row('virtualhost', 'virtual', 'none', 'the host name to ask for in HTTP and TLS', read.hostHeader),
  row('login', 'virtual', 'by service', 'the user name for checks that log in', read.quoted('the login'), quoted),
  row('passwd', 'virtual', 'by service', 'the password for checks that log in', read.quoted('the password'), quoted),
  row('database', 'virtual', 'none', 'the database of a check in SQL', read.quoted('the database'), quoted),
  row('secret', 'virtual', 'none', 'the shared secret of a RADIUS check', read.quoted('the secret'), quoted),
  row('load', 'virtual', 'none', 'accepted, and changes nothing', read.unusedWord('load'), quoted),
  row('checkinterval', 'both', '10', 'seconds from one check to the next', read.numberIn(read.seconds, 'the interval')),
  row(
    'checktimeout',
    'both',
    'negotiatetimeout where that is set, else 5',
    'seconds until a connect, ping or external check has failed',
    read.numberIn(read.seconds, 'the timeout'),
    { globally: read.positive(read.seconds, 'the timeout') },
  ),
  row(
    'negotiatetimeout',
    'both',
    'checktimeout where that is set, else 30',
    'seconds until a negotiate check has failed',
    read.numberIn(read.seconds, 'the timeout'),
    { globally: read.positive(read.seconds, 'the timeout') },
  ),
  row(
    'checkcount',
    'both',
    '1',
    'pings until one must be answered; deprecated for failurecount',
    read.numberIn(read.count, 'the count'),
  ),
  row(
    'failurecount',
    'both',
    '1',
    'failures in a row that take a real server out',
    read.numberIn(read.count, 'the count'),
  ),
  row('scheduler', 'virtual', 'wrr', 'how the kernel picks a real server, as in ipvsadm(8)', read.scheduler, word),
  row('schedflags', 'virtual', 'none', 'flags of the scheduler, separated by commas', read.schedulerFlags, word),
  row(
    'persistent',
    'virtual',
    'none',
    'seconds that a client stays with its real server',
    read.numberIn(read.secondsOrNone, 'the time'),
  ),
  row(
    'netmask',
    'virtual',
    'one client',
    'the mask (IPv6: prefix length) of clients that count as one for `persistent`',
    read.netmask,
  ),
  row(
    'protocol',
    'virtual',
    `tcp; udp for port ${datagramPorts.join(', ')}`,
    'what the service speaks: tcp or udp; fwm for a firewall mark',
    read.protocol,
    word,
  ),
  row('ops', 'virtual', 'no', 'schedule every UDP packet by itself', read.yesOrNo, word),
  row('quiescent', 'both', 'no', 'keep a real server that is down, with weight 0', read.yesOrNo, word),
  row(
    'readdquiescent',
    'global',
    'no',
    'put a quiescent real server back that was removed by hand',
    read.yesOrNo,
    word,
  ),
  row('cleanstop', 'both', 'yes', 'remove the virtual services when the program stops', read.yesOrNo, word),
  row('monitorfile', 'virtual', 'none', 'a file that gets a line for each check', read.maybeQuoted('the path')),
  row('servicename', 'virtual', 'none', 'a name for the service in mails', read.optionalText),
  row('comment', 'virtual', 'none', 'a remark on the service in mails', read.optionalText),
  row('emailalert', 'both', 'none', 'who is told by mail, separated by commas', read.mailAddresses),
  row('emailalertfrom', 'global', 'the mail system’s', 'the sender of these mails', read.text('the sender')),
  row(
    'emailalertfreq',
    'both',
    '0',
    'seconds until a mail about a server that stays down is repeated; 0 is never',
    read.leadingNumber('the frequency'),
  ),
  row(
    'emailalertstatus',
    'both',
    'all',
    'when to send mail: starting, running, stopping, reloading, all or none',
    read.alertStatus,
    word,
  ),
  row('smtp', 'both', 'the mail system’s', 'the mail server to hand mails to', read.mailServer),
  row('autoreload', 'global', 'no', 'read this file again when it changes', read.yesOrNo, word),
  row(
    'callback',
    'global',
    'none',
    'a command that runs after this file has changed',
    read.quoted('the command', true),
    quoted,
  ),
  row('execute', 'global', 'none', 'another configuration that starts and stops along with this one', read.instance, {
    join: append,
  }),
  row('fork', 'global', 'no', 'accepted, and changes nothing', read.yesOrNo, word),
  row(
    'logfile',
    'global',
    '/var/log/ldirectord.log',
    'the path of the log, or a syslog facility',
    read.quoted('the path', true),
    quoted,
  ),
  row(
    'maintenancedir',
    'global',
    'none',
    'a directory whose files name real servers that are to be down',
    read.text('the directory'),
  ),
  row('supervised', 'global', 'no', 'stay in the foreground and log to standard output', read.yesOrNo, word),
  ...extensionDirectives,
];

const byKeyword: ReadonlyMap<string, Directive> = new Map(
  directives.map((directive) => [directive.keyword, directive]),
);

export function directiveOf(keyword: string): Directive | undefined {
  return byKeyword.get(keyword);
}

/** The known keyword nearest to a wrong one, if any is near. */
export function nearestKeyword(wrong: string): Keyword | undefined {
  const word = wrong.toLowerCase();
  const limit = word.length > 5 ? 2 : 1;
  let best: { readonly keyword: Keyword; readonly distance: number } | undefined;
  for (const { keyword } of directives) {
    const distance = editDistance(word, keyword, limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { keyword, distance };
  }
  return best?.keyword;
}

/** Levenshtein's distance; anything above the limit is only known to be above it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
