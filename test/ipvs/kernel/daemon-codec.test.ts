import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDaemon, encodeDaemon, encodeDaemonState, wrongDaemon } from '../../../src/ipvs/kernel/daemon-codec.js';
import type { SyncDaemon } from '../../../src/ipvs/sync-daemon.js';
import { Attributes, MalformedMessage } from '../../../src/netlink/attributes.js';
import { MessageWriter } from '../../../src/netlink/message-writer.js';
import { hex } from '../../netlink/bytes.js';

function written(write: (writer: MessageWriter) => void): Buffer {
  const writer = new MessageWriter(512);
  writer.begin({ type: 0x25, flags: 0, sequence: 1 }, [9, 1, 0, 0]);
  write(writer);
  writer.end();
  return Buffer.from(writer.written.subarray(20));
}

const master: SyncDaemon = { state: 'master', interface: 'eth0', syncId: 7 };

const table: readonly (readonly [SyncDaemon, string])[] = [
  [master, '20 00 03 80 | 08 00 01 00 01 00 00 00 | 09 00 02 00 65 74 68 30 00 00 00 00 | 08 00 03 00 07 00 00 00'],
  [
    { state: 'backup', interface: 'eth0', syncId: 0, maxLength: 1400, group: '224.0.0.82', port: 8849, ttl: 2 },
    `4c 00 03 80 | 08 00 01 00 02 00 00 00 | 09 00 02 00 65 74 68 30 00 00 00 00 | 08 00 03 00 00 00 00 00
     06 00 04 00 78 05 00 00 | 14 00 05 00 e0 00 00 52 00 00 00 00 00 00 00 00 00 00 00 00
     06 00 07 00 91 22 00 00 | 05 00 08 00 02 00 00 00`,
  ],
  [
    { state: 'master', interface: 'e', syncId: 255, group: 'ff02::5' },
    `30 00 03 80 | 08 00 01 00 01 00 00 00 | 06 00 02 00 65 00 00 00 | 08 00 03 00 ff 00 00 00
     14 00 06 00 ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 05`,
  ],
];

test('daemons: to bytes and back', () => {
  for (const [daemon, bytes] of table) {
    const encoded = written((writer) => encodeDaemon(writer, daemon));
    assert.deepEqual(encoded, hex(bytes));
    assert.deepEqual(decodeDaemon(new Attributes(encoded, 4, encoded.length)), daemon);
    assert.equal(wrongDaemon(daemon), null);
  }
  assert.deepEqual(
    written((writer) => encodeDaemonState(writer, 'backup')),
    hex('0c 00 03 80 08 00 01 00 02 00 00 00'),
  );
});

test('a daemon that bytes cannot say is refused before', () => {
  for (const wrong of [
    { interface: '' },
    { interface: 'an-interface-of-16' },
    { syncId: 256 },
    { syncId: Number.NaN },
    { maxLength: 65_536 },
    { group: 'all' },
    { port: -1 },
    { ttl: 256 },
  ]) {
    assert.notEqual(wrongDaemon({ ...master, ...wrong }), null, JSON.stringify(wrong));
  }
});

test('a daemon without an interface is an error', () => {
  const bytes = hex('08 00 01 00 01 00 00 00');
  assert.throws(() => decodeDaemon(new Attributes(bytes, 0, bytes.length)), MalformedMessage);
});
