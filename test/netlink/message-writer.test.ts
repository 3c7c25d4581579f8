import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageWriter } from '../../src/netlink/message-writer.js';
import { hex } from './bytes.js';

const head = { type: 0x25, flags: 0x0305, sequence: 0x01020304 };
const header = [4, 1, 0, 0];

test('lays messages out as the kernel’s headers do, one after another', () => {
  const writer = new MessageWriter(128);
  writer.begin(head, header);
  const nest = writer.nest(1);
  writer.u8(2, 0x7f);
  writer.string(3, 'rr');
  writer.unnest(nest);
  writer.end();
  writer.begin({ ...head, sequence: 0x01020305 }, header);
  writer.u32s(7, [0x05, 0x3d]);
  writer.end();
  assert.deepEqual(
    writer.written,
    hex(`
      28 00 00 00 | 25 00 | 05 03 | 04 03 02 01 | 00 00 00 00 | 04 01 00 00
      14 00 01 80 | 05 00 02 00 7f 00 00 00 | 07 00 03 00 72 72 00 00
      20 00 00 00 | 25 00 | 05 03 | 05 03 02 01 | 00 00 00 00 | 04 01 00 00
      0c 00 07 00 05 00 00 00 3d 00 00 00
    `),
  );
});

test('nothing of an earlier message is left after a clear', () => {
  const writer = new MessageWriter(64);
  writer.begin(head, header);
  writer.string(1, 'xxxxxxxxxxxxxxx');
  writer.end();
  writer.clear();
  assert.equal(writer.length, 0);
  writer.begin(head, header);
  writer.u8(1, 1);
  writer.end();
  assert.deepEqual(writer.written.subarray(20), hex('05 00 01 00 01 00 00 00'));
});

test('what does not fit is refused', () => {
  const writer = new MessageWriter(32);
  writer.begin(head, header);
  assert.throws(() => writer.string(1, 'xxxxxxxxxxxxxxx'), RangeError);
  assert.throws(() => writer.u8(1, 256), RangeError);
});
