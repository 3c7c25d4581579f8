/** Where ours answers otherwise than the reference, on purpose, and why. */

import { type Difference, differ } from './difference.js';
import { httpDifferences } from './http-differences.js';

const up = ['up', 'down'] as const;
const down = ['down', 'up'] as const;

const mail: readonly Difference[] = [
  ...differ(['smtp', 'submission'], down, 'a server that takes mail greets with 220 (RFC 5321, section 4.2)', [
    'greets with 250',
    'greets with 200',
    'greets with 2200',
  ]),
  ...differ('smtp', down, 'EHLO is taken with 250 alone (RFC 5321, section 4.1.1.1)', ['an old code']),
  ...differ(['pop', 'pops'], down, 'without a login it connects, and does not read', [
    'turns away',
    'another greeting',
  ]),
  ...differ('pop without a login', down, 'without a login it does not see whether it is connected', [
    'refused',
    'closes at once',
    'closes halfway',
    'resets at once',
    'garbage',
    'another protocol',
  ]),
  ...differ(
    ['pop with a login', 'pop without a login'],
    ['down', 'late'],
    'its library waits for the first word without a deadline',
    ['silent'],
  ),
  ...differ(['pop', 'pops'], up, 'where the greeting has a timestamp, it logs in by APOP or not at all', [
    'a timestamp in the greeting',
  ]),
  ...differ('imap', up, 'its library knows no port beside an address in numbers: it asks port 143', [
    'up',
    'lets in',
    'dovecot lets in',
  ]),
  ...differ('imaps', up, 'its library knows no port beside an address in numbers: it asks port 993', [
    'up',
    'lets in',
    'dovecot lets in',
  ]),
  ...differ('nntp', down, 'a server that serves greets with 200 or 201 (RFC 3977, section 5.1)', [
    'greets with 205',
    'greets with 299',
    'greets with 2000',
  ]),
  ...differ('nntp', down, 'it takes half a greeting for a whole one', ['half a greeting']),
];

const files: readonly Difference[] = [
  ...differ('ftp', down, 'without receive it holds whatever comes, and nothing, for an answer', [
    'nothing fetched, a wrong password',
    'no such file without a pattern',
    'vsftpd, no such file, no pattern',
    'vsftpd, wrong password, no pattern',
  ]),
  ...differ(
    'ftp',
    down,
    'it does not look at the replies: it asks for the file all the same, and this server gives it',
    ['a wrong password', 'TYPE refused'],
  ),
  ...differ('ftp', down, 'it does not look whether the server could send the file to its end', [
    'a complaint after the file',
    'no word after the file',
  ]),
  ...differ('ftp', down, 'it has the server connect to it; ours connects, as clients do', ['PASV refused']),
];

const texts: readonly Difference[] = [
  ...differ('simpletcp', up, 'it looks at each line by itself; ours at all of them as well', ['over two lines']),
  ...differ('simpletcp', up, 'an empty pattern is for Perl the one that matched last', ['no pattern']),
  ...differ(['sip over TCP', 'sip over UDP'], up, 'the words beside a status are for people (RFC 3261, section 7.2)', [
    '200 with other words',
  ]),
  ...differ('sip over TCP', up, 'it takes a provisional answer for the last one', ['100 first']),
  ...differ(['sip over TCP', 'sip over UDP'], up, 'empty lines before a message mean nothing (RFC 3261, section 7.5)', [
    'empty lines first',
  ]),
  ...differ(['sip over TCP', 'sip over UDP'], down, 'it does not look whose answer it is', [
    'another call',
    'another branch',
    'another method',
  ]),
  ...differ('sip', up, 'it logs in nowhere', ['kamailio, right password']),
];

const stores: readonly Difference[] = [
  ...differ('ldap', up, 'it looks at the name of the entry alone', [
    'one of its values matches',
    'slapd, one of its values',
  ]),
  ...differ('ldap', up, 'more than the entry that is asked for is no fault of it', ['two entries']),
  ...differ('ldap', down, 'it does not look at the result of the search', ['an entry, and an error']),
  ...differ('dns', up, 'without receive it is never up', [
    'an address without a pattern',
    'named, no pattern',
    'named, no pattern, over TCP',
  ]),
  ...differ('radius', up, 'it sends no Message-Authenticator', ['freeradius that wants proof, right password']),
];

const turns: readonly Difference[] = [
  ...differ('turns', ['down down down', 'up down up'], 'without a service it is up at each negotiate, and flaps', [
    'no service',
  ]),
];

const programs: readonly Difference[] = [
  ...differ('external', down, 'it does not look at the signal that ended the program', [
    'is killed by TERM',
    'is killed by KILL',
    'is killed by SEGV',
  ]),
  ...differ('external-perl', ['up', 'gone'], 'the script ends the reference itself, or takes its place', [
    'becomes another program',
    'ends at once',
    'exits by the real exit',
  ]),
  ...differ('external-perl', ['down', 'gone'], 'the script ends the reference itself, or takes its place', [
    'becomes another program that fails',
    'ends at once with a failure',
    'exits by the real exit with a failure',
    'exits while it is compiled',
    'is killed by KILL',
    'is killed by TERM',
  ]),
  ...differ('external-perl', down, 'the script asks the reference to reload; ours runs it in a process of its own', [
    'is hung up',
  ]),
  ...differ('external-perl', down, 'a script that is run as a function has no end of its own', [
    'changes its status at its end',
  ]),
  ...differ('external-perl', up, 'the brace behind the script is lost in a comment or behind its end', [
    'is a comment',
    'ends in a comment',
    'ends in documentation',
    'has an end',
    'has data',
  ]),
];

export const differences: readonly Difference[] = [
  ...httpDifferences,
  ...mail,
  ...files,
  ...texts,
  ...stores,
  ...turns,
  ...programs,
];
