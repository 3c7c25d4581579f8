import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { DeliveryError } from '../../src/notify/deliver.js';
import type { Mail } from '../../src/notify/mail.js';
import { Outbox, type OutboxOptions } from '../../src/notify/outbox.js';
import { until, within } from '../helpers/deadline.js';

function mail(subject: string): Mail {
  return { from: null, to: ['a@example.com'], subject, text: '', smtp: null };
}

function outbox(deliver: OutboxOptions['deliver'], options: Partial<OutboxOptions> = {}) {
  const events: Extract<Event, { type: 'mail-failed' }>[] = [];
  const publish = (event: Event): void => {
    if (event.type === 'mail-failed') events.push(event);
  };
  return { box: new Outbox({ deliver, publish, retryDelay: 5, ...options }), events };
}

test('a mail is tried again until it is taken', async () => {
  let attempts = 0;
  const { box, events } = outbox(async () => {
    attempts += 1;
    if (attempts < 4) throw new DeliveryError('away', false);
    return [];
  });
  box.send(mail('one'));
  await until('it is taken', () => attempts === 4);
  assert.deepEqual(
    events.map(({ retryIn }) => retryIn),
    [0.005, 0.01, 0.02],
  );
  await box.close(1_000);
  assert.equal(attempts, 4);
});

test('where there is time, a mail that was refused for now is tried again at the end, and nobody waits longer', async () => {
  let attempts = 0;
  const { box, events } = outbox(async () => {
    attempts += 1;
    if (attempts < 4) throw new DeliveryError('greylisted', false);
    return [];
  });
  box.send(mail('one'));
  await within('the end', box.close(3_600_000));
  assert.equal(attempts, 4);
  assert.deepEqual(
    events.map(({ retryIn }) => retryIn),
    [0.005, 0.01, 0.02],
  );
});

test('a refusal for good, or too many attempts, end it', async () => {
  const { box, events } = outbox(
    async ({ subject }) => {
      throw new DeliveryError('no', subject === 'refused');
    },
    { attempts: 2 },
  );
  box.send(mail('refused'));
  box.send(mail('away'));
  await until('both are given up', () => events.filter(({ retryIn }) => retryIn === null).length === 2);
  assert.deepEqual(
    events.map(({ subject, retryIn }) => [subject, retryIn]),
    [
      ['refused', null],
      ['away', 0.005],
      ['away', null],
    ],
  );
  await box.close(1_000);
});

test('who is refused for now is tried again without those who got it; who is refused for good is told', async () => {
  const tries: (readonly string[])[] = [];
  const { box, events } = outbox(async ({ to }) => {
    tries.push(to);
    if (tries.length > 2) return [];
    const later = { recipients: ['b@example.com'], reason: 'greylisted', permanent: false };
    const never = { recipients: ['c@example.com'], reason: 'no such user', permanent: true };
    return tries.length === 1 ? [later, never] : [later];
  });
  box.send({ ...mail('one'), to: ['a@example.com', 'b@example.com', 'c@example.com'] });
  await until('b has it', () => tries.length === 3);
  assert.deepEqual(tries.slice(1), [['b@example.com'], ['b@example.com']]);
  assert.deepEqual(
    events.map(({ recipients, reason, retryIn }) => [recipients, reason, retryIn]),
    [
      [['b@example.com'], 'greylisted', 0.005],
      [['c@example.com'], 'no such user', null],
      [['b@example.com'], 'greylisted', 0.01],
    ],
  );
  await box.close(1_000);
});

test('what waits is bounded, a dead server holds up nobody else, and closing ends in time', async () => {
  const taken: string[] = [];
  const { box, events } = outbox(
    ({ subject }, signal) => {
      if (subject !== 'black hole') {
        taken.push(subject);
        return Promise.resolve([]);
      }
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DeliveryError('aborted', false)));
      });
    },
    { bound: 3 },
  );
  box.send(mail('black hole'));
  box.send(mail('second'));
  box.send(mail('third'));
  box.send(mail('too many'));
  await until('the others are taken', () => taken.length === 2);
  assert.deepEqual(
    events.map(({ subject }) => subject),
    ['too many'],
  );
  await box.close(20);
  assert.deepEqual(events.at(-1)?.subject, 'black hole');
});
