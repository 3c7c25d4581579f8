/** Services of lines of text. */

import { createHash } from 'node:crypto';
import { receive } from '../helpers/check.js';
import { commands } from '../helpers/commands.js';
import { listen } from '../helpers/listener.js';
import { type Dialogue, inOrder, tcp, textOf, withinTls } from './dialogue.js';
import { overTcp, type Serve } from './stage.js';

const login = { login: 'monitor', passwd: 'hunter2' };

const smtp = commands('220 mail.example.com ESMTP\r\n', [
  [/^EHLO/, '250-mail.example.com\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n'],
  [/^AUTH PLAIN /, '235 2.7.0 welcome\r\n'],
  [/^QUIT/, '221 bye\r\n'],
  [/./, '502 what\r\n'],
]);

const imap = commands('* OK [CAPABILITY IMAP4rev1] ready\r\n', [
  [/^b CAPABILITY/, '* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nb OK done\r\n'],
  [/^b LOGIN "monitor" "hunter2"\r/, '* CAPABILITY IMAP4rev1\r\nb OK Logged in\r\n'],
  [/^c LOGOUT/, '* BYE\r\nc OK bye\r\n'],
]);

const pop = commands('+OK ready\r\n', [
  [/^CAPA/, '+OK list\r\nUIDL\r\nTOP\r\n.\r\n'],
  [/^USER monitor\r/, '+OK\r\n'],
  [/^PASS hunter2\r/, '+OK in\r\n'],
  [/^QUIT/, '+OK bye\r\n'],
]);

const nntp = commands('200 news.example.com\r\n', [
  [/^AUTHINFO USER/, '381 more\r\n'],
  [/^AUTHINFO PASS/, '281 welcome\r\n'],
  [/^LIST/, '215 list\r\nalt.test 3 1 y\r\nalt.serving 3 1 y\r\n.\r\n'],
]);

const redis = commands('', [
  [/^hunter2/, '+OK\r\n'],
  [/^PING/i, '+PONG\r\n'],
  [/^GET/i, '$7\r\nserving\r\n'],
]);

const memcached = commands('', [
  [/^version/, 'VERSION 1.6.18\r\n'],
  [/^get x/, 'VALUE x 0 7\r\nserving\r\nEND\r\n'],
]);

/** Its file comes over a connection of its own, unchanged: what is said there is none of the dialogue. */
async function openFtp() {
  const data = await listen((socket) => void socket.end('service ok'));
  const stage = await overTcp(
    commands('220 ftp.example.com\r\n', [
      [/^USER/, '331 password\r\n'],
      [/^PASS/, '230-welcome\r\n230 in\r\n'],
      [/^CWD/, '250 there\r\n'],
      [/^TYPE/, '200 binary\r\n'],
      [/^PASV/, `227 Entering (127,0,0,1,${data.port >> 8},${data.port & 255})\r\n`],
      [/^RETR/, '150 here\r\n226 done\r\n'],
      [/^QUIT/, '221 bye\r\n'],
    ]),
  );
  return {
    port: stage.port,
    get between() {
      return stage.between;
    },
    set between(next) {
      stage.between = next;
    },
    async close() {
      await stage.close();
      await data.close();
    },
  };
}

const page =
  (head: string, body: string): Serve =>
  (connection) => {
    connection.once('data', () => {
      connection.write(`HTTP/1.1 200 OK\r\nServer: test\r\n${head}\r\n`);
      connection.write(body);
    });
  };
const whole = page('Content-Type: text/plain\r\nContent-Length: 12\r\n', 'all serving\n');
const chunked = page('Transfer-Encoding: chunked\r\n', '4\r\nall \r\n8\r\nserving\n\r\n0\r\n\r\n');
const httpUp = inOrder(/HTTP\/\d+(?:\.\d+)?[\t ]+2\d\d/i, /serving/);
const body = { receive: receive('serving'), request: '/alive' };

/** Asks for another page first. */
const redirect: Serve = (connection) => {
  connection.on('data', (data: Buffer) => {
    const first = data.toString('latin1').startsWith('GET /alive ');
    connection.write(
      first
        ? 'HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n'
        : 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nserving',
    );
  });
};

