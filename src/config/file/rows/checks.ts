/** What checks of more than one kind, or of a service that is not HTTP, can be told. */

import type { Requirement } from '../../../model/config.js';
import { requirementText } from '../../../model/names.js';
import { extension, optional, quoted, row, word } from '../directive.js';
import * as extended from '../extension-values.js';
import { requirement } from '../requirement.js';
import * as read from '../values.js';

const nothingElse: readonly Requirement[] = [];

export const checkDirectives = {
  checkcommand: row('virtual', read.program, '/bin/true', 'the program of external checks'),
  checkport: row('virtual', read.port, null, 'the port to check, where it is not the one that serves', {
    ...optional,
    words: "the server's",
  }),
  checkmark: row(
    'virtual',
    extended.mark,
    null,
    'the firewall mark (SO_MARK) of the packets of checks, so that routing rules can choose their way; decimal or hex with `0x`',
    { ...extension, ...optional },
  ),
  /** A literal address of this machine. */
  checksource: row('virtual', extended.address, null, 'the address that checks come from', {
    ...extension,
    ...optional,
    words: 'the system’s',
  }),
  checkpath: row(
    'virtual',
    extended.checkWay,
    'direct',
    'the way of checks: `direct`, to the address of the real server; `forwarded`, to that of the virtual service, as the kernel forwards it to this real server by gate or ipip',
    { ...extension, ...word },
  ),
  request: row('virtual', read.request, '/', 'what to ask for', quoted),
  receive: row('virtual', read.receive, null, 'a regular expression that the answer must contain', {
    ...quoted,
    words: 'any answer',
    show: (receive) => receive?.source ?? '',
  }),
  httpmethod: row('virtual', read.httpMethod, 'GET', 'GET or HEAD'),
  virtualhost: row('virtual', read.hostHeader, null, 'the host name to ask for in HTTP and TLS', optional),
  login: row('virtual', read.quotedText('the login'), '', 'the user name for checks that log in', {
    ...quoted,
    words: 'by service',
    secret: { kind: 'name' },
  }),
  passwd: row('virtual', read.quotedText('the password'), '', 'the password for checks that log in', {
    ...quoted,
    words: 'by service',
    secret: { kind: 'value', alike: 'passw\\w*', misspelt: 'p[as]\\w*' },
  }),
  database: row('virtual', read.quotedText('the database'), '', 'the database of a check in SQL', quoted),
  secret: row('virtual', read.quotedText('the secret'), '', 'the shared secret of a RADIUS check', {
    ...quoted,
    secret: { kind: 'value', misspelt: 's[ec]\\w*t\\w*' },
  }),
  require: row(
    'virtual',
    requirement,
    nothingElse,
    'a further check that each real server must pass, too: `KIND[:PORT] ["REQUEST"] ["RECEIVE"]`, with `connect`, `ping` or a service as KIND; can be repeated',
    {
      ...extension,
      ...optional,
      join: (earlier, more) => [...earlier, ...more],
      show: (all) => all.map(requirementText),
    },
  ),
};

/** Bytes stand in lower-case hex; they are empty where nothing is sent, or nothing expected. */
export const datagramDirectives = {
  dnstype: row('virtual', extended.dnsType, null, 'the type of the DNS record to ask for', {
    ...extension,
    ...optional,
    words: 'A; PTR for an address',
    useless: 'useless-dnstype',
  }),
  requesthex: row('virtual', extended.hex, '', 'what a UDP check sends, in hex', {
    ...extension,
    ...optional,
    useless: 'useless-hex',
  }),
  receivehex: row(
    'virtual',
    extended.hex,
    '',
    'bytes that the answer to a UDP check must contain, in hex; without it and `receive` silence is up',
    { ...extension, ...optional, words: 'nothing', useless: 'useless-hex' },
  ),
};
