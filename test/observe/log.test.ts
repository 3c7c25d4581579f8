import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Event } from '../../src/events.js';
import { ctime } from '../../src/observe/lines.js';
import { Log, type LogOptions, type LogSettings, streamLog } from '../../src/observe/log.js';
import { until } from '../helpers/deadline.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const ended: Event = { type: 'terminated', cause: 'signal: TERM' };
const refused: Event = {
  type: 'table-failed',
  object: '192.0.2.1:80',
  failure: { code: 'EACCES', message: 'no right to listen' },
};

const times = { p50: 0.5, p99: 2, max: 3 };
const spread = { buckets: [], total: 0 };
const summed: Event = {
  type: 'checks-summed',
  sums: {
    started: 9,
    ok: 8,
    failed: 1,
    withoutVerdict: 0,
    skipped: 0,
    running: 2,
    waiting: 0,
    lateness: times,
    duration: times,
  },
  spreads: { lateness: spread, duration: spread },
};

const writer = { name: 'web.cf', pid: 47 };
const stdout = { ...writer, place: 'standard output' };

async function written(colour: boolean, level: LogSettings['level'] = 'info'): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const settings = () => ({ level, format: 'text' }) as const;
  const log = streamLog(stream, { ...stdout, colour, settings, publish: () => {} });
  for (const event of [summed, ended, refused]) log.listener(event);
  await log.close();
  return text;
}

async function log(t: TestContext, settings: Partial<LogSettings> = {}, options: Partial<LogOptions> = {}) {
  const file = join(await temporaryDirectory(t), 'log');
  const all: LogSettings = { logfile: file, format: 'text', level: 'info', ...settings };
  const opened: Log = new Log(
    { ...writer, send: () => null, journal: null, publish: (event) => opened.listener(event), ...options },
    all,
  );
  t.after(() => opened.close());
  const lines = async (): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return { file, log: opened, all, lines };
}

test('plain lines with a date in a pipe', async () => {
  const lines = (await written(false)).split('\n');
  assert.match(lines[0] ?? '', /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] Linux Director Daemon terminated/);
  assert.equal(lines[1]?.replace(/^\[.*?\] /, ''), '192.0.2.1:80: no right to listen (EACCES)');
});

test('as much as the level says', async () => {
  assert.match(await written(false, 'debug'), /Checks: 9 begun, 1 failed, .* late 0\.5\/2\/3 ms/);
  assert.doesNotMatch(await written(false), /Checks:/);
  assert.doesNotMatch(await written(false, 'error'), /terminated/);
  assert.match(await written(false, 'error'), /no right to listen/);
});

test('colours on a terminal, around the same text', async () => {
  const coloured = await written(true);
  assert.ok(coloured.includes('\u001b[31m192.0.2.1'));
  const withoutDates = (text: string) => text.replaceAll(/\[.*?\]/g, '');
  assert.equal(withoutDates(stripVTControlCharacters(coloured)), withoutDates(await written(false)));
});

test('dates are as ctime(3) writes them', () => {
  assert.equal(ctime(new Date(2026, 10, 1, 8, 4, 9)), 'Sun Nov  1 08:04:09 2026');
});

test('a line in the file names the configuration and the process', async (t) => {
  const { log: opened, lines } = await log(t);
  opened.listener(ended);
  await opened.close();
  const [line = ''] = await lines();
  assert.match(line, /^\[\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\|web\.cf\|47\] Linux Director Daemon terminated on signal/);
});

test('JSON has a line for each event, with its fields', async (t) => {
  const { log: opened, lines } = await log(t, { format: 'json' });
  opened.listener(refused);
  opened.listener({ type: 'config-loaded', differences: ['one', 'two'] });
  await opened.close();
  const [first, second] = (await lines()).map((line) => JSON.parse(line));
  const { level, name, pid, event, object, failure } = first;
  assert.deepEqual([level, name, pid, event, object], ['error', 'web.cf', 47, 'table-failed', '192.0.2.1:80']);
  assert.deepEqual(failure, { code: 'EACCES', message: 'no right to listen' });
  assert.ok(Number.isFinite(Date.parse(first.time)));
  assert.deepEqual([second.level, second.differences], ['info', ['one', 'two']]);
});

