import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
  sums: { started: 9, ok: 8, failed: 1, skipped: 0, running: 2, waiting: 0, lateness: times, duration: times },
  spreads: { lateness: spread, duration: spread },
};

function written(colour: boolean, level: LogSettings['level'] = 'info'): string {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const log = streamLog(stream, { colour, level: () => level });
  log(summed);
  log(ended);
  log(refused);
  return text;
}

async function log(t: TestContext, settings: Partial<LogSettings> = {}, options: Partial<LogOptions> = {}) {
  const file = join(await temporaryDirectory(t), 'log');
  const all: LogSettings = { logfile: file, format: 'text', level: 'info', ...settings };
  const opened = new Log({ name: 'web.cf', pid: 47, send: () => null, journal: null, ...options }, all);
  t.after(() => opened.close());
  const lines = async (): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return { file, log: opened, all, lines };
}

test('plain lines with a date in a pipe', () => {
  const lines = written(false).split('\n');
  assert.match(lines[0] ?? '', /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] Linux Director Daemon terminated/);
  assert.equal(lines[1]?.replace(/^\[.*?\] /, ''), '192.0.2.1:80: no right to listen (EACCES)');
});

test('as much as the level says', () => {
  assert.match(written(false, 'debug'), /Checks: 9 begun, 1 failed, .* late 0\.5\/2\/3 ms/);
  assert.doesNotMatch(written(false), /Checks:/);
  assert.doesNotMatch(written(false, 'error'), /terminated/);
  assert.match(written(false, 'error'), /no right to listen/);
});

test('colours on a terminal, around the same text', () => {
  const coloured = written(true);
  assert.ok(coloured.includes('\u001b[31m192.0.2.1'));
  const withoutDates = (text: string) => text.replaceAll(/\[.*?\]/g, '');
  assert.equal(withoutDates(stripVTControlCharacters(coloured)), withoutDates(written(false)));
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

const service = { virtual: '192.0.2.1:80', protocol: 'tcp' } as const;

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
  await until('both arrived', () => taken.length === 2);
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

test('a reader that never reads costs a bounded amount of memory', () => {
  const stream = new Writable({ write() {} });
  const listener = streamLog(stream, { colour: false, level: () => 'info' });
  for (let n = 0; n < 100_000; n += 1) listener(refused);
  assert.ok(stream.writableLength < 5 * 1024 * 1024);
});
