import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defaultSettings } from '../../src/config/settings/rows.js';
import type { Event } from '../../src/events.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { alwaysActive, type RoleState } from '../../src/model/role.js';
import { Notifier } from '../../src/notify/notifier.js';
import { configOf } from '../helpers/configuration.js';
import { until } from '../helpers/deadline.js';
import { startMailServer } from '../helpers/mail-server.js';

const text = `smtp=127.0.0.1
emailalert=admin@example.com
emailalertstatus=running,stopping
virtual=192.0.2.1:53
\treal=10.0.0.1:53 gate
\treal=10.0.0.2:53 gate
\tservice=dns
\tprotocol=udp
\tservicename=UDP
virtual=192.0.2.1:53
\treal=10.0.0.1:53 gate
\tservice=dns
\tprotocol=tcp
\temailalert=tcp@example.com
`;

async function notifier(t: TestContext, role: () => RoleState = () => alwaysActive) {
  const mails = await startMailServer(t);
  const settings = { ...defaultSettings, smtpPort: mails.port, mailDelay: 0 };
  const events: Event[] = [];
  const publish = (event: Event): void => void events.push(event);
  const openMonitorFile = () => ({ write: () => {}, close: async () => {} });
  const status = () => 'running' as const;
  const options = { publish, openMonitorFile, status, role, isInUse: () => true };
  const kept = new Notifier(options, configOf(text), settings);
  t.after(() => kept.close(1_000));
  return { kept, mails, settings, events };
}

const change = {
  family: 'inet',
  object: 'real',
  action: 'deleted',
  virtual: '192.0.2.1:53',
  server: '10.0.0.1:53',
  name: '10.0.0.1:53',
  weight: 0,
  phase: 'start',
} as const;

test('a mail goes to those of its own virtual, at the times that they want', async (t) => {
  const { kept, mails } = await notifier(t);
  kept.listener({ type: 'table-changed', change: { ...change, protocol: 'udp' }, status: 'starting' });
  kept.listener({ type: 'table-changed', change: { ...change, protocol: 'tcp' }, status: 'running' });
  kept.listener({ type: 'table-changed', change: { ...change, protocol: 'udp' }, status: 'stopping' });
  const [tcp, udp] = [await mails.mail(/^Deleted/), await mails.mail(/^\[UDP\] Deleted/)];
  assert.deepEqual([tcp.to, udp.to], [['tcp@example.com'], ['admin@example.com']]);
  assert.match(udp.body, /^Daemon-Status: stopping$/m);
  assert.equal(mails.mails.length, 2);
});

test('purges and changes of the service itself are no news', async (t) => {
  const { kept, events } = await notifier(t);
  kept.listener({
    type: 'table-changed',
    change: { ...change, protocol: 'tcp', action: 'purged' },
    status: 'stopping',
  });
  const { family, virtual, phase } = change;
  const added = { object: 'virtual', action: 'added', family, protocol: 'tcp', virtual, phase } as const;
  kept.listener({ type: 'table-changed', change: added, status: 'running' });
  assert.deepEqual(events, []);
});

test('a server that the file no longer names is no longer down', async (t) => {
  const { kept, mails, settings } = await notifier(t);
  const failed = { reason: 'connect', duration: 1, failures: 1, failurecount: 1 };
  const subject = { family: 'inet', protocol: 'udp', virtual: change.virtual } as const;
  for (const server of ['10.0.0.1:53', '10.0.0.2:53']) {
    kept.listener({ ...subject, type: 'server-down', server, ...failed });
  }
  kept.configure(configOf(text.replace('\treal=10.0.0.2:53 gate\n', '')), settings);
  kept.sendSummary();
  const { body } = await mails.mail(/summary: 1 real servers down/);
  assert.match(body, /Down now:\n {2}10\.0\.0\.1:53 \(udp:192\.0\.2\.1:53\)\n/);
});

test('a minimum that is not reached is told by mail, and that it is again', async (t) => {
  const { kept, mails } = await notifier(t);
  const service = { family: 'inet', protocol: 'udp', virtual: change.virtual } as const;
  kept.listener({ ...service, type: 'virtual-below-minimum', healthy: 0, needed: 1, rule: 'keep' });
  const { body } = await mails.mail(/Below minhealthy/);
  assert.match(body, /0 healthy of 1 at least/);
  kept.listener({ ...service, type: 'virtual-minimum-restored' });
  await mails.mail(/Enough servers are healthy again/);
});

