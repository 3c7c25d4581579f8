/**
 * By hand: many directors at one etcd, each with what it sees of its servers; a rack of them dies at once. Prints what that
 * costs, and how long it takes until all know what all see.
 *
 *     node build/test/directors/store/growth.js [list|key] [DIRECTORS] [PROCESSES] [DEAD SERVERS] [PACE in ms]
 *
 * `list`: one key a director, with the names of all servers that it sees down. `key`: one key for each of them.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFile, stat as statOf } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openEtcd } from '../../../src/directors/store/etcd/etcd-store.js';
import { Mirror, usualPace } from '../../../src/directors/store/mirror.js';
import { mostOperations, type Operation } from '../../../src/directors/store/store.js';
import { type Etcd, startEtcd } from '../../helpers/servers/etcd.js';

interface Task {
  readonly endpoint: string;
  readonly model: string;
  readonly first: number;
  readonly directors: number;
  readonly all: number;
  readonly dead: number;
  readonly pace: number;
}

interface Report {
  readonly written: number;
  readonly writeFailures: number;
  readonly received: number;
  readonly sent: number;
  readonly reconnects: number;
  readonly aways: number;
  readonly latency: number;
  /** Milliseconds since the rack has died, of the last who knew. */
  readonly agreed: number | null;
  readonly cpu: number;
  readonly rss: number;
}

const self = fileURLToPath(import.meta.url);
const prefix = '/ldirectord/growth';
const files = { user: null, passwordFile: null, caFile: null, certFile: null, keyFile: null } as const;
/** Milliseconds within which the checks of a director notice that a server is dead. */
const noticedWithin = 3_000;

const [model = 'list', directors = '100', processes = '4', dead = '1000', pace = '1000'] = process.argv.slice(2);
if (model === 'directors') process.once('message', (task: Task) => void beDirectors(task));
else await main();

async function beDirectors({ endpoint, model, first, directors, all, dead, pace }: Task): Promise<void> {
  const sockets: Socket[] = [];
  channel('undici:client:connected').subscribe((message) => sockets.push((message as { socket: Socket }).socket));
  let [written, writeFailures, aways] = [0, 0, 0];
  let agreed: number | null = null;
  let diedAt = 0;
  const names = Array.from({ length: dead }, (_, index) => `10.${(index >> 8) + 1}.${index & 255}.1:80`);
  const one = (index: number) => {
    const name = `lb${String(first + index).padStart(3, '0')}`;
    const own = `observations/${name}`;
    const seen = new Set<string>();
    let isDirty = false;
    /** How many each of all sees down, as this one has heard. */
    const heard = new Map<string, number>();
    let complete = 0;
    const note = (who: string, count: number): void => {
      const before = heard.get(who) ?? 0;
      heard.set(who, count);
      complete += Number(count === dead) - Number(before === dead);
      if (complete === all) agreed = Math.max(agreed ?? 0, performance.now() - diedAt);
    };
    const mirror = new Mirror({
      endpoints: [endpoint],
      open: (at, signal) => openEtcd(at, { prefix, files }, signal),
      onNews(news) {
        if (news.type === 'away') aways += 1;
        if (news.type !== 'changes') return;
        for (const change of news.changes) {
          const [, who = '', what] = change.key.split('/');
          if (change.type !== 'put' || !change.key.startsWith('observations/')) continue;
          if (what !== undefined) note(who, (heard.get(who) ?? 0) + 1);
          else
            note(
              who,
              (JSON.parse(change.value) as { down: Record<string, string[]> }).down['tcp 192.0.2.1:80']?.length ?? 0,
            );
        }
      },
      name,
      pace: usualPace,
    });
    mirror.begin();
    const writing = { left: [] as string[] };
    const write = async (): Promise<void> => {
      if (!isDirty) return;
      isDirty = false;
      const put = (key: string, value: string): Operation => ({ type: 'put', key, value });
      const sets: Operation[][] = [];
      if (model === 'list') sets.push([put(own, JSON.stringify({ down: { 'tcp 192.0.2.1:80': [...seen] } }))]);
      else {
        const keys = writing.left.splice(0).map((server) => put(`${own}/${server}`, '1'));
        for (let at = 0; at < keys.length; at += mostOperations) sets.push(keys.slice(at, at + mostOperations));
      }
      for (const operations of sets) {
        const outcome = await mirror.write({ operations });
        if (outcome.ok) written += 1;
        else {
          writeFailures += 1;
          isDirty = true;
          if (model !== 'list') for (const { key } of operations) writing.left.push(key.slice(own.length + 1));
        }
      }
    };
    let turn = Promise.resolve();
    setInterval(() => {
      turn = turn.then(write);
    }, pace).unref();
    return {
      mirror,
      die() {
        for (const server of names) {
          setTimeout(() => {
            seen.add(server);
            writing.left.push(server);
            isDirty = true;
          }, Math.random() * noticedWithin);
        }
      },
      get reconnects() {
        return mirror.state.reconnects;
      },
    };
  };
  const own = Array.from({ length: directors }, (_, index) => one(index));
  await Promise.all(own.map(({ mirror }) => mirror.whenTried(60_000)));
  const bytes = (what: 'bytesRead' | 'bytesWritten') => sockets.reduce((sum, socket) => sum + socket[what], 0);
  process.on('message', (word) => {
    if (word === 'die') {
      diedAt = performance.now();
      for (const director of own) director.die();
    }
    if (word === 'report') {
      const { user, system } = process.cpuUsage();
      const report: Report = {
        written,
        writeFailures,
        received: bytes('bytesRead'),
        sent: bytes('bytesWritten'),
        reconnects: own.reduce((sum, { reconnects }) => sum + reconnects, 0),
        aways,
        latency: Math.max(...own.map(({ mirror }) => mirror.state.latency ?? 0)),
        agreed,
        cpu: (user + system) / 1e6,
        rss: process.memoryUsage().rss,
      };
      process.send?.(report);
    }
    if (word === 'stop') void Promise.all(own.map(({ mirror }) => mirror.close())).then(() => process.exit(0));
  });
  process.send?.('ready');
}

