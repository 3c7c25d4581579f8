import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropsOf, rowOf, setOptions } from '../../src/netlink/options.js';

const table = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000a6e6b862 0   134218491  00000000 0        0        0     2        0        31
0000000002bc1236 16  134218491  00000000 0        0        0     2        0        4711
0000000002bc1236 16  4294967290 00000002 0        0        0     2        17       4712
`;

test('a socket is found by its protocol and port', () => {
  assert.deepEqual(rowOf(table, 16, 134218491), { drops: 0, inode: '4711' });
  assert.deepEqual(rowOf(table, 0, 134218491), { drops: 0, inode: '31' });
  assert.deepEqual(rowOf(table, 16, 4294967290), { drops: 17, inode: '4712' });
  assert.equal(rowOf(table, 16, 31), null);
  assert.equal(rowOf('', 16, 1), null);
});

test('a socket that is not there is no error', async () => {
  assert.equal(await setOptions(16, 1), false);
  assert.equal(await dropsOf(16, 1), null);
});
