import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { leafnodeMissing, startLeafnode } from '../../helpers/servers/leafnode.js';
import { scripted } from '../../helpers/servers/scripted.js';

const nntp = (changes: Partial<Check> = {}) => checkOf({ service: 'nntp', ...changes });
const right = { login: 'monitor', passwd: 'hunter2' };

describe('nntp, leafnode', { skip: leafnodeMissing }, () => {
  const table: readonly (readonly [string, Partial<Check>, boolean, RegExp])[] = [
    ['up', {}, true, /^response: 200 Leafnode NNTP Daemon/],
    ['without a request receive says nothing', { receive: receive('^x') }, true, /^response: 200 Leafnode/],
    ['one line', { request: '/DATE', receive: receive('^111 2') }, true, /^response: 111 2/],
    ['a list', { request: '/LIST' }, true, /^response: 215 Newsgroups in form "group high low flags"\.$/],
    ['wrong answer', { request: '/LIST', receive: receive('alt') }, false, /^response: no match for "alt" in "\."$/],
    ['no such group', { request: '/GROUP a.b' }, false, /^query: the server says "411 No such group"$/],
    ['no logins', right, false, /^login: the server says "500 Unknown command"$/],
    ['TLS where there is none', { tls: tlsOf() }, false, /^tls: the server does not speak TLS \(/],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const server = await startLeafnode();
      try {
        const result = await runProbe(nntp({ port: server.port, ...changes }), 'negotiate');
        assert.match(result.reason, reason);
        assert.equal(result.ok, ok);
      } finally {
        await server.close();
      }
    });
  }

  it('a server that cannot serve', async () => {
    const server = await startLeafnode('localhost');
    try {
      const result = await runProbe(nntp({ port: server.port }), 'negotiate');
      assert.match(result.reason, /^greeting: the server says "503 Leafnode must have a unique fully-qualified/);
      assert.equal(result.ok, false);
    } finally {
      await server.close();
    }
  });
});

describe('nntp, by script', () => {
  const hello = '201 hi\r\n';

  it('logs in', async () => {
    const server = await scripted(hello, [
      [/^AUTHINFO USER monitor\r\n$/, '381 more\r\n'],
      [/^AUTHINFO PASS hunter2\r\n$/, '281 welcome\r\n'],
    ]);
    await server.check(nntp(right), true, 'response: 281 welcome');
  });

  it('names what the server says, but no password', async () => {
    const server = await scripted(hello, [
      [/^AUTHINFO USER/, '381 more\r\n'],
      [/^AUTHINFO PASS/, '481 not hunter2\r\n'],
    ]);
    await server.check(nntp(right), false, 'login: the server says "481 not ***"');
  });

  it('takes a list in pieces, and a match before its end', async () => {
    const pieces = ['215 list\r\nalt', '.x 1 1 y\r\n', 'b.y 1 1 y\r\n.', '\r\n'];
    const server = await scripted(hello, [[/^LIST\r\n$/, pieces]]);
    await server.check(nntp({ request: '/LIST', receive: receive('alt\\.x[^z]*b\\.y') }), true, 'response: 215 list');
    const endless = await scripted(hello, [[/^LIST\r\n$/, '215 list\r\nalt.x 1 1 y\r\n']]);
    await endless.check(nntp({ request: '/LIST', receive: receive('^alt\\.x') }), true, 'response: 215 list');
  });

  it('says what came of a list that does not end', async () => {
    const server = await scripted(hello, [[/^LIST\r\n$/, '215 list\r\nalt.x\r\n']]);
    const check = nntp({ request: '/LIST', receive: receive('b'), negotiateTimeout: brief });
    await server.check(check, false, 'response: no match for "b" in "alt.x"');
  });
});

badServerCases('nntp', nntp({ request: '/DATE' }), { first: '200 hi\r\n', greeting: 'greeting', next: 'query' });
