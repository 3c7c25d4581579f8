/** Services whose words are bytes, and those that are encrypted. */

import http2, { type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import ssh2 from 'ssh2';
import { testCertificate } from '../helpers/certificate.js';
import { checkOf, receive, tlsOf } from '../helpers/check.js';
import { directory } from '../helpers/ldap-directory.js';
import { type Dialogue, tcp, withinTls } from './dialogue.js';
import {
  ldapCode,
  ldapOperations,
  mysqlAccepted,
  mysqlGreeting,
  mysqlPayloads,
  mysqlRow,
  pgsqlAccepted,
  pgsqlMessages,
  pgsqlRow,
} from './packets.js';
import type { Heard, Serve } from './stage.js';

const statement = { login: 'monitor', passwd: 'hunter2', database: 'farm', request: '/SELECT 1' };
const bytesOf = ({ said }: Heard) => Buffer.concat(said);

const mysql: Serve = (connection) => {
  connection.write(mysqlGreeting);
  const answers = [mysqlAccepted, mysqlRow];
  connection.on('data', () => connection.write(answers.shift() ?? ''));
};

/** A greeting, a login that is accepted, and then columns and a row, or a number of rows that were changed. */
const mysqlUp: Dialogue['mayBeUp'] = (heard) => {
  const [greeting, ...payloads] = mysqlPayloads(bytesOf(heard));
  const accepted = payloads.findIndex((payload) => payload[0] === 0);
  const [first, ...rest] = payloads.slice(accepted + 1);
  const changed = first?.[0] === 0 && first[1] !== 0;
  return greeting !== undefined && accepted >= 0 && (changed || rest.length >= 2);
};

const pgsql: Serve = (connection) => {
  const answers = [pgsqlAccepted, pgsqlRow];
  connection.on('data', (data: Buffer) => {
    // The request for TLS: it has none.
    if (data.readUInt32BE(0) === 8 && data.length === 8) connection.write('N');
    else if (data[0] !== 0x58) connection.write(answers.shift() ?? '');
  });
};

/** A row, or the number of rows that were changed: nobody is given one before the login. */
const pgsqlUp: Dialogue['mayBeUp'] = (heard) => {
  const said = bytesOf(heard);
  const messages = pgsqlMessages(said[0] === 0x4e ? said.subarray(1) : said);
  return messages.some(([type, payload]) => type === 'D' || (type === 'C' && /[1-9]/.test(payload.toString('latin1'))));
};

/** A bind that succeeds, an entry with its value, and a search that succeeds. */
const ldapUp: Dialogue['mayBeUp'] = (heard) => {
  const operations = ldapOperations(bytesOf(heard));
  const succeeds = (wanted: number) =>
    operations.some(([operation, contents]) => operation === wanted && ldapCode(contents) === 0);
  return succeeds(0x61) && succeeds(0x65) && operations.some(([, contents]) => contents.includes('example'));
};

const mqtt: Serve = (connection) => {
  connection.once('data', () => connection.write(Buffer.from([0x20, 2, 0, 0])));
};

const mqttUp: Dialogue['mayBeUp'] = (heard) => {
  const [first = 0, length = 0, , code] = bytesOf(heard);
  return first === 0x20 && length === 2 && code === 0;
};

const speaksTls: Serve = (connection) => {
  const server = tls.createServer(testCertificate(), (socket) => {
    socket.on('error', () => {});
    socket.resume();
  });
  server.on('tlsClientError', () => {});
  server.emit('connection', connection);
};

/** What was said is what was meant, as far as the first so many things go: nobody can change what is proven. */
function unchanged(things: number): Dialogue['mayBeUp'] {
  return (heard) => {
    const meant = Buffer.concat(heard.meant.slice(0, things));
    return bytesOf(heard).subarray(0, meant.length).equals(meant);
  };
}

/**
 * The login is taken: three things that are encrypted, behind the greeting, the algorithms, the keys and the end of that.
 * What is random in those is proven by nobody; what is not is, by the keys.
 */
const encryptedUnchanged: Dialogue['mayBeUp'] = (heard) => {
  const said = bytesOf(heard);
  return heard.meant.length >= 7 && heard.meant.slice(4, 7).every((one) => said.includes(one));
};

const keys = ssh2.utils.generateKeyPairSync('ed25519');

const ssh: Serve = (connection) => {
  const server = new ssh2.Server({ hostKeys: [keys.private] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method === 'password' && context.password === 'hunter2') context.accept();
      else context.reject(['password']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (run) => {
        const stream = run();
        stream.write('serving\n');
        stream.exit(0);
        stream.end();
      });
    });
  });
  server.injectSocket(connection as Socket);
};

/** HTTP/2 in clear; `answer` is not called for a client that has gone already. */
function speaksHttp2(answer: (stream: ServerHttp2Stream) => void): Serve {
  return (connection) => {
    const server = http2.createServer();
    server.on('sessionError', () => {});
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      if (!stream.destroyed) answer(stream);
    });
    server.emit('connection', connection);
  };
}

const grpc = speaksHttp2((stream) => {
  stream.on('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers({ 'grpc-status': '0' });
  });
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
});

const http2Page = speaksHttp2((stream) => {
  stream.respond({ ':status': 200 });
  stream.end('serving');
});

export const binaryDialogues: readonly Dialogue[] = [
  tcp('ldap', { service: 'ldap', request: '/dc=example', receive: receive('^example$') }, directory(), ldapUp),
  withinTls('ldaps', { service: 'ldaps', request: '/dc=example', receive: receive('^example$') }, directory(), ldapUp),
  tcp('mysql', { service: 'mysql', ...statement }, mysql, mysqlUp),
  tcp('pgsql', { service: 'pgsql', ...statement }, pgsql, pgsqlUp),
  tcp('mqtt', { service: 'mqtt', login: 'monitor', passwd: 'hunter2' }, mqtt, mqttUp),
  tcp('tls', { service: 'tls', tls: tlsOf() }, speaksTls, unchanged(1)),
  tcp(
    'ssh',
    { service: 'ssh', login: 'monitor', passwd: 'hunter2', request: '/status', receive: receive('serving') },
    ssh,
    encryptedUnchanged,
  ),
  tcp('grpc', { service: 'grpc' }, grpc, (heard) => bytesOf(heard).includes(Buffer.from([0, 0, 0, 0, 2, 8, 1]))),
  tcp(
    'http2',
    { request: '/alive', receive: receive('serving'), http: { ...checkOf({}).http, version: '2' } },
    http2Page,
    (heard) => bytesOf(heard).includes('serving'),
  ),
];
