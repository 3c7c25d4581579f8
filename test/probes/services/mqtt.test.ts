import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from '../../../src/probes/probe.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { checkOf, tlsOf } from '../../helpers/check.js';
import { listen } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { mosquittoMissing, startMosquitto } from '../../helpers/servers/mosquitto.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertStops, verdict } from '../../helpers/verdict.js';

const mqtt = (changes: Partial<Check> = {}) => checkOf({ service: 'mqtt', ...changes });
const right = { login: 'monitor', passwd: 'hunter2' };
const user = { name: right.login, password: right.passwd };

describe('mqtt, mosquitto', { skip: mosquittoMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startMosquitto({ user });
  });
  after(() => server.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['up', right, true, 'login: accepted'],
    ['a wrong password', { ...right, passwd: 'wrong' }, false, 'login: not authorized (return code 5)'],
    ['no password', { ...right, passwd: '' }, false, 'login: not authorized (return code 5)'],
    ['no login', {}, false, 'login: not authorized (return code 5)'],
    ['TLS where there is none', { ...right, tls: tlsOf() }, false, 'tls: reset or closed by the server (ECONNRESET)'],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      assert.deepEqual(await verdict(mqtt({ port: server.port, ...changes })), [ok, reason], server.log());
    });
  }

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, mqtt({ port: server.port, ...right }), 'login: not done within 0.4 s'));
});

describe('mqtt, mosquitto with TLS', { skip: mosquittoMissing || lacks('openssl') }, () => {
  it('is verified, and lets everybody in', async () => {
    const certificate = testAuthority().issue({ names: ['mqtt.example.com'] });
    const server = await startMosquitto({ certificate });
    try {
      const tls = tlsOf({ verify: true, ca: pemOf(testAuthority().cert), servername: 'mqtt.example.com' });
      assert.deepEqual(await verdict(mqtt({ port: server.port, tls })), [true, 'login: accepted'], server.log());
      const [ok, reason] = await verdict(mqtt({ port: server.port, tls: { ...tls, servername: 'other.example' } }));
      assert.match(reason, /^tls: the certificate is for mqtt.example.com, not for other.example/);
      assert.equal(ok, false);
    } finally {
      await server.close();
    }
  });
});

describe('mqtt, by script', () => {
  const table: readonly (readonly [string, number[], boolean, string])[] = [
    ['accepted, in another session', [0x20, 2, 1, 0], true, 'login: accepted'],
    ['an old broker', [0x20, 2, 0, 1], false, 'login: the server does not speak MQTT 3.1.1 (return code 1)'],
    ['an identifier', [0x20, 2, 0, 2], false, 'login: the server refuses the client identifier (return code 2)'],
    ['not available', [0x20, 2, 0, 3], false, 'login: the service is not available (return code 3)'],
    ['a wrong password', [0x20, 2, 0, 4], false, 'login: wrong user name or password (return code 4)'],
    ['another code', [0x20, 2, 0, 99], false, 'login: refused (return code 99)'],
    ['a CONNACK without a return code', [0x20, 0], false, 'login: the answer is no CONNACK'],
    ['a CONNACK with half of it', [0x20, 1, 0], false, 'login: the answer is no CONNACK'],
    ['another packet', [0xd0, 0], false, 'login: the answer is no CONNACK'],
    ['another protocol', [...Buffer.from('SSH-2.0-x\r\n')], false, 'login: the server does not speak MQTT'],
  ];
  for (const [name, bytes, ok, reason] of table) {
    it(name, async () => {
      const server = await listen((socket) => {
        socket.once('data', async () => {
          // A byte at a time, since a stream has no packets.
          for (const byte of bytes) {
            socket.write(Buffer.from([byte]));
            await sleep(2);
          }
        });
      });
      const found = await verdict(mqtt({ port: server.port }));
      await server.close();
      assert.deepEqual(found, [ok, reason]);
    });
  }
});

badServerCases('mqtt', mqtt(right), { first: '', greeting: 'login', next: 'login' });