async function main(): Promise<void> {
  const etcd = await startEtcd({ args: ['--quota-backend-bytes', String(4 * 1024 ** 3)] });
  const [all, parts] = [Number(directors), Number(processes)];
  const children: ChildProcess[] = [];
  const begun = performance.now();
  for (let part = 0; part < parts; part += 1) {
    const child = fork(self, ['directors']);
    const [from, to] = [Math.floor((all * part) / parts), Math.floor((all * (part + 1)) / parts)];
    const task: Task = {
      endpoint: etcd.endpoint,
      model,
      first: from,
      directors: to - from,
      all,
      dead: Number(dead),
      pace: Number(pace),
    };
    child.send(task);
    children.push(child);
  }
  await Promise.all(children.map((child) => once(child, 'message')));
  say(
    `${all} directors in ${parts} processes are there after ${seconds(performance.now() - begun)}; etcd: ${await costOf(etcd)}`,
  );
  const idle = await reports(children);
  await sleep(20_000);
  const still = await reports(children);
  say(
    `at rest: ${rate(sum(still, 'received') - sum(idle, 'received'), 20)} received, ${rate(sum(still, 'sent') - sum(idle, 'sent'), 20)} sent; etcd: ${await costOf(etcd)}`,
  );
  const dying = performance.now();
  for (const child of children) child.send('die');
  let last = still;
  for (;;) {
    await sleep(1_000);
    const now = await reports(children);
    const after = seconds(performance.now() - dying);
    say(
      `${after}: ${sum(now, 'written') - sum(last, 'written')} writes, ${rate(sum(now, 'received') - sum(last, 'received'), 1)} received, latency up to ${Math.max(...now.map(({ latency }) => latency)).toFixed(0)} ms; etcd: ${await costOf(etcd)}`,
    );
    last = now;
    if (now.every(({ agreed }) => agreed !== null) || performance.now() - dying > 300_000) break;
  }
  say(`all agree after ${seconds(Math.max(...last.map(({ agreed }) => agreed ?? Number.NaN)))}`);
  say(
    `writes ${sum(last, 'written')}, failed ${sum(last, 'writeFailures')}; received ${megabytes(sum(last, 'received') - sum(still, 'received'))}, sent ${megabytes(sum(last, 'sent') - sum(still, 'sent'))}; reconnects ${sum(last, 'reconnects')}, away ${sum(last, 'aways')}`,
  );
  say(
    `directors: ${sum(last, 'cpu').toFixed(1)} s of processor, ${megabytes(sum(last, 'rss'))} resident; etcd: ${await costOf(etcd)}`,
  );
  for (const child of children) {
    const gone = once(child, 'exit');
    child.send('stop');
    await gone;
  }
  await etcd.close();
}

async function reports(children: readonly ChildProcess[]): Promise<Report[]> {
  return Promise.all(
    children.map(async (child) => {
      child.send('report');
      const [report] = (await once(child, 'message')) as [Report];
      return report;
    }),
  );
}

function sum(reports: readonly Report[], what: Exclude<keyof Report, 'agreed'>): number {
  return reports.reduce((total, report) => total + report[what], 0);
}

async function costOf({ pid, directory }: Etcd): Promise<string> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const [, rss = '0'] = /VmRSS:\s+(\d+)/.exec(status) ?? [];
  const [, peak = '0'] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
  const times = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const { size } = await statOf(`${directory}/data/member/snap/db`);
  return `${megabytes(Number(rss) * 1024)} resident, at most ${megabytes(Number(peak) * 1024)}, ${((Number(times[11]) + Number(times[12])) / 100).toFixed(1)} s of processor, file ${megabytes(size)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function rate(bytes: number, over: number): string {
  return bytes / over < 1e6 ? `${(bytes / over / 1e3).toFixed(0)} kB/s` : `${megabytes(bytes / over)}/s`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
