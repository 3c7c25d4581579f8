/** From standings to what ExaBGP is told, with the time of the test's. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSettings } from '../../../src/config/settings/settings.js';
import { Announcing, type AnnouncingOptions } from '../../../src/directors/announce/announcing.js';
import { ExabgpAnnouncer } from '../../../src/directors/announce/by-exabgp.js';
import { announcementFile } from '../../../src/directors/announce/kept.js';
import type { Event } from '../../../src/events.js';
import type { Config } from '../../../src/model/config.js';
import { configOf } from '../../helpers/configuration.js';
import { until } from '../../helpers/deadline.js';
import { standingsOf } from '../../helpers/standings.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { PipeReader } from './pipe-reader.js';

const web = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 masq\n');

interface World {
  readonly folder: string;
  readonly pipe: string;
  readonly reader: PipeReader;
}

async function world(t: TestContext): Promise<World> {
  const folder = await temporaryDirectory(t);
  const pipe = join(folder, 'exabgp.in');
  execFileSync('mkfifo', [pipe]);
  const reader = PipeReader.open(pipe);
  t.after(() => reader.close());
  return { folder, pipe, reader };
}

class Run {
  readonly events: Event[] = [];
  readonly announcing: Announcing;
  now = 1_000_000;
  stands = true;
  isActive = true;

  constructor({ folder }: World, options: Partial<AnnouncingOptions> = {}) {
    this.announcing = new Announcing({
      publish: (event) => void this.events.push(event),
      open: (by, onChange) => {
        assert.ok(by.how === 'exabgp');
        return new ExabgpAnnouncer(by.pipe, { onChange, lookDelay: 10 });
      },
      stands: () => this.stands,
      isActiveFor: () => this.isActive,
      isDownEverywhere: () => false,
      file: announcementFile(join(folder, 'kept'), async () => 'boot'),
      now: () => this.now,
      ...options,
    });
  }

  /** `u` up, `d` down, `?` not checked yet, of each server. */
  say(letters: string, config: Config = web): void {
    const reals = config.virtuals.flatMap(({ realServers }) => realServers);
    const letterOf = (real: (typeof reals)[number]) => letters[reals.indexOf(real)] ?? '?';
    const isUp = (real: (typeof reals)[number]) => letterOf(real) === 'u';
    this.announcing.decided(standingsOf(config, { isUp, isDecided: (real) => letterOf(real) !== '?' }));
  }

  get told(): string[] {
    return this.events.splice(0).map((event) => {
      if (event.type === 'vip-announced') return `${event.address} ${event.how}`;
      return event.type === 'vip-withdrawn' ? `${event.address} withdrawn` : event.type;
    });
  }
}

function settings(pipe: string, more = ''): Parameters<Announcing['configure']>[0] {
  const { settings: read, diagnostics } = readSettings(`[announce *]\nby = exabgp ${pipe}\nhold = 10\n${more}`);
  assert.deepEqual(diagnostics, []);
  return read.announce;
}

test('from checks to routes: hold, down, a role, a handover and its end', async (t) => {
  const scene = await world(t);
  const { reader, pipe } = scene;
  const run = new Run(scene);
  t.after(() => run.announcing.leave());
  await run.announcing.resume();
  run.announcing.configure(settings(pipe));
  run.say('u?');
  assert.deepEqual(run.told, []);
  assert.equal(run.announcing.statusOf('192.0.2.1')?.nextChange, 1_010_000);
  run.now += 10_000;
  run.announcing.look();
  assert.deepEqual(run.told, ['192.0.2.1 well']);
  await until('it is announced', () => reader.routes['192.0.2.1'] === 'med 100');
  run.say('dd');
  assert.deepEqual(run.told, ['192.0.2.1 withdrawn']);
  await until('it is withdrawn', () => reader.routes['192.0.2.1'] === undefined);
  run.say('uu');
  run.now += 10_000;
  run.announcing.look();
  assert.deepEqual(run.told, ['192.0.2.1 well', '192.0.2.2 well']);
  run.isActive = false;
  run.announcing.look();
  assert.deepEqual(run.told, ['192.0.2.1 withdrawn', '192.0.2.2 withdrawn']);
  run.isActive = true;
  run.announcing.look();
  assert.deepEqual(run.told, ['192.0.2.1 well', '192.0.2.2 well']);
  await run.announcing.handOver({ who: 'alice', since: 1, why: null });
  assert.deepEqual(run.told, ['192.0.2.1 leaving', '192.0.2.2 leaving']);
  await until('it leaves', () => reader.routes['192.0.2.2'] === 'med 500 community [65535:0]');
  await run.announcing.handOver(null);
  assert.deepEqual(run.told, ['192.0.2.1 well', '192.0.2.2 well']);
});

