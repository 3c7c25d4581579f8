import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Counters } from '../../../src/observe/metrics/counters.js';
import { Exposition } from '../../../src/observe/metrics/exposition.js';
import { ProcessMeter } from '../../../src/observe/metrics/process-sample.js';
import { type MeasuredServers, Samples } from '../../../src/observe/metrics/samples.js';
import { metricRows, writeScrape } from '../../../src/observe/metrics/scrape.js';
import { atOnce } from '../../../src/slices.js';
import type { Status } from '../../../src/status/model.js';
import { lacks } from '../../helpers/programs.js';
import { fallbackStatus, serverStatus, statusOf, usualStatus, virtualStatus } from '../../helpers/status.js';

const percentiles = { p50: 1, p99: 2, max: 3 };
const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;

function busyCounters(): Counters {
  const counters = new Counters();
  counters.listener({
    type: 'checks-summed',
    sums: {
      started: 3,
      ok: 2,
      failed: 1,
      withoutVerdict: 3,
      skipped: 4,
      running: 5,
      waiting: 6,
      lateness: percentiles,
      duration: percentiles,
    },
    spreads: {
      lateness: { buckets: [[0.0625, 3]], total: 0.1 },
      duration: {
        buckets: [
          [0.9, 1],
          [8, 1],
          [60_000, 1],
        ],
        total: 50_007.5,
      },
    },
  });
  counters.listener({ type: 'log-failed', place: '/var/log/x', reason: 'ENOSPC', lost: 3 });
  counters.listener({ type: 'table-kept', read: 1, plan: 2, apply: 3, operations: 4, ok: true });
  counters.listener({ type: 'server-down', ...subject, reason: '', duration: 1, failures: 1, failurecount: 1 });
  counters.listener({ type: 'server-up', ...subject, reason: '' });
  counters.listener({ type: 'server-down', ...subject, reason: '', duration: 1, failures: 1, failurecount: 1 });
  counters.listener({
    type: 'table-changed',
    change: { object: 'real', action: 'added', ...subject, name: subject.server, weight: 1, phase: 'start' },
    status: 'running',
  });
  return counters;
}

function samplesFrom(status: Status | null, counters: Counters, measured: MeasuredServers = 'servers'): Samples {
  const samples = new Samples();
  for (const virtual of status?.virtuals ?? []) atOnce(samples.take(virtual, counters, measured));
  return samples;
}

function scrape(status: Status | null, counters = busyCounters()): string {
  const meter = new ProcessMeter();
  const chronicle = {
    loaded: 1_795_000_000_000,
    rejected: 'one error',
    unwritten: [{ place: '/var/log/x', reason: 'ENOSPC' }],
  };
  const samples = samplesFrom(status, counters);
  const sources = { status, samples, counters, chronicle, process: meter.take(), version: '1.2.3', backend: 'memory' };
  const to = new Exposition();
  atOnce(writeScrape(to, sources));
  const text = Buffer.concat(to.end()).toString();
  meter.close();
  return text;
}

/** Samples by name and labels. Fails where one comes twice. */
function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    assert.ok(!samples.has(line.slice(0, at)), line);
    samples.set(line.slice(0, at), Number(line.slice(at + 1).replace('Inf', 'Infinity')));
  }
  return samples;
}

const promtool = lacks('promtool');

test('promtool accepts all of it', { skip: promtool }, () => {
  const awkward = virtualStatus({ name: '192.0.2.9:80', title: 'a "quoted" \\ name\nin two lines' });
  for (const status of [usualStatus, null, statusOf([awkward]), statusOf([])]) {
    const {
      status: code,
      stdout,
      stderr,
    } = spawnSync('promtool', ['check', 'metrics'], {
      input: scrape(status),
      encoding: 'utf8',
      timeout: 30_000,
    });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stdout + stderr, '');
  }
});