test('JSON has each key once, and debug is a level of its own', async (t) => {
  const { log: opened, lines } = await log(t, { format: 'json', level: 'debug' });
  opened.listener({ type: 'log-level-set', level: 'debug', until: null });
  opened.listener(summed);
  await opened.close();
  const [set = '', sums = ''] = await lines();
  assert.equal(set.match(/"level":/g)?.length, 1);
  const { level, event_level } = JSON.parse(set);
  assert.deepEqual([level, event_level, JSON.parse(sums).level], ['info', 'debug', 'debug']);
});

const service = { family: 'inet', virtual: '192.0.2.1:80', protocol: 'tcp' } as const;

test('the last word about a service that flaps is how it is, and its date when it came to be so', async (t) => {
  const { log: opened, lines } = await log(t, { format: 'json' });
  for (let n = 0; n < 9; n += 1) {
    for (const type of ['virtual-down', 'virtual-up'] as const) opened.listener({ type, ...service });
  }
  opened.listener({ type: 'virtual-down', ...service });
  const before = Date.now();
  await until('time passes', () => Date.now() > before);
  await opened.close();
  const last = JSON.parse((await lines()).at(-1) ?? '');
  assert.deepEqual([last.event, last.repeated], ['virtual-down', 5]);
  assert.ok(Date.parse(last.time) <= before);
});

test('the level leaves out what is better', async (t) => {
  const { log: opened, lines } = await log(t, { level: 'error' });
  opened.listener(ended);
  opened.listener(refused);
  await opened.close();
  assert.equal((await lines()).length, 1);
});

test('what repeats is counted', async (t) => {
  const { log: opened, lines } = await log(t);
  for (let n = 0; n < 1000; n += 1) opened.listener(refused);
  await opened.close();
  const all = await lines();
  assert.equal(all.length, 6);
  assert.match(all.at(-1) ?? '', /no right to listen \(EACCES\) \(repeated 995 times\)$/);
});

test('datagrams for a facility wait while nobody takes them', async (t) => {
  const taken: string[] = [];
  let answer: string | null = 'ECONNREFUSED';
  const send = (datagram: string): string | null => {
    if (answer === null) taken.push(datagram);
    return answer;
  };
  const { log: opened } = await log(t, { logfile: 'LOCAL0' }, { send });
  opened.listener(ended);
  opened.listener(refused);
  await new Promise((resolve) => setTimeout(resolve, 20));
  answer = null;
  await until('both arrived', () => taken.length >= 2);
  assert.match(taken[0] ?? '', /^<134>\w{3} [ \d]\d [\d:]{8} ldirectord\[47\]: Linux Director Daemon/);
  assert.match(taken[1] ?? '', /^<131>/);
});

test('the journal gets priorities along with the file', async (t) => {
  const journal = new PassThrough();
  const { log: opened, lines } = await log(t, {}, { journal });
  opened.listener(refused);
  await opened.close();
  assert.equal((await lines()).length, 1);
  assert.equal(String(journal.read()), '<3>192.0.2.1:80: no right to listen (EACCES)\n');
});

test('a new configuration moves the log, and loses no line of the old one', async (t) => {
  const { log: opened, file, all, lines } = await log(t);
  for (let n = 0; n < 5; n += 1) opened.listener({ type: 'names-resolved', differences: [String(n)] });
  opened.configure({ ...all, logfile: `${file}.new` });
  opened.listener(ended);
  await opened.close();
  assert.equal((await lines()).length, 5);
  assert.match(await readFile(`${file}.new`, 'utf8'), /terminated/);
});

test('lines of one turn are written at once, and in their order', async () => {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done();
    },
  });
  const settings = () => ({ level: 'info', format: 'text' }) as const;
  const log = streamLog(stream, { ...stdout, colour: false, settings, publish: () => {} });
  for (let n = 0; n < 10_000; n += 1) log.listener({ type: 'terminated', cause: `${n}` });
  await log.close();
  const lines = written.join('').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => Number(/\d+$/.exec(line)?.[0])),
    Array.from({ length: 10_000 }, (_, n) => n),
  );
  assert.ok(written.length < 30, `${written.length}`);
});

