import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Alerter, type AlerterLimits, gatherFor } from '../../src/notify/alerter.js';
import type { Mail, News, Route } from '../../src/notify/mail.js';
import { until } from '../helpers/deadline.js';

const route: Route = { from: null, to: ['a@example.com'], smtp: null };
const other: Route = { ...route, to: ['b@example.com'] };

function alerter(t: TestContext, limits: AlerterLimits) {
  const mails: Mail[] = [];
  const limited: [string, News, number][] = [];
  const more: [News, number][] = [];
  const opened = new Alerter(
    {
      send: (mail) => mails.push(mail),
      onLimit: ({ to }, news, wait) => limited.push([to.join(), news, wait]),
      onMore: (news, count) => more.push([news, count]),
      host: 'lab',
    },
    limits,
  );
  t.after(() => opened.close());
  const raise = (text: string, news: News = 'change', way = route): boolean => {
    return opened.raise(way, news, { text, status: 'running', servicename: null, comment: null });
  };
  const subjects = (): string[] => mails.map(({ subject }) => subject);
  const sent = (...wanted: string[]): Promise<void> =>
    until(
      () => `${wanted} is what was sent, not ${subjects()}`,
      () => subjects().join() === wanted.join(),
    );
  const told = (count: number): Promise<void> =>
    until(`the limit is told ${count} times`, () => limited.length === count);
  return { opened, mails, limited, more, raise, sent, told };
}

test('alerts that come together are one mail, each route its own', async (t) => {
  const { mails, raise, sent } = alerter(t, { delay: 20, hourly: 10 });
  for (let n = 0; n < 600; n += 1) raise(`Deleted ${n}`);
  raise('Deleted', 'change', other);
  await sent('600 changes: Deleted 0 and 599 more', 'Deleted');
  assert.match(mails[0]?.text ?? '', /^Changes: 600$/m);
  assert.match(mails[0]?.text ?? '', /\nand 100 more\n$/);
});

test('of many that one mail lists a few are told one by one, and the others as a number', async (t) => {
  const { more, raise, sent } = alerter(t, { delay: 20, hourly: 10 });
  const told = Array.from({ length: 600 }, (_, n) => raise(`Deleted ${n}`)).filter((isTold) => isTold);
  await sent('600 changes: Deleted 0 and 599 more');
  assert.deepEqual([told.length, more], [3, [['change', 597]]]);
});

test('changes that keep coming gather for longer, so that the mails of an hour last for it', () => {
  assert.deepEqual(
    [0, 15, 16, 18].map((sent) => gatherFor(1_000, sent, 60)),
    [1_000, 1_000, 2_000, 8_000],
  );
  assert.equal(gatherFor(1_000, 59, 60), 300_000);
  assert.equal(gatherFor(600_000, 59, 60), 600_000);
  // A storm of an hour, in which the next change is there as soon as a mail has gone.
  let [at, sent] = [0, 0];
  while (at < 3_600_000) [at, sent] = [at + gatherFor(1_000, sent, 60), sent + 1];
  assert.ok(sent < 45, String(sent));
});

test('a few alerts are a mail each', async (t) => {
  const { opened, raise, sent } = alerter(t, { delay: 1_000, hourly: 10 });
  for (const text of ['Added', 'Deleted']) raise(text);
  opened.close();
  await sent('Added', 'Deleted');
});

test('reminders are a mail of their own, and are called so', async (t) => {
  const { mails, raise, sent } = alerter(t, { delay: 1, hourly: 10 });
  for (let n = 0; n < 4; n += 1) raise(`Inaccessible ${n}`, 'reminder');
  raise('Deleted');
  await sent('4 reminders: Inaccessible 0 and 3 more', 'Deleted');
  assert.match(mails[0]?.text ?? '', /^Reminders: 4$/m);
});

test('what is over the hourly limit waits and is told, and closing sends it', async (t) => {
  const { opened, raise, sent, told, limited } = alerter(t, { delay: 1, hourly: 1 });
  raise('one');
  await sent('one');
  raise('two');
  raise('three');
  await told(1);
  const [[to, news, wait] = ['', 'reminder', 0]] = limited;
  assert.deepEqual([to, news], ['a@example.com', 'change']);
  assert.ok(wait > 3_000_000 && wait <= 3_600_000, String(wait));
  opened.close();
  await sent('one', '2 changes: two and 1 more');
});

test('a route that is over its limit holds up no other', async (t) => {
  const { raise, sent, told } = alerter(t, { delay: 1, hourly: 1 });
  raise('one');
  await sent('one');
  raise('held');
  await told(1);
  raise('other', 'change', other);
  await sent('one', 'other');
});

test('what is held goes when a new limit lets it', async (t) => {
  const { opened, raise, sent, told } = alerter(t, { delay: 1, hourly: 1 });
  raise('one');
  await sent('one');
  raise('held');
  await told(1);
  opened.configure({ delay: 1, hourly: 2 });
  await sent('one', 'held');
});

test('reminders leave half of the mails to changes; beyond that they are left out, told once', async (t) => {
  const { raise, sent, told, limited } = alerter(t, { delay: 1, hourly: 4 });
  raise('down', 'reminder');
  await sent('down');
  raise('down', 'reminder');
  await sent('down', 'down');
  raise('left out', 'reminder');
  await told(1);
  raise('left out', 'reminder');
  raise('new', 'change');
  await sent('down', 'down', 'new');
  raise('newer', 'change');
  await sent('down', 'down', 'new', 'newer');
  assert.deepEqual(
    limited.map(([, news]) => news),
    ['reminder'],
  );
});
