/** Mail and news by script. */

import { commands } from '../helpers/commands.js';
import type { Behaviour } from '../helpers/listener.js';
import { badServers, dialogue, type Question, scripted, secure } from './question.js';

type Case = readonly [name: string, behave: Behaviour, lines?: readonly string[]];

const login = ['login="monitor"', 'passwd="hunter2"'];

function ask(service: string, cases: readonly Case[], wrap = scripted): Question[] {
  return cases.map(([name, behave, lines = []]) => ({
    name: `${service}: ${name}`,
    server: wrap(behave),
    lines: [`service=${service}`, ...lines],
  }));
}

const pieces =
  (...texts: readonly string[]): Behaviour =>
  (socket) => {
    const rest = [...texts];
    const next = () => {
      const text = rest.shift();
      if (text !== undefined) socket.write(text, () => setImmediate(next));
    };
    next();
  };

function smtp(): Question[] {
  const takes = (hello: RegExp, greeting = '220 hi\r\n') =>
    commands(greeting, [
      [hello, '250 hi\r\n'],
      [/^QUIT/i, '221 bye\r\n'],
      [/./, '501 5.5.4 what\r\n'],
    ]);
  const cases: readonly Case[] = [
    ['greets, and takes EHLO', takes(/^EHLO \S+\r$/)],
    ['takes HELO alone', takes(/^HELO \S+\r$/)],
    ['takes neither', takes(/^never/)],
    ['takes a name with a dot, or an address', takes(/^(EHLO|HELO) ([\w-]+(\.[\w-]+)+|\[[\d.]+\])\r$/)],
    ['greets in many lines', takes(/^EHLO/, '220-one\r\n220-two\r\n220 three\r\n')],
    ['greets without words', takes(/^EHLO/, '220\r\n')],
    ['greets with LF alone', takes(/^EHLO/, '220 hi\n')],
    ['greets with 250', takes(/^EHLO/, '250 hi\r\n')],
    ['greets with 200', takes(/^EHLO/, '200 hi\r\n')],
    ['greets with 2200', takes(/^EHLO/, '2200 hi\r\n')],
    ['turns away, 554', dialogue('554 not here\r\n')],
    ['turns away, 421', dialogue('421 too busy\r\n')],
    ['turns away, and answers all the same', takes(/^EHLO/, '554 not here\r\n')],
    [
      'closes after EHLO',
      (socket) => {
        socket.write('220 hi\r\n');
        socket.once('data', () => socket.end());
      },
    ],
    [
      '421 to EHLO',
      (socket) => {
        socket.write('220 hi\r\n');
        socket.once('data', () => socket.end('421 going down\r\n'));
      },
    ],
    ['250 in many lines', dialogue('220 hi\r\n', '250-hi\r\n250-SIZE 10\r\n250 HELP\r\n', '221 bye\r\n')],
    [
      'half a reply to EHLO',
      (socket) => {
        socket.write('220 hi\r\n');
        socket.once('data', () => socket.end('250-hi\r\n'));
      },
    ],
    ['no answer to QUIT', dialogue('220 hi\r\n', '250 hi\r\n'), ['negotiatetimeout=1']],
    ['an error for QUIT', dialogue('220 hi\r\n', '250 hi\r\n', '500 what\r\n')],
    ['an old code', dialogue('220 hi\r\n', '251 hi\r\n', '221 bye\r\n')],
    ['a pattern, which says nothing', takes(/^EHLO/), ['receive="never"']],
  ];
  return [
    ...ask('smtp', cases),
    ...ask('submission', cases.slice(0, 12)),
    ...badServers('smtp on any port', ['service=smtp'], '220 hi\r\n'),
  ];
}

const popCommands = (changes: readonly (readonly [RegExp, string])[] = [], greeting = '+OK hi\r\n') =>
  commands(greeting, [
    ...changes,
    [/^CAPA/, '+OK\r\nUIDL\r\n.\r\n'],
    [/^USER monitor\r/, '+OK\r\n'],
    [/^PASS hunter2\r/, '+OK in\r\n'],
    [/^STAT/, '+OK 0 0\r\n'],
    [/^QUIT/, '+OK bye\r\n'],
    [/./, '-ERR what\r\n'],
  ]);