test('a checked fallback is told by mail, in use or not, and so is that nobody is left', async (t) => {
  const { kept, mails } = await notifier(t);
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:53' } as const;
  const fallback = { ...service, server: '127.0.0.1:53', role: 'fallback' } as const;
  const failed = { reason: 'no answer', duration: 1, failures: 1, failurecount: 1 };
  kept.listener({ type: 'fallback-down', ...fallback, ...failed });
  await mails.mail(/^Fallback server is down: no answer: 127\.0\.0\.1:53 \(192\.0\.2\.1:53\)/);
  kept.listener({ type: 'virtual-unserved', ...service });
  await mails.mail(/^Clients are refused: 192\.0\.2\.1:53 \(tcp\): no real server/);
  kept.listener({ type: 'fallback-up', ...fallback, reason: 'answered' });
  await mails.mail(/^Fallback server is up again: 127\.0\.0\.1:53 \(192\.0\.2\.1:53\)/);
  kept.listener({ type: 'virtual-served', ...service });
  const { to } = await mails.mail(/^Clients are served again: 192\.0\.2\.1:53/);
  assert.deepEqual(to, ['tcp@example.com']);
});

test('the summary names who is held out, by whom and why', async (t) => {
  const { kept, mails } = await notifier(t);
  const subject = { family: 'inet', protocol: 'udp', virtual: change.virtual } as const;
  const origin = { who: 'alice', since: new Date(2026, 10, 29, 10, 41, 5).getTime(), why: 'a disk' };
  const drained = { reason: 'drained by hand', note: null, ...origin };
  for (const server of ['10.0.0.1:53', '10.0.0.2:53']) {
    kept.listener({ type: 'maintenance-began', ...subject, server, ...drained });
  }
  kept.listener({ type: 'maintenance-ended', ...subject, ...unknownOrigin, server: '10.0.0.1:53' });
  kept.sendSummary();
  const { body } = await mails.mail(/summary/);
  assert.match(
    body,
    /Held out now:\n {2}10\.0\.0\.2:53 \(udp:192\.0\.2\.1:53\): drained by hand by alice at 2026-11-29 10:41:05: a disk\n/,
  );
});

test('mails and the callback are left to the director that is active, which is told, and reminders wait for it', async (t) => {
  const passive: RoleState = { word: 'passive', held: null, fault: null };
  let role: RoleState = passive;
  const { kept, mails, settings, events } = await notifier(t, () => role);
  const often = configOf(`callback=true\nemailalertfreq=1\n${text}`);
  kept.configure(often, settings);
  kept.listener({ type: 'table-changed', change: { ...change, protocol: 'tcp' }, status: 'running' });
  kept.listener({ type: 'config-changed', file: '/etc/ha.d/ldirectord.cf' });
  const failed = { reason: 'connect', duration: 1, failures: 1, failurecount: 1 };
  const subject = { family: 'inet', protocol: 'udp', virtual: change.virtual, server: change.server } as const;
  kept.listener({ type: 'server-down', ...subject, ...failed });
  const began = performance.now();
  assert.deepEqual(events, [
    { type: 'left-to-active', what: 'emailalert', text: 'Deleted real server: 10.0.0.1:53 (192.0.2.1:53)' },
    { type: 'left-to-active', what: 'callback', text: '/etc/ha.d/ldirectord.cf' },
  ]);
  // What has been down for longer than that is told as soon as somebody is there to tell it.
  await until('a reminder would be due', () => performance.now() > began + 1_100);
  assert.equal(mails.mails.length, 0);
  role = alwaysActive;
  await mails.mail(/Inaccessible real server: 10\.0\.0\.1:53/);
});

test('of a server that flaps there is a mail when that begins and one when it is over', async (t) => {
  const { kept, mails } = await notifier(t);
  const who = { family: 'inet', protocol: 'tcp', virtual: change.virtual, server: change.server } as const;
  const changed = (server: string): void => {
    kept.listener({
      type: 'table-changed',
      change: { ...change, protocol: 'tcp', server, name: server },
      status: 'running',
    });
  };
  kept.listener({ type: 'server-flapping', ...who, changes: 10, seconds: 20 });
  await mails.mail(/^Flapping: 10\.0\.0\.1:53/);
  changed(who.server);
  changed('10.0.0.2:53');
  await mails.mail(/^Deleted real server: 10\.0\.0\.2:53/);
  kept.listener({ type: 'server-settled', ...who, up: false, changes: 20, seconds: 90 });
  await mails.mail(/^Flapping no more: 10\.0\.0\.1:53 .* down after 20 changes/);
  assert.equal(mails.mails.length, 3);
  changed(who.server);
  await mails.mail(/^Deleted real server: 10\.0\.0\.1:53/);
});