test('a reader that never reads costs a bounded amount of memory', () => {
  const stream = new Writable({ write() {} });
  const events: Event[] = [];
  const { listener } = streamLog(stream, {
    ...stdout,
    colour: false,
    settings: () => ({ level: 'info', format: 'text' }),
    publish: (event) => events.push(event),
  });
  for (let n = 0; n < 100_000; n += 1) listener(refused);
  assert.ok(stream.writableLength < 5 * 1024 * 1024);
  assert.deepEqual(events, [
    { type: 'log-failed', place: 'standard output', reason: 'its reader is too slow', lost: 0 },
  ]);
});

test('a reader that goes away is told once, whatever comes after it', async () => {
  const stream = new Writable({
    autoDestroy: false,
    write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
  });
  const events: Event[] = [];
  const log = streamLog(stream, {
    ...stdout,
    colour: false,
    settings: () => ({ level: 'info', format: 'text' }),
    // As on the daemon's bus: the log hears of its own trouble.
    publish: (event) => {
      events.push(event);
      log.listener(event);
    },
  });
  for (let n = 0; n < 3; n += 1) {
    log.listener(refused);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
  assert.deepEqual(events, [{ type: 'log-failed', place: 'standard output', reason: 'EPIPE', lost: 0 }]);
});

test('a log that cannot be written is told at once, and what it lost is an event like any other', async (t) => {
  const folder = join(await temporaryDirectory(t), 'missing');
  const events: Event[] = [];
  const publish = (event: Event): void => {
    events.push(event);
    opened.listener(event);
  };
  const logfile = join(folder, 'log');
  const { log: opened } = await log(t, { logfile, format: 'json' }, { publish });
  // In JSON a line of these is two mebibytes: seven of them wait.
  for (let n = 0; n < 20; n += 1) opened.listener({ type: 'orders-lost', reason: `${n} ${'x'.repeat(1024 * 1024)}` });
  await until('the failure is told', () => events.length === 1);
  assert.deepEqual(events, [{ type: 'log-failed', place: logfile, reason: 'ENOENT', lost: 13 }]);
  opened.listener({ type: 'orders-lost', reason: `more ${'x'.repeat(1024 * 1024)}` });
  await mkdir(folder);
  await until('it is well again', () => events.length === 2);
  assert.deepEqual(events[1], { type: 'log-restored', place: logfile, reason: 'ENOENT', lost: 1 });
  await opened.close();
  const lines = (await readFile(logfile, 'utf8')).trimEnd().split('\n');
  const told = lines.map((line) => JSON.parse(line)).filter(({ event }) => event.startsWith('log-'));
  assert.deepEqual(
    told.map(({ event, level, msg, lost }) => [event, level, msg, lost]),
    [
      ['log-failed', 'error', `${logfile} cannot be written: ENOENT; 13 lines were lost`, 13],
      ['log-restored', 'warn', `${logfile} could not be written: ENOENT; 1 line was lost`, 1],
    ],
  );
});

test('a log that moves while it cannot be written is no trouble any more, and its lines are lost', async (t) => {
  const { log: opened, all, file, lines } = await log(t, { logfile: '/nowhere/at/all/log' });
  opened.listener(ended);
  opened.configure({ ...all, logfile: file });
  await until('the loss is told', async () => (await lines().catch(() => [])).length > 0);
  assert.match(
    (await lines()).join(),
    /\/nowhere\/at\/all\/log could not be written: ENOENT; [12] lines? (?:was|were) lost$/,
  );
});

test('a stream takes another format over from the settings', async () => {
  const stream = new PassThrough();
  let format: LogSettings['format'] = 'text';
  const settings = () => ({ level: 'info', format }) as const;
  const { listener, close } = streamLog(stream, { ...stdout, colour: false, settings, publish: () => {} });
  listener(ended);
  format = 'json';
  listener(ended);
  await close();
  const [text = '', json = ''] = String(stream.read()).split('\n');
  assert.match(text, /^\[.*\] Linux Director Daemon terminated/);
  assert.equal(JSON.parse(json).event, 'terminated');
});
