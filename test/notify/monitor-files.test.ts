import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MonitorFiles } from '../../src/notify/monitor-files.js';
import { configOf } from '../helpers/configuration.js';

/** Files in memory: what is written to each, and how often each was opened and closed. */
function files() {
  const opened: string[] = [];
  const closed: string[] = [];
  const lines: string[] = [];
  const monitors = new MonitorFiles((path) => {
    opened.push(path);
    return {
      write: (line) => lines.push(`${path}: ${line}`),
      close: async () => {
        closed.push(path);
      },
    };
  });
  return { opened, closed, lines, monitors };
}

const text = `virtual=192.0.2.1:80
\treal=127.0.0.1:8081 masq 2
\tservice=http
\trequest="alive?a:b"
\tmonitorfile=/m1
virtual=192.0.2.2:80
\treal=127.0.0.1:8081 masq 2
\tservice=http
\trequest="x"
\treceive="up"
\tvirtualhost=www.example.com
\tcheckport=81
\tmonitorfile=/m1
virtual=192.0.2.3:80
\treal=127.0.0.1:8081 masq
\tmonitorfile=/m2
`;

const result = {
  type: 'checked',
  family: 'inet',
  virtual: '192.0.2.1:80',
  server: '127.0.0.1:8081',
  protocol: 'tcp',
  ok: true,
  reason: 'HTTP 200',
  duration: 1,
  held: false,
} as const;

test('lines are as the reference writes them', () => {
  const { lines, monitors } = files();
  monitors.configure(configOf(text));
  monitors.record(result);
  monitors.record({ ...result, ok: false, reason: '100% |\r\n' });
  monitors.record({ ...result, held: true });
  monitors.record({ ...result, virtual: '192.0.2.2:80' });
  monitors.record({ ...result, virtual: '192.0.2.9:80' });
  assert.deepEqual(lines, [
    '/m1: negotiate http tcp 127.0.0.1 8081 2 masq /alive?a b  [up] HTTP 200',
    '/m1: negotiate http tcp 127.0.0.1 8081 2 masq /alive?a b  [down] 100%25 %7C%0D%0A',
    '/m1: negotiate http tcp 127.0.0.1 8081 2 masq /alive?a b  [down] Server in maintenance',
    '/m1: negotiate http tcp 127.0.0.1 8081 81 www.example.com 2 masq /x up [up] HTTP 200',
  ]);
});

test('a file of two virtuals is opened once, stays open through reloads and is closed when none has it', async () => {
  const { opened, closed, monitors } = files();
  monitors.configure(configOf(text));
  monitors.configure(configOf(text));
  assert.deepEqual([opened, closed], [['/m1', '/m2'], []]);
  monitors.configure(configOf(text.replace('/m2', '/m3')));
  assert.deepEqual([opened, closed], [['/m1', '/m2', '/m3'], ['/m2']]);
  await monitors.close();
  assert.deepEqual(closed.toSorted(), ['/m1', '/m2', '/m3']);
});
