import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { brief, checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { type Behaviour, closedPort, flood, listen, listening } from '../helpers/listener.js';
import { startTcpBlackHole } from '../helpers/tcp-black-hole.js';
import { assertVerdict } from '../helpers/verdict.js';

const overTcp = (changes: Partial<Check>): Check => checkOf({ type: 'agent-tcp', service: 'none', ...changes });
const overHttp = (changes: Partial<Check>): Check =>
  checkOf({
    type: 'agent-http',
    service: 'none',
    virtualhost: 'agent.example.com',
    request: '/load?of=all',
    ...changes,
  });

describe('an agent over TCP', () => {
  const kilobyte = 'x'.repeat(1024);
  const table: readonly (readonly [string, Behaviour, boolean, string | RegExp])[] = [
    ['closes after its line', (socket) => socket.end('up ready 50%\n'), true, 'up ready 50%'],
    ['closes without the end of a line', (socket) => socket.end('drain,75%'), true, 'drain 75%'],
    ['never closes', (socket) => void socket.write('DOWN#disk full\r\n'), true, 'down #disk full'],
    ['ends its line with CR alone and goes on', (socket) => void socket.write('maint\rup'), true, 'maint'],
    ['says two lines', (socket) => socket.end('up\ndown\n'), true, 'up'],
    ['says an empty line', (socket) => socket.end('\n'), true, ''],
    ['says unknown words', (socket) => socket.end('weight:300 fast\n'), true, 'weight:300'],
    ['says a line of 1 KiB', (socket) => socket.end(`up ${kilobyte.slice(3)}\n`), true, /^up x{32}$/],
    ['says 1 KiB and closes', (socket) => socket.end(`up ${kilobyte.slice(3)}`), true, /^up x{32}$/],
    ['says bytes that are no text', (socket) => socket.end(Buffer.from([0xff, 0, 0x1b, 0x0a])), true, /^\ufffd\?$/],
    [
      'says 2 KiB without the end of a line',
      (socket) => socket.end(`up ${kilobyte}${kilobyte}`),
      false,
      'response: more than 1024 bytes without the end of a line',
    ],
    [
      'floods without the end of a line',
      (socket) => flood(socket, () => socket.write(kilobyte)),
      false,
      'response: more than 1024 bytes without the end of a line',
    ],
    ['floods with lines', (socket) => flood(socket, () => socket.write('up\n'.repeat(100))), true, 'up'],
    ['closes at once', (socket) => socket.end(), false, 'response: closed by the server without a word'],
    ['resets at once', (socket) => socket.resetAndDestroy(), false, /^(connect|response): (reset|closed)/],
    [
      'resets within a word',
      (socket) => socket.write('7', () => socket.resetAndDestroy()),
      false,
      /^(connect|response): (reset|closed)/,
    ],
  ];
  for (const [name, behave, ok, reason] of table) {
    it(name, async () => {
      const agent = await listen(behave);
      try {
        await assertVerdict(overTcp({ port: agent.port }), ok, reason);
        await until('no connection is left', () => agent.connections() === 0);
      } finally {
        await agent.close();
      }
    });
  }

  it('says its line in pieces', async () => {
    const agent = await listen((socket) => {
      const pieces = [...'up 50%\n'];
      const say = (): void => void socket.write(pieces.shift() ?? '', () => pieces.length > 0 && setTimeout(say, 5));
      say();
    });
    try {
      await assertVerdict(overTcp({ port: agent.port }), true, 'up 50%');
    } finally {
      await agent.close();
    }
  });

  for (const [name, behave] of [
    ['silent', () => {}],
    ['silent within its line', (socket) => void socket.write('up 5')],
  ] as const satisfies readonly (readonly [string, Behaviour])[]) {
    it(name, async () => {
      const agent = await listen(behave);
      try {
        await assertVerdict(
          overTcp({ port: agent.port, checkTimeout: brief }),
          false,
          /^(connect|response): .* within 0\.4 s$/,
        );
        await until('no connection is left', () => agent.connections() === 0);
      } finally {
        await agent.close();
      }
    });
  }

  it('not there', async () => {
    await assertVerdict(overTcp({ port: await closedPort() }), false, 'connect: refused (ECONNREFUSED)');
    const hole = await startTcpBlackHole();
    try {
      const check = overTcp({ port: hole.port, checkTimeout: brief });
      await assertVerdict(check, false, 'connect: no answer within 0.4 s');
    } finally {
      await hole.close();
    }
  });
});

describe('an agent over HTTP', () => {
  const table: readonly (readonly [string, number, string, boolean, string])[] = [
    ['says a line', 200, 'up ready 50%\n', true, 'up ready 50%'],
    ['says no end of a line', 200, 'drain', true, 'drain'],
    ['answers with another status', 204, '', false, 'response: status 204'],
    ['is out of order', 503, 'down', false, 'response: status 503'],
    ['says 2 KiB', 200, 'x'.repeat(2048), false, 'response: more than 1024 bytes without the end of a line'],
    ['says a page', 200, `weight:20\n${'x'.repeat(100_000)}`, true, 'weight:20'],
  ];
  for (const [name, status, body, ok, reason] of table) {
    it(name, async (t) => {
      const asked: (string | undefined)[] = [];
      const server = http.createServer(({ url, headers }, response) => {
        asked.push(url, headers.host);
        response.writeHead(status).end(body);
      });
      await assertVerdict(overHttp({ port: await listening(t, server) }), ok, reason);
      assert.deepEqual(asked, ['/load?of=all', 'agent.example.com']);
    });
  }

  it('breaks off within a word', async () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    const agent = await listen((socket) =>
      socket.write(`${head}7`, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    );
    try {
      await assertVerdict(overHttp({ port: agent.port }), false, /^response/);
    } finally {
      await agent.close();
    }
  });

  it('is silent', async () => {
    const agent = await listen(() => {});
    try {
      const check = overHttp({ port: agent.port, checkTimeout: brief });
      await assertVerdict(check, false, /^(connect|response headers): .* within 0\.4 s$/);
    } finally {
      await agent.close();
    }
  });
});