/** RFC 6455, section 4.2.2. */
const webSocket: Serve = (connection) => {
  let unread = '';
  connection.on('data', (data: Buffer) => {
    unread += data.toString('latin1');
    const [, key] = /^sec-websocket-key: (\S+)\r\n[\s\S]*\r\n\r\n/im.exec(unread) ?? [];
    if (key === undefined) return;
    unread = '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    connection.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    connection.write(Buffer.from('\x81\x07serving', 'latin1'));
  });
};

const sip: Serve = (connection) => {
  connection.on('data', (data: Buffer) => {
    const lines = data
      .toString('latin1')
      .split('\r\n')
      .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
    connection.write(['SIP/2.0 100 Trying', ...lines, 'Content-Length: 0', '\r\n'].join('\r\n'));
    connection.write(['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '\r\n'].join('\r\n'));
  });
};

const simpletcp: Serve = (connection) => {
  connection.once('data', () => connection.write('all is well\nserving\n'));
};

export const textDialogues: readonly Dialogue[] = [
  tcp('smtp', { service: 'smtp', ...login }, smtp, inOrder(/^220\b/m, /^250\b[^\n]*\n/m, /^235\b[^\n]*\n/m)),
  tcp('submission', { service: 'submission' }, smtp, inOrder(/^220\b/m, /^250\b[^\n]*\n/m)),
  tcp('imap', { service: 'imap' }, imap, inOrder(/^\* (?:OK|PREAUTH)\b/im, /^b OK\b[^\n]*\n/im)),
  tcp(
    'imap, with a login',
    { service: 'imap', ...login },
    imap,
    inOrder(/^\* (?:OK|PREAUTH)\b/im, /^b OK\b[^\n]*\n/im),
  ),
  withinTls('imaps', { service: 'imaps', ...login }, imap, inOrder(/^\* (?:OK|PREAUTH)\b/im, /^b OK\b[^\n]*\n/im)),
  tcp('pop', { service: 'pop' }, pop, inOrder(/^\+OK\b/im, /^(?:\+OK|-ERR)\b[^\n]*\n/im)),
  tcp('pop, with a login', { service: 'pop', ...login }, pop, inOrder(/^\+OK\b/im, /^\+OK\b/im, /^\+OK\b[^\n]*\n/im)),
  withinTls('pops', { service: 'pops', ...login }, pop, inOrder(/^\+OK\b/im, /^\+OK\b/im, /^\+OK\b[^\n]*\n/im)),
  tcp(
    'nntp',
    { service: 'nntp', ...login, request: '/LIST', receive: receive('alt\\.serving') },
    nntp,
    inOrder(/^20[01]\b/m, /^281\b/m, /alt\.serving/),
  ),
  {
    name: 'ftp',
    check: { service: 'ftp', ...login, request: 'status.txt', receive: receive('^service ok$') },
    open: openFtp,
    // The first figure says whether a command is done (RFC 959, section 4.2).
    mayBeUp: inOrder(/^220\b/m, /^2\d\d\b/m, /^2\d\d\b/m, /^22[79]\b/m, /^1\d\d\b/m, /^2\d\d\b[^\n]*\n/m),
  },
  tcp(
    'redis',
    { service: 'redis', passwd: 'hunter2', request: '/GET x', receive: receive('serving') },
    redis,
    inOrder(/^[+:$*]/m, /^[+:$*]/m, /serving/),
  ),
  tcp(
    'memcached',
    { service: 'memcached', request: '/get x', receive: receive('serving') },
    memcached,
    inOrder(/^VERSION /m, /serving/),
  ),
  { ...tcp('http', body, whole, httpUp), whole: true },
  { ...tcp('http, in chunks', body, chunked, httpUp), whole: true },
  tcp('http, redirected', body, redirect, httpUp),
  { ...withinTls('https', { ...body, service: 'https' }, whole, httpUp), whole: true },
  tcp(
    'http_proxy',
    { service: 'http_proxy', request: 'http://www.example.com/alive', receive: receive('serving') },
    whole,
    httpUp,
  ),
  tcp(
    'websocket',
    { service: 'websocket', request: '/chat ping', receive: receive('serving') },
    webSocket,
    inOrder(/HTTP\/1\.\d +101/i, /serving/),
  ),
  tcp('sip over TCP', { service: 'sip', login: 'monitor@example.com' }, sip, (heard) =>
    /SIP\/2\.0\s+200/i.test(textOf(heard)),
  ),
  tcp(
    'simpletcp',
    { service: 'simpletcp', request: '/x\\n', receive: receive('serving') },
    simpletcp,
    inOrder(/serving/),
  ),
];
