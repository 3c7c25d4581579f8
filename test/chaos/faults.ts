/** What is broken, one after another. Each is over, and everything restored, when its function settles. */

import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../helpers/deadline.js';
import type { World } from './world.js';

export interface Fault {
  readonly name: string;
  readonly strike: (world: World) => Promise<void>;
}

/** Milliseconds for which a fault lasts: a few checks of every server. */
const lasting = 1_500;

async function ordered(world: World, kind: string): Promise<void> {
  await world.order(kind);
  await sleep(lasting);
}

/** Moves what is there out of the way, puts something else in its place for a while, and moves it back. */
async function replaced(path: string, put: () => Promise<unknown>): Promise<void> {
  for (;;) {
    await rename(path, `${path}.away`).catch(() => {});
    try {
      await put();
      break;
    } catch (error) {
      // The program has written it anew in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  await sleep(lasting);
  await rm(path, { recursive: true, force: true });
  await rename(`${path}.away`, path).catch(() => {});
}

async function limited(world: World, limit: number): Promise<void> {
  const prlimit = (...words: string[]): string =>
    execFileSync('prlimit', ['--pid', String(world.pid), ...words], { encoding: 'utf8' });
  const before = prlimit('--nofile', '--noheadings', '--raw', '--output', 'SOFT').trim();
  prlimit(`--nofile=${limit}:`);
  await sleep(lasting);
  prlimit(`--nofile=${before}:`);
}

async function descriptors(world: World): Promise<number> {
  return (await readdir(`/proc/${world.pid}/fd`)).length;
}

export const faults: readonly Fault[] = [
  { name: 'every socket, child, stream and thread reports an error', strike: (world) => ordered(world, 'break') },
  { name: 'a worker hangs', strike: (world) => ordered(world, 'hang') },
  { name: 'a worker throws', strike: (world) => ordered(world, 'throw') },
  { name: 'a worker leaves a rejection to nobody', strike: (world) => ordered(world, 'reject') },
  { name: 'a worker ends', strike: (world) => ordered(world, 'exit') },
  { name: 'the main thread stands still', strike: (world) => ordered(world, 'stand') },
  {
    name: 'the whole process stands still for longer than its deadlines',
    strike: async (world) => {
      world.signal('SIGSTOP');
      await sleep(9_000);
      world.signal('SIGCONT');
    },
  },
  {
    name: 'no descriptor is left',
    strike: async (world) => limited(world, await descriptors(world)),
  },
  {
    name: 'three descriptors are left',
    strike: async (world) => limited(world, (await descriptors(world)) + 3),
  },
  ...(['reset', 'reset-soon', 'silent', 'close', 'greylist', 'garbage'] as const).map((mood) => ({
    name: `the mail relay: ${mood}`,
    strike: async (world: World) => {
      const { met } = world.relay;
      world.relay.mood = mood;
      // A death and a return are mailed.
      await world.settled();
      // Those that a silent relay still holds go first.
      await until('a mail is tried', () => world.relay.met > met, 120_000);
      world.relay.mood = 'well';
    },
  })),
  ...(['silent', 'failing', 'slow'] as const).map((mood) => ({
    name: `the name server: ${mood}, and a reload`,
    strike: async (world: World) => {
      world.names.mood = mood;
      await world.run('reload');
      await sleep(lasting);
      world.names.mood = 'well';
    },
  })),
  {
    name: 'a restart while the name server is silent',
    strike: async (world) => {
      world.names.mood = 'silent';
      await world.run('restart');
      await world.adopt();
      await sleep(lasting);
      world.names.mood = 'well';
    },
  },
  {
    name: 'half of the file, then the rest',
    strike: async (world) => {
      await writeFile(world.file, world.text.slice(0, world.text.indexOf('virtual', world.text.length / 2)));
      await sleep(300);
      await world.restoreFiles();
    },
  },
  {
    name: 'the file is absent, empty, a folder, garbage',
    strike: async (world) => {
      await rm(world.file);
      await sleep(500);
      await writeFile(world.file, '');
      await sleep(500);
      await rm(world.file);
      await mkdir(world.file);
      await sleep(500);
      await rm(world.file, { recursive: true });
      await writeFile(world.file, Buffer.alloc(100_000, 0x80));
      await sleep(lasting);
      await world.restoreFiles();
    },
  },
  {
    name: 'the settings file is absent, half, a folder',
    strike: async (world) => {
      await rm(world.settings);
      await sleep(400);
      await writeFile(world.settings, world.settingsText.slice(0, 9));
      await sleep(400);
      await rm(world.settings);
      await mkdir(world.settings);
      await sleep(lasting);
      await world.restoreFiles();
    },
  },
  {
    name: 'the maintenance folder is a file',
    strike: (world) => replaced(world.maintenance, () => writeFile(world.maintenance, 'x')),
  },
  {
    name: 'log and monitor file are folders',
    strike: async (world) => {
      await Promise.all([
        replaced(world.log, () => mkdir(world.log)),
        replaced(world.monitor, () => mkdir(world.monitor)),
      ]);
    },
  },
  {
    name: 'what is kept of orders is garbage, and the control socket gone',
    strike: async (world) => {
      await writeFile(world.orders, '{"half":');
      await world.run('drain', '127.0.0.9');
      await unlink(join(world.folder, 'run', 'ldirectord.chaos.cf.sock')).catch(() => {});
      await world.run('list');
      // A restart opens it again.
      await world.run('restart');
      await world.adopt();
    },
  },
  {
    name: 'commands that hang, die and do not exist',
    strike: async (world) => {
      await writeFile(world.program, '#!/bin/sh\nkill -9 $$\n');
      await world.touch();
      await writeFile(world.program, '#!/bin/sh\nexit 0\n');
    },
  },
  {
    name: 'signals that mean nothing, and many that mean a reload',
    strike: async (world) => {
      for (const name of ['SIGUSR1', 'SIGPIPE', 'SIGWINCH', 'SIGCHLD', 'SIGURG'] as const) world.signal(name);
      for (let count = 0; count < 20; count++) world.signal('SIGHUP');
      await sleep(lasting);
    },
  },
  {
    name: 'clients of the page that ask, and never read',
    strike: async (world) => {
      const request = 'GET /api/v1/events?limit=800 HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const clients = Array.from({ length: 20 }, () => world.visitor());
      for (const client of clients) {
        client.pause();
        client.write(request.repeat(400));
      }
      await sleep(lasting);
      for (const client of clients) client.resetAndDestroy();
    },
  },
  {
    name: 'clients of the control socket that say half, and nonsense',
    strike: async (world) => {
      const path = join(world.folder, 'run', 'ldirectord.chaos.cf.sock');
      const clients = Array.from({ length: 150 }, () => connect(path).on('error', () => {}));
      for (const [index, client] of clients.entries()) {
        client.write(index % 2 === 0 ? '{"v":1,"id":' : `${'\u0000'.repeat(70_000)}\n`);
      }
      await sleep(lasting);
      for (const client of clients) client.destroy();
    },
  },
];
