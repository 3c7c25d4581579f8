import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { DeadlineExceeded } from '../../../src/probes/failure.js';
import { askDatagram } from '../../../src/probes/sockets/datagram.js';
import { ample, brief, direct } from '../../helpers/check.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { startUdpPeer } from '../../helpers/udp-server.js';

/** Asks `ping`, and takes `pong` alone for an answer. */
function ask(address: string, port: number, timeout = ample): Promise<string> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlineExceeded(timeout)), timeout);
  const read = (answer: Buffer) => (answer.toString() === 'pong' ? 'pong' : null);
  const question = {
    address,
    port,
    route: direct,
    request: Buffer.from('ping'),
    timeout,
    phase: 'query',
    read,
  } as const;
  return withoutLeaks(() => askDatagram(question, controller.signal).finally(() => clearTimeout(timer)));
}

describe('askDatagram', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`gets an answer from ${address}`, async () => {
      const peer = await startUdpPeer(address, (text) => (text === 'ping' ? 'pong' : null));
      assert.equal(await ask(address, peer.port), 'pong');
      await peer.close();
    });
  }

  it('asks again where the first request is lost', async () => {
    let requests = 0;
    const peer = await startUdpPeer('127.0.0.1', () => {
      requests += 1;
      return requests === 1 ? null : 'pong';
    });
    assert.equal(await ask('127.0.0.1', peer.port, 3000), 'pong');
    assert.equal(requests, 2);
    await peer.close();
  });

  it('asks three times and fails at the deadline', async () => {
    let requests = 0;
    const peer = await startUdpPeer('127.0.0.1', () => {
      requests += 1;
      return 'something else';
    });
    await assert.rejects(ask('127.0.0.1', peer.port, brief), /^ProbeFailure: query: not done within 0\.4 s$/);
    assert.equal(requests, 3);
    await peer.close();
  });

  it('fails at once where nobody listens', async () => {
    await assert.rejects(ask('127.0.0.1', await freePort()), /query: refused \(ECONNREFUSED\)/);
  });

  it('ends a flood of what is no answer', async () => {
    const peer = await startUdpPeer('127.0.0.1', (_text, from) => {
      for (let sent = 0; sent < 150; sent += 1) peer.socket.send('x', from.port, from.address);
      return null;
    });
    await assert.rejects(ask('127.0.0.1', peer.port), /query: 101 datagrams that are no answer/);
    await peer.close();
  });

  it('lets the request name where it comes from', async () => {
    const peer = await startUdpPeer('127.0.0.1', (text, from) => (text === `from ${from.port}` ? 'pong' : null));
    const request = (local: AddressInfo) => Buffer.from(`from ${local.port}`);
    const question = {
      address: '127.0.0.1',
      port: peer.port,
      route: direct,
      request,
      timeout: ample,
      phase: 'query',
    } as const;
    const said = await askDatagram({ ...question, read: (answer) => answer.toString() }, new AbortController().signal);
    await peer.close();
    assert.equal(said, 'pong');
  });

  it('takes silence for an answer where that is asked for', async () => {
    const peer = await startUdpPeer('127.0.0.1');
    const question = {
      address: '127.0.0.1',
      port: peer.port,
      route: direct,
      request: Buffer.from('ping'),
      phase: 'query',
    } as const;
    const signal = new AbortController().signal;
    const asked = { ...question, timeout: brief, read: () => 'pong', silence: 'nothing' };
    assert.equal(await withoutLeaks(() => askDatagram(asked, signal)), 'nothing');
    await peer.close();
  });
});