test('every metric is told once, with its help and type before its samples', () => {
  const text = scrape(usualStatus);
  for (const { name, type, help } of metricRows) {
    assert.equal(text.split(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`).length, 2, name);
  }
  const known = new Set(metricRows.map(({ name }) => name));
  for (const sample of samplesOf(text).keys()) {
    const name = sample.replace(/\{.*/, '');
    assert.ok(known.has(name) || known.has(name.replace(/_(?:bucket|sum|count)$/, '')), sample);
  }
});

test('labels are those of the table of metrics', () => {
  for (const sample of samplesOf(scrape(usualStatus)).keys()) {
    const name = sample.replace(/\{.*/, '').replace(/_(?:bucket|sum|count)$/, '');
    const row = metricRows.find((candidate) => candidate.name === name || sample.startsWith(`${candidate.name}{`));
    const labels = [...sample.matchAll(/[{,](\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le');
    assert.deepEqual(labels, row?.labels, sample);
  }
});

test('what is known of servers and services is told', () => {
  const samples = samplesOf(scrape(usualStatus));
  const server = (at: number) => `{protocol="tcp",virtual="192.0.2.1:80",server="10.0.0.${at}:80"}`;
  const expected: Readonly<Record<string, number | undefined>> = {
    [`ldirectord_server_up${server(1)}`]: 1,
    [`ldirectord_server_up${server(2)}`]: 0,
    [`ldirectord_server_held${server(3)}`]: 1,
    [`ldirectord_server_weight${server(1)}`]: 2,
    [`ldirectord_server_weight${server(2)}`]: undefined,
    [`ldirectord_server_weight_configured${server(2)}`]: 2,
    [`ldirectord_server_active_connections${server(1)}`]: 4,
    [`ldirectord_server_incoming_bytes_total${server(1)}`]: 4_000_000,
    [`ldirectord_server_failures${server(2)}`]: 3,
    'ldirectord_server_transitions_total{protocol="tcp",virtual="192.0.2.1:80",server="10.0.0.1:80",to="down"}': 2,
    'ldirectord_server_transitions_total{protocol="tcp",virtual="192.0.2.1:80",server="10.0.0.2:80",to="up"}': 0,
    'ldirectord_virtual_servers_up{protocol="tcp",virtual="192.0.2.1:80"}': 1,
    'ldirectord_virtual_up{protocol="fwm6",virtual="7"}': 1,
    'ldirectord_virtual_fallback_active{protocol="fwm6",virtual="7"}': undefined,
    'ldirectord_checks_total{result="failed"}': 1,
    'ldirectord_checks_total{result="without_verdict"}': 3,
    'ldirectord_table_changes_total{object="real",action="added"}': 1,
    ldirectord_config_last_reload_successful: 0,
    ldirectord_table_in_order: 1,
    ldirectord_logs_unwritten: 1,
    ldirectord_log_lines_lost_total: 3,
  };
  for (const [sample, value] of Object.entries(expected)) assert.equal(samples.get(sample), value, sample);
});

test('a duration is in the first bucket that reaches it, and in all after it', () => {
  const samples = samplesOf(scrape(null));
  const bucket = (le: string) => samples.get(`ldirectord_check_duration_seconds_bucket{le="${le}"}`);
  assert.deepEqual(['0.001', '0.004', '0.008', '32.768', '+Inf'].map(bucket), [1, 1, 2, 2, 3]);
  assert.equal(samples.get('ldirectord_check_duration_seconds_count'), 3);
  assert.equal(samples.get('ldirectord_check_duration_seconds_sum'), 50.0075);
});

test('a server that the file names twice is told once', () => {
  const twice = virtualStatus({ servers: [serverStatus(), serverStatus({ up: false })] });
  const samples = samplesOf(scrape(statusOf([twice, twice])));
  assert.equal(samples.get('ldirectord_server_up{protocol="tcp",virtual="192.0.2.1:80",server="10.0.0.1:80"}'), 1);
});

test('ten thousand servers are written in many small steps', () => {
  const servers = Array.from({ length: 10_000 }, (_, at) => serverStatus({ name: `10.0.${at >> 8}.${at & 255}:80` }));
  const services = Array.from({ length: 100 }, (_, at) =>
    virtualStatus({ name: `192.0.2.${at}:80`, servers: servers.slice(at * 100, at * 100 + 100) }),
  );
  const meter = new ProcessMeter();
  const sources = {
    status: statusOf(services),
    samples: samplesFrom(statusOf(services), new Counters()),
    counters: new Counters(),
    chronicle: { loaded: 0, rejected: null, unwritten: [] },
    process: meter.take(),
    version: '1',
    backend: 'memory',
  };
  meter.close();
  const work = writeScrape(new Exposition(), sources);
  let steps = 0;
  while (!work.next().done) steps += 1;
  assert.ok(steps > 1_000, `${steps} steps for 180,000 samples`);
});

test('the settings say of which servers there are series, and services have theirs in any case', () => {
  const servers = [
    serverStatus(),
    serverStatus({ name: '10.0.0.2:80', up: false, wanted: null, weight: null }),
    serverStatus({ name: '10.0.0.3:80', weight: 1 }),
  ];
  const told = (measured: MeasuredServers): string[] => {
    const samples = samplesFrom(statusOf([virtualStatus({ servers })]), new Counters(), measured);
    assert.equal(samples.virtuals.labels.size, 1);
    return [...samples.servers.labels].map((labels) => /server="10\.0\.0\.(\d)/.exec(labels)?.[1] ?? labels);
  };
  assert.deepEqual(told('servers'), ['1', '2', '3']);
  assert.deepEqual(told('problems'), ['2', '3'], 'one is down, and one has another weight than is wanted');
  assert.deepEqual(told('virtuals'), []);
});

test('of fallbacks those are told that are checked', () => {
  const fallbacks = [
    fallbackStatus({ asked: true, up: false }),
    fallbackStatus({ name: '127.0.0.2:80', asked: true, inUse: true }),
  ];
  const counters = busyCounters();
  const event = { ...subject, server: '127.0.0.1:80', role: 'fallback', reason: '' } as const;
  counters.listener({ type: 'fallback-down', ...event, duration: 1, failures: 1, failurecount: 1 });
  const unchecked = virtualStatus({ name: '192.0.2.2:80', fallback: fallbackStatus() });
  const samples = samplesOf(scrape(statusOf([virtualStatus({ fallbacks }), unchecked]), counters));
  const found = [...samples].filter(([name]) => name.startsWith('ldirectord_fallback_'));
  const labels = (at: number) => `protocol="tcp",virtual="192.0.2.1:80",server="127.0.0.${at}:80"`;
  assert.deepEqual(Object.fromEntries(found), {
    [`ldirectord_fallback_up{${labels(1)}}`]: 0,
    [`ldirectord_fallback_up{${labels(2)}}`]: 1,
    [`ldirectord_fallback_in_use{${labels(1)}}`]: 0,
    [`ldirectord_fallback_in_use{${labels(2)}}`]: 1,
    [`ldirectord_fallback_transitions_total{${labels(1)},to="up"}`]: 0,
    [`ldirectord_fallback_transitions_total{${labels(1)},to="down"}`]: 1,
    [`ldirectord_fallback_transitions_total{${labels(2)},to="up"}`]: 0,
    [`ldirectord_fallback_transitions_total{${labels(2)},to="down"}`]: 0,
  });
  assert.equal(samples.get('ldirectord_virtual_fallback_active{protocol="tcp",virtual="192.0.2.1:80"}'), 1);
  assert.equal(samples.get('ldirectord_virtual_fallback_active{protocol="tcp",virtual="192.0.2.2:80"}'), 0);
});

test('a server that the file has by a name tells it in a metric of its own, and the labels stay', () => {
  const servers = [serverStatus({ called: 'web1:80' }), serverStatus({ name: '10.0.0.2:80' })];
  const text = scrape(statusOf([virtualStatus({ servers })]));
  assert.deepEqual(text.match(/^ldirectord_server_info\{.*$/gm), [
    'ldirectord_server_info{protocol="tcp",virtual="192.0.2.1:80",server="10.0.0.1:80",called="web1:80"} 1',
  ]);
});

test('the store is there where directors share one', () => {
  const state = { endpoint: 'http://a:2379', since: 0, revision: 12, entries: 3, reconnects: 2 } as const;
  const answers = { lastAnswer: 1_795_000_000_500, latency: 2.5, fault: null } as const;
  const store = { ...state, ...answers, isUp: true, writeFault: 'full (no-space)' };
  const lines = (text: string) => text.split('\n').filter((line) => /^ldirectord_store_/.test(line));
  assert.deepEqual(lines(scrape(statusOf([], { store }))), [
    'ldirectord_store_up 1',
    'ldirectord_store_writable 0',
    'ldirectord_store_last_answer_timestamp_seconds 1795000000.5',
    'ldirectord_store_latency_seconds 0.0025',
    'ldirectord_store_revision 12',
    'ldirectord_store_entries 3',
    'ldirectord_store_reconnects_total 2',
  ]);
  const untried = { ...store, isUp: false, lastAnswer: null, latency: null };
  assert.equal(lines(scrape(statusOf([], { store: untried }))).length, 5);
  assert.deepEqual(lines(scrape(usualStatus)), []);
});
