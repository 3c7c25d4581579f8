/** Text over a connection: simpletcp, SIP and FTP by script. */

import net from 'node:net';
import { commands } from '../helpers/commands.js';
import { startDatagramPeer } from '../helpers/datagram-peer.js';
import { type Behaviour, listen } from '../helpers/listener.js';
import { startTcpServer } from '../helpers/tcp-server.js';
import { badServers, dialogue, nobody, type Question, scripted } from './question.js';

/** Answers when the client has ended its side, as a program of inetd that reads to the end. */
const atTheEnd: Question['server'] = () =>
  startTcpServer((socket) => {
    let said = '';
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('end', () => socket.end(`got ${said}\nOK\n`));
  });

const inLines =
  (...lines: readonly string[]): Behaviour =>
  (socket) => {
    socket.once('data', () => socket.end(lines.join('')));
  };

function simpletcp(): Question[] {
  const cases: readonly (readonly [string, Question['server'], readonly string[]])[] = [
    ['a match', scripted(inLines('PONG\n')), ['request="PING\\n"', 'receive="PONG"']],
    ['no match', scripted(inLines('PANG\n')), ['request="PING\\n"', 'receive="PONG"']],
    [
      'what is sent',
      scripted((socket) => void socket.once('data', (data) => socket.end(data))),
      ['request="a\\nb"', 'receive="b"'],
    ],
    ['without a line end', scripted(inLines('PONG')), ['request="PING"', 'receive="PONG"']],
    ['answers at the end', atTheEnd, ['request="PING"', 'receive="OK"']],
    ['answers at the end, with what it got', atTheEnd, ['request="PI\\nNG"', 'receive="NG"']],
    [
      'anchored at the second line',
      scripted(inLines('Welcome\n', 'STATUS ok\n', 'more\n')),
      ['request="x\\n"', 'receive="^STATUS ok$"'],
    ],
    ['anchored at the beginning', scripted(inLines('STATUS ok\nmore\n')), ['request="x\\n"', 'receive="^STATUS"']],
    ['anchored at the end of a line', scripted(inLines('STATUS ok\nmore\n')), ['request="x\\n"', 'receive="ok$"']],
    ['over two lines', scripted(inLines('one\ntwo\n')), ['request="x\\n"', 'receive="one\\s+two"']],
    ['over two lines, by a dot', scripted(inLines('one\ntwo\n')), ['request="x\\n"', 'receive="one.two"']],
    ['with CR', scripted(inLines('STATUS ok\r\n')), ['request="x\\n"', 'receive="ok\\s*$"']],
    ['with CR, anchored', scripted(inLines('STATUS ok\r\n')), ['request="x\\n"', 'receive="ok$"']],
    ['case', scripted(inLines('pong\n')), ['request="x\\n"', 'receive="PONG"']],
    ['bytes', scripted(inLines('\xff\xfe\n')), ['request="x\\n"', 'receive="\\xc3\\xbf"']],
    ['no pattern', scripted(inLines('anything\n')), ['request="x\\n"']],
    ['no pattern, and no answer', scripted(inLines('')), ['request="x\\n"']],
    ['no request, and a greeting', scripted((socket) => void socket.end('hello\n')), ['receive="hello"']],
    [
      'a greeting that is awaited',
      scripted((socket) => {
        socket.write('hello\n');
        socket.once('data', () => socket.end('OK\n'));
      }),
      ['request="x\\n"', 'receive="OK"'],
    ],
    ['closes at once', scripted((socket) => void socket.end()), ['request="x\\n"', 'receive="."']],
    ['an empty line', scripted(inLines('\n')), ['request="x\\n"', 'receive="^$"']],
    [
      'the 65th kilobyte',
      scripted(inLines(`${'x'.repeat(79)}\n`.repeat(819), 'OK\n')),
      ['request="x\\n"', 'receive="OK"'],
    ],
  ];
  const overTcp = cases.map(
    ([name, server, lines]): Question => ({
      name: `simpletcp: ${name}`,
      server,
      lines: ['service=simpletcp', ...lines, 'negotiatetimeout=4'],
    }),
  );
  const pong = () =>
    startDatagramPeer((request) => [Buffer.from(request.equals(Buffer.from('ping')) ? 'pong\n' : 'what\n')]);
  const overUdp: Question[] = [
    { name: 'simpletcp over UDP: a match', server: pong, lines: ['request="ping"', 'receive="pong"'] },
    {
      name: 'simpletcp over UDP: no match',
      server: pong,
      lines: ['request="ping"', 'receive="pang"', 'negotiatetimeout=2'],
    },
    {
      name: 'simpletcp over UDP: nobody',
      server: nobody,
      lines: ['request="ping"', 'receive="pong"', 'negotiatetimeout=2'],
    },
  ];
  return [
    ...overTcp,
    ...overUdp.map((one): Question => ({ ...one, protocol: 'udp', lines: ['service=simpletcp', ...one.lines] })),
    ...badServers('simpletcp on any port', ['service=simpletcp', 'request="x\\n"', 'receive="PONG"'], ''),
  ];
}

