/** HTTP: every answer in clear and within TLS, what is asked for, what is looked for, and where it leads. */

import { bad, saysAndCloses } from '../helpers/bad-servers.js';
import { makeCertificate } from '../helpers/certificate.js';
import { type Behaviour, listen } from '../helpers/listener.js';
import { httpAnswers } from './http-answers.js';
import { badServers, type Question, scripted, secure } from './question.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Seconds for what ends by the clock alone; more where the reference must have seen the head of the answer by then. */
function timeout(name: string): readonly string[] {
  if (/^(?:silent|upgrades)$/.test(name)) return ['negotiatetimeout=3'];
  return /^(?:stalls|drips|endless)/.test(name) ? ['negotiatetimeout=3'] : [];
}

/**
 * Left out: a reset, which comes before or after what was sent is read, and bodies without end, which the reference
 * takes into memory.
 */
const leftOut = /^resets|endlessBody|endlessChunks/;

type Wrap = (behave: Behaviour) => Question['server'];

function misdeeds(service: string, wrap: Wrap, lines: readonly string[] = []): Question[] {
  const cases = Object.entries(bad).filter(([name]) => !leftOut.test(name));
  return cases.map(([name, behave]) => ({
    name: `${service}: ${name}`,
    server: wrap(behave),
    lines: [`service=${service}`, ...lines, ...timeout(name)],
    patience: 60,
  }));
}

/** Some within TLS, which takes the reference long: one reader of ours serves both. */
const withinTls = new Set([
  '100 Continue first',
  '103 Early Hints first',
  '204 with a length',
  '40 KB of cookies',
  'a header over two lines',
  'a length and chunks',
  'a length in a list',
  'a length twice',
  'an empty line first',
  'chunks of HTTP/1.0',
  'chunks with blanks after the size',
  'DEL in the phrase',
  'half a chunk',
  'HTTP/0.9',
  'HTTP/2.0',
  'LF alone',
  'no length',
  'status 200',
  'status 503',
  'two lengths',
]);

function answered(
  service: string,
  wrap: Wrap,
  lines: readonly string[],
  suffix = '',
  answers = httpAnswers,
): Question[] {
  return answers.map(([name, answer]) => ({
    name: `${service}${suffix}: ${name}`,
    server: wrap(saysAndCloses(bytes(answer))),
    lines: [`service=${service}`, ...lines],
  }));
}

/** Answers by the path; the port is this server's own. */
function pages(table: (port: number) => Readonly<Record<string, string>>): Question['server'] {
  return async () => {
    const server = await listen((socket) => {
      socket.once('data', (data) => {
        const [, path = ''] = data.toString('latin1').split(' ');
        const answer = table(server.port)[path] ?? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';
        socket.end(bytes(answer));
      });
    });
    return server;
  };
}

