import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandAnnouncer } from '../../../src/directors/announce/by-command.js';
import type { Event } from '../../../src/events.js';
import { until, within } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

test('a command that fails is run again, and not once what it was to say is over', async (t) => {
  const folder = await temporaryDirectory(t);
  const [program, told, fails] = ['program', 'told', 'fails'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(program, `#!/bin/sh\necho "$@" >> ${told}\ntest ! -e ${fails}\n`, { mode: 0o755 });
  await writeFile(told, '');
  await writeFile(fails, '');
  const events: Event[] = [];
  let changes = 0;
  const onChange = (): void => {
    changes += 1;
  };
  const announcer = new CommandAnnouncer({
    command: `${program} vip`,
    publish: (event) => void events.push(event),
    timeout: () => 30_000,
    onChange,
    retryDelay: 20,
  });
  t.after(() => announcer.leave());
  const lines = () => readFileSync(told, 'utf8').split('\n').slice(0, -1);
  const wanted = (announced: 'well' | null) =>
    new Map([['192.0.2.1', { address: '192.0.2.1', family: 'inet', announced, isLasting: false } as const]]);
  announcer.announce(wanted('well'));
  await until('it has been tried', () => lines().length >= 3);
  assert.match(announcer.statusOf('192.0.2.1').why ?? 'its command failed', /its command failed/);
  announcer.announce(wanted(null));
  await until('it is told of the end', () => lines().at(-1) === 'vip withdraw 192.0.2.1');
  await rm(fails);
  await until('that is done', () => announcer.statusOf('192.0.2.1').isDone);
  const { length } = lines();
  announcer.announce(wanted(null));
  await within('it settles', announcer.whenSettled(20_000));
  assert.equal(lines().length, length);
  assert.ok(changes >= length);
  assert.ok(events.some((event) => event.type === 'command-ended' && !event.ok));
});
