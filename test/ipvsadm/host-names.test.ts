import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostNames, parseHosts } from '../../src/ipvsadm/host-names.js';

test('the first name of the first line of an address', () => {
  const names = parseHosts(
    '127.0.0.1 localhost local # here\n127.0.0.1\tother\nFC00:0::7 six.example\n# 10.0.0.1 no\n10.0.0.2\nx y\n',
  );
  assert.deepEqual(
    [...names],
    [
      ['127.0.0.1', 'localhost'],
      ['fc00::7', 'six.example'],
    ],
  );
});

test('names in /etc/hosts need no name server', async () => {
  const names = await HostNames.open();
  await names.learn(['127.0.0.1', '127.0.0.1']);
  assert.equal(names.found.get('127.0.0.1'), 'localhost');
});