test('the next run goes on where the one before was killed, and a stop withdraws', async (t) => {
  const scene = await world(t);
  const { reader, pipe } = scene;
  const first = new Run(scene);
  await first.announcing.resume();
  first.announcing.configure(settings(pipe));
  first.say('uu');
  first.now += 10_000;
  first.announcing.look();
  await first.announcing.handOver({ who: 'alice', since: 1, why: 'a disk' });
  // Killed: it lets go of nothing. Another one begins, and knows nothing of its servers yet.
  const second = new Run(scene);
  await second.announcing.resume();
  second.now = first.now + 1_000;
  assert.deepEqual(second.announcing.handover, { who: 'alice', since: 1, why: 'a disk' });
  second.announcing.configure(settings(pipe));
  second.say('??');
  assert.deepEqual(second.told, ['192.0.2.1 leaving', '192.0.2.2 leaving']);
  await second.announcing.handOver(null);
  second.say('?d');
  assert.deepEqual(second.told, ['192.0.2.1 well', '192.0.2.2 well', '192.0.2.2 withdrawn']);
  await first.announcing.leave();
  await second.announcing.close();
  assert.deepEqual(second.told, ['192.0.2.1 withdrawn']);
  assert.deepEqual(reader.routes, {});
  const third = new Run(scene);
  t.after(() => third.announcing.leave());
  await third.announcing.resume();
  third.announcing.configure(settings(pipe));
  third.say('??');
  assert.deepEqual(third.told, [], 'what was stopped is not announced before it is known to be healthy');
});

test('at a stop what stays in the table stays announced', async (t) => {
  const scene = await world(t);
  const config = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\tcleanstop=no\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 masq\n',
  );
  const run = new Run(scene);
  await run.announcing.resume();
  run.announcing.configure(settings(scene.pipe, '').map((section) => ({ ...section, hold: 0 })));
  run.say('uu', config);
  await run.announcing.close();
  assert.deepEqual(scene.reader.routes, { '192.0.2.1': 'med 100' });
});

test('clients are not drawn before their service stands, and a table that is changed draws none away', async (t) => {
  const scene = await world(t);
  const run = new Run(scene);
  t.after(() => run.announcing.leave());
  await run.announcing.resume();
  run.announcing.configure(settings(scene.pipe).map((section) => ({ ...section, hold: 0 })));
  run.stands = false;
  run.say('uu');
  assert.deepEqual(run.told, []);
  assert.match(run.announcing.statusOf('192.0.2.1')?.why ?? '', /not in the table/);
  run.stands = true;
  run.announcing.noteTable();
  assert.deepEqual(run.told, ['192.0.2.1 well', '192.0.2.2 well']);
  run.stands = false;
  run.say('uu');
  assert.deepEqual(run.told, []);
});

test('a reload: another pipe takes over, a second service of an address withdraws nothing, and what is gone goes', async (t) => {
  const [before, after] = [await world(t), await world(t)];
  const run = new Run(before);
  t.after(() => run.announcing.leave());
  await run.announcing.resume();
  const quick = (pipe: string) => settings(pipe).map((section) => ({ ...section, hold: 0 }));
  run.announcing.configure(quick(before.pipe));
  run.say('uu');
  await until('it is announced', () => Object.keys(before.reader.routes).length === 2);
  assert.equal(run.told.length, 2);
  const more = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\nvirtual=192.0.2.1:443\n\treal=10.0.0.2:443 masq\n',
  );
  run.announcing.configure(quick(after.pipe));
  run.say('u?', more);
  assert.deepEqual(run.told, ['192.0.2.2 withdrawn']);
  await until(
    'it has moved',
    () => before.reader.lines.at(-1)?.startsWith('withdraw') === true && Object.keys(before.reader.routes).length === 0,
  );
  await until('it is announced there', () => Object.keys(after.reader.routes).join() === '192.0.2.1');
  run.say('ud', more);
  assert.deepEqual(run.told, ['192.0.2.1 withdrawn']);
  run.announcing.configure([]);
  run.say('uu', more);
  assert.deepEqual(run.told, []);
  assert.equal(run.announcing.statusOf('192.0.2.1'), null);
});

test('a pipe that nobody reads is told once, and that it is read again', async (t) => {
  const scene = await world(t);
  scene.reader.close();
  const run = new Run(scene);
  t.after(() => run.announcing.leave());
  await run.announcing.resume();
  run.announcing.configure(settings(scene.pipe).map((section) => ({ ...section, hold: 0 })));
  run.say('uu');
  await until('it is told', () => run.events.some(({ type }) => type === 'announcer-failed'));
  assert.match(run.announcing.statusOf('192.0.2.1')?.fault ?? '', /nobody reads it/);
  const reader = PipeReader.open(scene.pipe);
  t.after(() => reader.close());
  await until('it is told', () => run.events.some(({ type }) => type === 'announcer-restored'));
  assert.deepEqual(run.told, ['192.0.2.1 well', '192.0.2.2 well', 'announcer-failed', 'announcer-restored']);
});

test('what cannot be kept is told once, and a handover that cannot be is none', async (t) => {
  const scene = await world(t);
  const file = {
    read: async () => ({ states: new Map(), handover: null, fault: null }),
    write: async () => Promise.reject(new Error('ENOSPC')),
  };
  const run = new Run(scene, { file });
  t.after(() => run.announcing.leave());
  await run.announcing.resume();
  run.announcing.configure(settings(scene.pipe).map((section) => ({ ...section, hold: 0 })));
  run.say('uu');
  await until('it is told', () => run.events.some(({ type }) => type === 'announcements-lost'));
  await assert.rejects(run.announcing.handOver({ who: null, since: null, why: null }), /ENOSPC/);
  assert.equal(run.announcing.handover, null);
});
