import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { encodeV1, encodeV2 } from '../../../src/ipvs/userspace/proxy-header.js';
import { encodeAddress, PeerAddress } from '../../../src/ipvs/userspace/socket-address.js';
import { until } from '../../helpers/deadline.js';
import { dial } from '../../helpers/tcp-client.js';
import { startTcpServer } from '../../helpers/tcp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

const peer = (address: string, port: number) => new PeerAddress(encodeAddress(address, port));

test('version 1 is a line of text', () => {
  const text = (client: PeerAddress, own: PeerAddress) => Buffer.from(encodeV1(client, own)).toString('latin1');
  assert.equal(
    text(peer('192.168.0.1', 56_324), peer('192.168.0.11', 443)),
    'PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n',
  );
  assert.equal(text(peer('2001:db8::1', 65_535), peer('::1', 80)), 'PROXY TCP6 2001:db8::1 ::1 65535 80\r\n');
});

test('version 2 is binary', () => {
  const hex = (client: PeerAddress, own: PeerAddress) => Buffer.from(encodeV2(client, own)).toString('hex');
  const signature = '0d0a0d0a000d0a515549540a';
  assert.equal(
    hex(peer('192.168.0.1', 56_324), peer('192.168.0.11', 443)),
    `${signature}2111000cc0a80001c0a8000bdc0401bb`,
  );
  assert.equal(
    hex(peer('2001:db8::1', 1), peer('::1', 80)),
    `${signature}21210024${'20010db8000000000000000000000001'}${'00000000000000000000000000000001'}00010050`,
  );
});

test('a server is told of the client first, whoever speaks first', async (t) => {
  for (const address of ['127.0.0.1', '::1']) {
    const backend = new UserspaceBackend();
    t.after(() => backend.close());
    const heard: Buffer[] = [];
    const server = await startTcpServer((socket) => {
      socket.write('welcome\n');
      socket.on('data', (chunk) => heard.push(chunk));
    }, address);
    t.after(() => server.close());
    // Where the service listens everywhere, it is the address that the client has asked for.
    const service = { ...(await serviceAt(address, 'tcp')), address: address === '::1' ? '::' : '0.0.0.0' };
    const at = { ...service, proxyProtocol: 'v1' } as const;
    await carryOut(backend, ...building(at, [destinationAt(server)]));
    const connect = async () => {
      const client = await dial(address, service.port);
      t.after(() => client.close());
      return client;
    };
    const first = await connect();
    assert.equal(await first.line(), 'welcome');
    first.socket.write('hello');
    const family = address === '::1' ? 'TCP6' : 'TCP4';
    const line = `PROXY ${family} ${address} ${address} ${first.socket.localPort} ${service.port}\r\nhello`;
    await until('it was told', () => Buffer.concat(heard).toString() === line);

    heard.length = 0;
    await carryOut(backend, { type: 'edit-service', service: { ...service, proxyProtocol: 'v2' } });
    const second = await connect();
    const head = encodeV2(peer(address, second.socket.localPort ?? 0), peer(address, service.port));
    await until('it was told anew', () => Buffer.concat(heard).equals(head));

    heard.length = 0;
    await carryOut(backend, { type: 'edit-service', service });
    const third = await connect();
    third.socket.write('plain');
    await until('nothing stands before', () => Buffer.concat(heard).toString() === 'plain');
  }
});
