import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcement } from '../../../src/path/addresses/frames.js';
import { hex } from '../../netlink/bytes.js';

const hardware = Uint8Array.of(2, 0, 0, 0, 0, 1);

test('ARP says it as a request and as a reply, in which sender and target are the same address', () => {
  const frames = announcement({ family: 'inet', address: '192.0.2.10' }, { hardware }, false) ?? [];
  assert.deepEqual(
    frames.map(({ protocol, destination, payload }) => [protocol, Buffer.from(destination), Buffer.from(payload)]),
    [
      [
        0x0806,
        hex('ff ff ff ff ff ff'),
        hex('00 01 08 00 06 04 00 01 | 02 00 00 00 00 01 | c0 00 02 0a | 00 00 00 00 00 00 | c0 00 02 0a'),
      ],
      [
        0x0806,
        hex('ff ff ff ff ff ff'),
        hex('00 01 08 00 06 04 00 02 | 02 00 00 00 00 01 | c0 00 02 0a | ff ff ff ff ff ff | c0 00 02 0a'),
      ],
    ],
  );
});

test('an advertisement overrides, is to all nodes, and says whether this is a router', () => {
  for (const [isRouter, flags, sum] of [
    [false, '20', 'f9 0c'],
    [true, 'a0', '79 0c'],
  ] as const) {
    const [frame] = announcement({ family: 'inet6', address: '2001:db8::10' }, { hardware }, isRouter) ?? [];
    assert.deepEqual([frame?.protocol, Buffer.from(frame?.destination ?? [])], [0x86dd, hex('33 33 00 00 00 01')]);
    assert.deepEqual(
      Buffer.from(frame?.payload ?? []),
      hex(`
        60 00 00 00 00 20 3a ff | 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10
        ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01
        88 00 ${sum} ${flags} 00 00 00 | 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 10 | 02 01 02 00 00 00 00 01
      `),
    );
  }
});

test('where nobody asks for hardware addresses there is nothing to say', () => {
  assert.equal(announcement({ family: 'inet', address: '192.0.2.10' }, { hardware: null }, false), null);
});