type Change = (answer: string) => string;

function sipAnswer(request: string, status: string, change: Change): string {
  const lines = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
  return change([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '\r\n'].join('\r\n'));
}

const sipCases: readonly (readonly [name: string, status: string, change?: Change])[] = [
  ['200', '200 OK'],
  ['200 with other words', '200 Fine'],
  ['202', '202 Accepted'],
  ['404', '404 Not Found'],
  ['503', '503 Maintenance'],
  ['401 without a challenge', '401 Unauthorized'],
  ['100 first', '100 Trying', (said) => `${said}${said.replace('100 Trying', '200 OK')}`],
  ['100 alone', '100 Trying'],
  ['names in short', '200 OK', (said) => said.replace('Via:', 'v:').replace('Call-ID:', 'i:')],
  ['another call', '200 OK', (said) => said.replace(/Call-ID: ../, 'Call-ID: ')],
  ['another branch', '200 OK', (said) => said.replace('z9hG4bK', 'z9hG4bKx')],
  ['another method', '200 OK', (said) => said.replace(/OPTIONS/, 'INVITE')],
  ['lower case', '200 OK', (said) => said.replace('SIP/2.0', 'sip/2.0')],
  ['another protocol', '200 OK', (said) => said.replace('SIP/2.0', 'HTTP/1.1')],
  ['empty lines first', '200 OK', (said) => `\r\n\r\n${said}`],
];

function sip(): Question[] {
  return sipCases.flatMap(([name, status, change = (said: string) => said]): Question[] => {
    const lines = ['service=sip', 'login="monitor@example.com"', 'negotiatetimeout=2'];
    const overTcp: Behaviour = (socket) => {
      socket.once('data', (data) => socket.write(sipAnswer(data.toString('latin1'), status, change)));
    };
    const overUdp = () =>
      startDatagramPeer((data) => [Buffer.from(sipAnswer(data.toString('latin1'), status, change))]);
    return [
      { name: `sip over TCP: ${name}`, server: scripted(overTcp), lines },
      { name: `sip over UDP: ${name}`, server: overUdp, lines, protocol: 'udp' },
    ];
  });
}

interface FtpChanges {
  readonly table?: readonly (readonly [RegExp, string])[];
  readonly file?: string;
  readonly greeting?: string;
  readonly done?: string;
}