function pop(): Question[] {
  const cases: readonly Case[] = [
    ['up', popCommands()],
    ['knows no CAPA', popCommands([[/^CAPA/, '-ERR what\r\n']])],
    ['turns away', popCommands([], '-ERR too busy\r\n')],
    ['greets without words', popCommands([], '+OK\r\n')],
    ['another greeting', popCommands([], '220 hi\r\n')],
    ['lets in', popCommands(), login],
    ['a wrong password', popCommands(), ['login="monitor"', 'passwd="wrong"']],
    ['an unknown user', popCommands(), ['login="nobody"', 'passwd="hunter2"']],
    ['turns away who would log in', popCommands([], '-ERR too busy\r\n'), login],
    ['a timestamp in the greeting', popCommands([], '+OK <1.2@example.com>\r\n'), login],
    ['locked', popCommands([[/^PASS/, '-ERR [IN-USE] locked\r\n']]), login],
    ['a pattern, which says nothing', popCommands(), ['receive="never"']],
  ];
  return [
    ...ask('pop', cases),
    ...ask('pops', cases, secure),
    ...ask('pops', [['no TLS', popCommands(), login]]),
    ...badServers('pop with a login', ['service=pop', ...login], '+OK hi\r\n', 6),
    ...badServers('pop without a login', ['service=pop'], '+OK hi\r\n', 6),
  ];
}

const imapCommands: Behaviour = (socket) => {
  socket.write('* OK hi\r\n');
  socket.on('data', (data) => {
    const [tag = '*', command = '', user = '', password = ''] = data.toString('latin1').trim().split(' ');
    const bare = (text: string) => text.replaceAll('"', '');
    const fine = !/^LOGIN/i.test(command) || (bare(user) === 'monitor' && bare(password) === 'hunter2');
    const told = /^CAPABILITY/i.test(command) ? '* CAPABILITY IMAP4rev1\r\n' : '';
    const bye = /^LOGOUT/i.test(command) ? '* BYE\r\n' : '';
    socket.write(`${told}${bye}${tag} ${fine ? 'OK' : 'NO'} done\r\n`);
    if (bye !== '') socket.end();
  });
};

/** Few: each keeps the reference for five seconds, since it tries twice. */
function imap(): Question[] {
  const cases: readonly Case[] = [
    ['up', imapCommands],
    ['lets in', imapCommands, login],
    ['turns away', dialogue('* BYE too busy\r\n')],
  ];
  return [...ask('imap', cases), ...ask('imaps', cases.slice(0, 2), secure)];
}

function nntp(): Question[] {
  const greets = (text: string): Behaviour => dialogue(text, '205 bye\r\n');
  return [
    ...ask('nntp', [
      ['greets with 200', greets('200 hi\r\n')],
      ['greets with 201', greets('201 hi\r\n')],
      ['greets with 205', greets('205 bye\r\n')],
      ['greets with 299', greets('299 hi\r\n')],
      ['greets with 400', greets('400 not now\r\n')],
      ['greets with 502', greets('502 not you\r\n')],
      ['greets without words', greets('200\r\n')],
      ['greets with LF alone', greets('200 hi\n')],
      ['greets in pieces', pieces('20', '0 h', 'i\r\n')],
      ['greets with 2000', greets('2000 hi\r\n')],
      ['greets with a blank first', greets(' 200 hi\r\n')],
      ['half a greeting', (socket) => void socket.end('200 h')],
      ['a pattern, which says nothing', greets('200 hi\r\n'), ['receive="never"']],
    ]),
    ...badServers('nntp on any port', ['service=nntp'], '400 no\r\n'),
  ];
}

export function mailQuestions(): Question[] {
  return [...smtp(), ...pop(), ...imap(), ...nntp()];
}
