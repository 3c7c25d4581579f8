/** The directives that the reference does not know, and that `--strict` refuses. */

import { append, type Directive, quoted, row, word } from './directive.js';
import * as read from './extension-values.js';
import { servicesWith } from './tls-modes.js';
import { maybeQuoted, yesOrNo } from './values.js';

const extension = { extension: true } as const;
const extensionWord = { ...extension, ...word } as const;
const extensionQuoted = { ...extension, ...quoted } as const;

/** Bytes that `bodylimit` allows at most; a body is held in memory. */
const largestBody = 64 * 1024 * 1024;
/** A hundred years: no certificate is valid for longer. */
const mostDays = 36_525;

export const extensionDirectives: readonly Directive[] = [
  row(
    'tls',
    'virtual',
    'by service',
    `\`no\`, \`yes\` (from the first byte), \`starttls\` (${servicesWith('starttls').join(', ')}) or \`prefer\` (${servicesWith('prefer').join(', ')}: where the server offers it)`,
    read.tlsMode,
    extensionWord,
  ),
  row('tlsverify', 'virtual', 'no', 'whether the certificate must be valid', yesOrNo, extensionWord),
  row(
    'tlscafile',
    'virtual',
    'the system’s',
    'the file of the authorities that `tlsverify` trusts',
    read.namedFile,
    extensionQuoted,
  ),
  row(
    'tlsservername',
    'virtual',
    'virtualhost',
    'the name to ask for in TLS, and that the certificate must have; an address is not asked for, but it must be in there; without one no name is checked',
    maybeQuoted('the name'),
    extension,
  ),
  row(
    'tlscertfile',
    'virtual',
    'none',
    'the file of the certificate to show to the server',
    read.namedFile,
    extensionQuoted,
  ),
  row('tlskeyfile', 'virtual', 'tlscertfile', 'the file of its key', read.namedFile, extensionQuoted),
  row(
    'tlsmindays',
    'virtual',
    '0',
    'days for which the certificate must be valid still; 0 is not asked',
    read.wholeNumber('the number of days', 0, mostDays),
    extension,
  ),
  row(
    'expectstatus',
    'virtual',
    '200-299',
    'HTTP status codes and ranges that count as success, separated by commas',
    read.statuses,
    extension,
  ),
  row('requestheader', 'virtual', 'none', 'a header to send, `"Name: value"`; can be repeated', read.header, {
    ...extensionQuoted,
    join: append,
  }),
  row(
    'httpauth',
    'virtual',
    'none',
    'how HTTP checks log in with login and passwd: `none` or `basic`',
    read.httpAuth,
    extensionWord,
  ),
  row(
    'receivein',
    'virtual',
    'body',
    'where `receive` is looked for in HTTP: `body`, `headers` or `status`',
    read.receiveIn,
    extensionWord,
  ),
  row(
    'bodylimit',
    'virtual',
    '1048576',
    'bytes of an HTTP body that are read',
    read.wholeNumber('the number of bytes', 1, largestBody),
    extension,
  ),
  row('httpversion', 'virtual', '1.1', '`1.1` or `2`', read.httpVersion, extension),
  row('followredirects', 'virtual', 'yes', 'whether HTTP redirects are followed', yesOrNo, extensionWord),
  row('keepalive', 'virtual', 'no', 'keep an HTTP connection from one check to the next', yesOrNo, extensionWord),
  row(
    'checkmark',
    'virtual',
    'none',
    'the firewall mark (SO_MARK) of the packets of checks, so that routing rules can choose their way; decimal or hex with `0x`',
    read.mark,
    extension,
  ),
  row('checksource', 'virtual', 'the system’s', 'the address that checks come from', read.address, extension),
  row('dnstype', 'virtual', 'A; PTR for an address', 'the type of the DNS record to ask for', read.dnsType, extension),
  row('requesthex', 'virtual', 'none', 'what a UDP check sends, in hex', read.hex, extension),
  row(
    'receivehex',
    'virtual',
    'nothing',
    'bytes that the answer to a UDP check must contain, in hex; without it and `receive` silence is up',
    read.hex,
    extension,
  ),
];