/** A server with one file, which it sends to who comes for it or, as the reference asks for, brings to the client. */
function ftpServer({
  table = [],
  file = 'service ok\n',
  greeting = '220 hi\r\n',
  done = '226 done\r\n',
}: FtpChanges = {}) {
  return async () => {
    const data = await listen((socket) => void socket.end(file));
    const control = await listen((socket) => {
      const passive = `${data.port >> 8},${data.port & 255}`;
      let active: number | null = null;
      socket.on('data', (said) => {
        const [, high, low] = /^PORT (?:\d+,){4}(\d+),(\d+)\r/m.exec(said.toString('latin1')) ?? [];
        if (low !== undefined) active = Number(high) * 256 + Number(low);
        if (active === null || !/^RETR \/?status\.txt\r/m.test(said.toString('latin1'))) return;
        net
          .connect(active, '127.0.0.1')
          .on('error', () => {})
          .end(file);
      });
      commands(greeting, [
        ...table,
        [/^USER (monitor|anonymous)\r/, '331 password\r\n'],
        [/^PASS (hunter2|.*@)/, '230 in\r\n'],
        [/^(USER|PASS)/, '530 no\r\n'],
        [/^(CWD|TYPE|ALLO|PORT)/, '200 ok\r\n'],
        [/^PASV/, `227 go (127,0,0,1,${passive})\r\n`],
        [/^RETR \/?status\.txt\r/, `150 here\r\n${done}`],
        [/^RETR/, '550 no such file\r\n'],
        [/^QUIT/, '221 bye\r\n'],
        [/./, '502 what\r\n'],
      ])(socket);
    });
    return {
      port: control.port,
      close: async () => {
        await control.close();
        await data.close();
      },
    };
  };
}

function ftp(): Question[] {
  const login = ['login="monitor"', 'passwd="hunter2"'];
  const file = [...login, 'request="status.txt"', 'receive="^service ok"'];
  const refusal = (command: string, reply: string): FtpChanges => ({
    table: [[new RegExp(`^${command}`), `${reply}\r\n`]],
  });
  const cases: readonly (readonly [string, Question['server'], readonly string[]])[] = [
    ['a file that matches', ftpServer(), file],
    ['a file that does not', ftpServer({ file: 'sick' }), file],
    ['an empty file', ftpServer({ file: '' }), file],
    ['no such file', ftpServer(), [...login, 'request="none"', 'receive="."']],
    ['a wrong password', ftpServer(), ['login="monitor"', 'passwd="wrong"', 'request="status.txt"', 'receive="."']],
    ['anonymous', ftpServer(), ['request="status.txt"', 'receive="^service ok"']],
    ['turns away', ftpServer({ greeting: '421 too many\r\n' }), file],
    ['greets in many lines', ftpServer({ greeting: '220-a\r\n220-b\r\n220 c\r\n' }), file],
    ['CWD refused', ftpServer(refusal('CWD', '550 no')), file],
    ['TYPE refused', ftpServer(refusal('TYPE', '504 no')), file],
    ['no password asked', ftpServer(refusal('USER', '230 in')), file],
    ['PASV refused', ftpServer(refusal('PASV', '502 no')), [...file, 'negotiatetimeout=2']],
    ['a complaint after the file', ftpServer({ done: '451 disk\r\n' }), file],
    ['no word after the file', ftpServer({ done: '' }), [...file, 'negotiatetimeout=2']],
    ['421 to USER, nothing fetched', ftpServer(refusal('USER', '421 TLS please')), []],
    ['530 to USER, nothing fetched', ftpServer(refusal('USER', '530 no')), []],
    ['nothing fetched', ftpServer(), login],
    ['nothing fetched, a wrong password', ftpServer(), ['login="monitor"', 'passwd="wrong"']],
    ['a file without a pattern', ftpServer(), [...login, 'request="status.txt"']],
    ['no such file without a pattern', ftpServer(), [...login, 'request="none"']],
  ];
  return [
    ...cases.map(
      ([name, server, lines]): Question => ({ name: `ftp: ${name}`, server, lines: ['service=ftp', ...lines] }),
    ),
    ...badServers('ftp on any port', ['service=ftp', ...file], '220 hi\r\n'),
    {
      name: 'ftp: silent after the greeting',
      server: scripted(dialogue('220 hi\r\n')),
      lines: ['service=ftp', ...file, 'negotiatetimeout=1'],
    },
  ];
}

export function textQuestions(): Question[] {
  return [...simpletcp(), ...sip(), ...ftp()];
}