/** Well where the request, headers and all, is as it should be. */
function only(wanted: RegExp): Question['server'] {
  return scripted((socket) => {
    socket.once('data', (data) => {
      const status = wanted.test(data.toString('latin1')) ? '200 OK' : '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
}

const page = (body: string, head = '') => `HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
const found = (location: string, status = '302 Found') =>
  `HTTP/1.1 ${status}\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

const utf8 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

const matched: readonly (readonly [name: string, body: string, receive: string])[] = [
  ['anywhere', 'say hello there', 'hello'],
  ['nowhere', 'say hello there', 'hullo'],
  ['case', 'HELLO', 'hello'],
  ['case passed over', 'HELLO', '(?i)hello'],
  ['anchors', 'hello\n', '^hello$'],
  ['anchors at a line', 'well\nhello\n', '^hello'],
  ['anchors at a line, asked for', 'well\nhello\n', '(?m)^hello$'],
  ['over lines', 'a\nb', 'a.b'],
  ['over lines, asked for', 'a\nb', '(?s)a.b'],
  ['a class', 'web17', 'web\\d+$'],
  ['alternatives', 'sick', 'well|fine'],
  ['UTF-8', utf8('café'), 'café'],
  ['UTF-8 by its bytes', utf8('café'), 'caf\\xc3\\xa9'],
  ['UTF-8 by a class of bytes', utf8('café'), '[\\x80-\\xff]'],
  ['UTF-8 by two dots', utf8('café'), 'caf..$'],
  ['a byte order mark', `${utf8('\ufeff')}ok`, '^\\xef\\xbb\\xbfok'],
  ['Latin-1', 'caf\xe9', 'caf\\xe9'],
  ['Latin-1, any byte', 'caf\xe9!', 'caf.!'],
  ['NUL', 'a\0b', 'a\\0b'],
  ['a blank', 'a  b', 'a\\s+b'],
  ['nothing', '', '^$'],
  ['a quantifier', 'aaa', '^a{3}$'],
  ['a back reference', 'abab', '^(ab)\\1$'],
  ['looking ahead', 'foobar', 'foo(?=bar)'],
  ['a possessive quantifier', 'aaab', '^a++b'],
  ['POSIX', 'a1', '^[[:alpha:]][[:digit:]]$'],
  ['a word', 'the cat sat', '\\bcat\\b'],
  ['the end', 'hello\n', 'hello\\Z'],
  ['the very end', 'hello\n', 'hello\\z'],
  ['a header', 'x', 'Content-Length'],
  ['an at sign', 'a@b', 'a@b'],
  ['a dollar sign', 'a$b', 'a\\$b'],
];

const redirects: readonly (readonly [name: string, table: (port: number) => Record<string, string>])[] = [
  ['to a path', () => ({ '/': found('/ok'), '/ok': page('serving') })],
  ['to a relative path', () => ({ '/': found('ok'), '/ok': page('serving') })],
  ['to a query', () => ({ '/': found('?a=b'), '/?a=b': page('serving') })],
  ['to an address', (port) => ({ '/': found(`http://127.0.0.1:${port}/ok`), '/ok': page('serving') })],
  ['without a scheme', (port) => ({ '/': found(`//127.0.0.1:${port}/ok`), '/ok': page('serving') })],
  ['permanently', () => ({ '/': found('/ok', '301 Moved'), '/ok': page('serving') })],
  ['303', () => ({ '/': found('/ok', '303 See Other'), '/ok': page('serving') })],
  ['307', () => ({ '/': found('/ok', '307 Temporary'), '/ok': page('serving') })],
  ['308', () => ({ '/': found('/ok', '308 Permanent'), '/ok': page('serving') })],
  ['to what is not there', () => ({ '/': found('/none') })],
  ['in a circle', () => ({ '/': found('/') })],
  ['without a place', () => ({ '/': 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n' })],
  ['to nobody', () => ({ '/': found('http://127.0.0.1:9/ok') })],
  ['to another scheme', () => ({ '/': found('ftp://127.0.0.1:9/ok') })],
  [
    'five times',
    () => ({
      '/': found('/1'),
      ...Object.fromEntries([1, 2, 3, 4].map((n) => [`/${n}`, found(`/${n + 1}`)])),
      '/5': page('serving'),
    }),
  ],
  ['with bytes in UTF-8', () => ({ '/': found(`/${utf8('é')}`), '/%C3%A9': page('serving') })],
];

const asked: readonly (readonly [name: string, wanted: RegExp, lines: readonly string[], ofReal?: string])[] = [
  ['the root', /^GET \/ HTTP\/1\.1\r\n/, []],
  ['a path', /^GET \/a\/b HTTP/, ['request="/a/b"']],
  ['a path without a slash', /^GET \/a\/b HTTP/, ['request="a/b"']],
  ['a query', /^GET \/a\?b=c&d HTTP/, ['request="a?b=c&d"']],
  ['a blank', /^GET \/a%20b HTTP/, ['request="a b"']],
  ['UTF-8', /^GET \/%C3%A9 HTTP/, ['request="/é"']],
  ['what is escaped', /^GET \/a%2Fb HTTP/, ['request="/a%2Fb"']],
  ['dots', /^GET \/a\/\.\.\/b HTTP/, ['request="/a/../b"']],
  ['two slashes', /^GET \/\/a HTTP/, ['request="//a"']],
  ['two slashes are one', /^GET \/a HTTP/, ['request="//a"']],
  ['HEAD', /^HEAD \/ HTTP/, ['httpmethod=HEAD']],
  ['the host', /\r\nhost: 127\.0\.0\.1\r\n/i, []],
  ['the virtual host', /\r\nhost: www\.example\.com\r\n/i, ['virtualhost="www.example.com"']],
  ['the virtual host with a port', /\r\nhost: www\.example\.com:8080\r\n/i, ['virtualhost="www.example.com:8080"']],
  ['one host', /^(?!.*\r\nhost:.*\r\nhost:)/is, ['virtualhost="www.example.com"']],
  ['nothing compressed', /^(?!.*accept-encoding:.*gzip)/is, []],
  ['the user agent', /\r\nuser-agent: libwww-perl/i, []],
  ['of the real server', /^GET \/own HTTP/, ['request="/shared"'], ' "own", "."'],
  ['of the real server, as an address', /^GET \/own HTTP/, [], ' "http://127.0.0.1:PORT/own", "."'],
  [
    'of the real server, with a name and a password',
    /authorization: Basic am9lOnB3/i,
    [],
    ' "http://joe:pw@127.0.0.1:PORT/", ""',
  ],
];

function certificates(): Question[] {
  const stranger = makeCertificate({ names: ['127.0.0.1'] });
  const expired = makeCertificate({ names: ['127.0.0.1'], days: -3 });
  const well = saysAndCloses(page('serving'));
  return [
    { name: 'https: a certificate from nobody', server: secure(well, stranger), lines: ['service=https'] },
    { name: 'https: a certificate that has expired', server: secure(well, expired), lines: ['service=https'] },
    { name: 'https: a certificate', server: secure(well), lines: ['service=https'] },
    {
      name: 'https: a certificate for another name',
      server: secure(well),
      lines: ['service=https', 'virtualhost="www.example.com"'],
    },
    { name: 'https: no TLS', server: scripted(well), lines: ['service=https'] },
    { name: 'http: TLS', server: secure(well), lines: ['service=http'] },
  ];
}

export function webQuestions(): Question[] {
  const http = 'service=http';
  return [
    ...answered('http', scripted, []),
    ...answered('http', scripted, ['receive="serving"'], ' matched'),
    ...answered(
      'https',
      secure,
      ['receive="serving"'],
      '',
      httpAnswers.filter(([name]) => withinTls.has(name)),
    ),
    ...misdeeds('http', scripted),
    ...misdeeds('https', secure),
    ...misdeeds('http_proxy', scripted, ['request="http://www.example.com/x"']),
    ...badServers('http on any port', [http, 'request="/x"', 'receive="."'], ''),
    ...matched.map(
      ([name, body, receive]): Question => ({
        name: `http receive: ${name}`,
        server: scripted(saysAndCloses(bytes(page(body)))),
        lines: [http, `receive="${receive}"`],
      }),
    ),
    ...redirects.map(
      ([name, table]): Question => ({
        name: `http redirect: ${name}`,
        server: pages(table),
        lines: [http, 'receive="serving"'],
      }),
    ),
    {
      name: 'http redirect: to another name of the site',
      server: pages(() => ({ '/': found('http://www.example.com/ok'), '/ok': page('serving') })),
      lines: [http, 'virtualhost="example.com"', 'receive="serving"'],
    },
    ...asked.map(
      ([name, wanted, lines, ofReal = '']): Question => ({
        name: `http request: ${name}`,
        server: only(wanted),
        lines: [http, ...lines],
        ofReal,
      }),
    ),
    {
      name: 'http_proxy request: the whole address',
      server: only(/^GET http:\/\/www\.example\.com\/x HTTP.*\r\nhost: www\.example\.com\r\n/is),
      lines: ['service=http_proxy', 'request="http://www.example.com/x"'],
    },
    ...certificates(),
    // The reference leaves a server as it was where it hears nothing.
    {
      name: 'http rounds: silent after it was well',
      server: inTurn(saysAndCloses(page('')), () => {}, saysAndCloses(page(''))),
      lines: [http, 'negotiatetimeout=2'],
      rounds: 3,
    },
    {
      name: 'http rounds: an error after it was well',
      server: inTurn(saysAndCloses(page('')), saysAndCloses('HTTP/1.1 500 No\r\n\r\n'), saysAndCloses(page(''))),
      lines: [http],
      rounds: 3,
    },
  ];
}

/** One behaviour for each connection, the last one for all that follow. */
export function inTurn(...behaviours: readonly Behaviour[]): Question['server'] {
  return async () => {
    let accepted = 0;
    return await listen((socket) => {
      behaviours[Math.min(accepted, behaviours.length - 1)]?.(socket);
      accepted += 1;
    });
  };
}
