/** What is measured of the director itself: one row a metric. */

import type { RoleWord } from '../../model/role.js';
import type { Chronicle } from '../../status/chronicle.js';
import type { AnnouncementStatus, Status, StoreStatus } from '../../status/model.js';
import type { Counters } from './counters.js';
import type { Durations } from './durations.js';
import type { Described } from './exposition.js';
import type { ProcessSample } from './process-sample.js';
import type { Samples } from './samples.js';

/** What everything is read from. */
export interface Sources {
  /** Null where the table cannot be read. */
  readonly status: Omit<Status, 'virtuals'> | null;
  /** Of its services and servers. */
  readonly samples: Samples;
  readonly chronicle: Pick<Chronicle, 'loaded' | 'rejected' | 'unwritten'>;
  readonly counters: Counters;
  readonly process: ProcessSample;
  readonly version: string;
  readonly backend: string;
}

export type Labelled = readonly [labels: Readonly<Record<string, string>>, value: number];

export interface DirectorRow extends Described {
  readonly samples: (sources: Sources) => readonly Labelled[];
}

export interface DurationRow extends Described {
  readonly type: 'histogram';
  readonly series: (
    counters: Counters,
  ) => readonly (readonly [labels: Readonly<Record<string, string>>, durations: Durations])[];
}

function single(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (sources: Sources) => number | null,
): DirectorRow {
  const samples = (sources: Sources): Labelled[] => {
    const known = value(sources);
    return known === null ? [] : [[{}, known]];
  };
  return { name, type, help, labels: [], samples };
}

function byLabel(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  labels: readonly string[],
  samples: (sources: Sources) => readonly Labelled[],
): DirectorRow {
  return { name, type, help, labels, samples };
}

/** One sample for each of the named counts. */
function counts(label: string, values: Readonly<Record<string, number>>): Labelled[] {
  return Object.entries(values).map(([name, value]) => [{ [label]: name }, value]);
}

/** Absent where directors share nothing, or before there is anything to tell. */
function ofStore(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (store: StoreStatus) => number | null,
): DirectorRow {
  return byLabel(type, `ldirectord_store_${name}`, `${help}; absent without a store`, [], ({ status }) => {
    const found = status?.store ? value(status.store) : null;
    return found === null ? [] : [[{}, found]];
  });
}

const storeRows: readonly DirectorRow[] = [
  ofStore('gauge', 'up', 'Whether what directors share is kept up to date', ({ isUp }) => Number(isUp)),
  ofStore('gauge', 'writable', 'Whether it took the last write, or none was tried', (store) => {
    return Number(store.writeFault === null);
  }),
  ofStore('gauge', 'last_answer_timestamp_seconds', 'When the store last answered', ({ lastAnswer }) => {
    return lastAnswer === null ? null : lastAnswer / 1000;
  }),
  ofStore('gauge', 'latency_seconds', 'How long its last answer took', ({ latency }) => {
    return latency === null ? null : latency / 1000;
  }),
  ofStore('gauge', 'revision', 'Its revision up to which everything is known', ({ revision }) => revision),
  ofStore('gauge', 'entries', 'Keys that are known of it', ({ entries }) => entries),
  ofStore('counter', 'reconnects_total', 'How often the connection to it was made anew', ({ reconnects }) => {
    return reconnects;
  }),
];

/** Several services can have one address. */
function announcementsIn({ announcements }: Samples): AnnouncementStatus[] {
  return [...new Map(announcements.map((announcement) => [announcement.address, announcement])).values()];
}

const roles: readonly RoleWord[] = ['active', 'passive', 'unknown'];

export const directorRows: readonly DirectorRow[] = [
  byLabel('gauge', 'ldirectord_build_info', 'The version that runs', ['version', 'node', 'backend'], (sources) => {
    const { version, backend } = sources;
    return [[{ version, node: process.version.slice(1), backend }, 1]];
  }),
  single('gauge', 'ldirectord_config_last_reload_successful', 'Whether the newest version of the file rules', (s) => {
    return Number(s.chronicle.rejected === null);
  }),
  single(
    'gauge',
    'ldirectord_config_last_reload_success_timestamp_seconds',
    'When the configuration that rules was taken over',
    ({ chronicle }) => chronicle.loaded / 1000,
  ),
  byLabel('counter', 'ldirectord_config_reloads_total', 'Versions taken over and turned down', ['result'], (s) =>
    counts('result', s.counters.reloads),
  ),
  byLabel('counter', 'ldirectord_checks_total', 'Checks that ended', ['result'], ({ counters: { checks } }) =>
    counts('result', { ok: checks.ok, failed: checks.failed, without_verdict: checks.withoutVerdict }),
  ),
  single(
    'counter',
    'ldirectord_checks_skipped_total',
    'Checks left out, since the one before was still under way',
    ({ counters }) => counters.checks.skipped,
  ),
  single('gauge', 'ldirectord_checks_running', 'Checks under way', ({ counters }) => counters.underWay.running),
  single('gauge', 'ldirectord_checks_waiting', 'Checks that are due and wait for a place', (s) => {
    return s.counters.underWay.waiting;
  }),
  single('gauge', 'ldirectord_checks_all_failing', 'Whether all checks fail since about the same time', (s) =>
    Number(s.counters.allFailing),
  ),
  byLabel('gauge', 'ldirectord_role', 'Whether this is the role of the director, 1 or 0', ['role'], ({ status }) =>
    status === null ? [] : roles.map((role) => [{ role }, Number(status.role.word === role)]),
  ),
  byLabel('gauge', 'ldirectord_ready', 'Whether it could take over from another director, 1 or 0', [], ({ status }) =>
    status === null ? [] : [[{}, Number(status.unready.length === 0)]],
  ),
  single('gauge', 'ldirectord_table_readable', 'Whether the table could be read for this answer', ({ status }) =>
    Number(status !== null),
  ),
  single('gauge', 'ldirectord_table_in_order', 'Whether the table was as wanted after the last look', (sources) =>
    Number(sources.counters.tableInOrder),
  ),
  byLabel('counter', 'ldirectord_table_changes_total', 'Changes of the table', ['object', 'action'], (sources) =>
    [...sources.counters.changes.values()].map(({ object, action, count }) => [{ object, action }, count]),
  ),
  single('counter', 'ldirectord_table_failures_total', 'Refusals of the table that were told', ({ counters }) => {
    return counters.tableFailures;
  }),
  single('counter', 'ldirectord_table_drifts_total', 'Entries that somebody else had changed', ({ counters }) => {
    return counters.drifts;
  }),
  single('counter', 'ldirectord_workers_replaced_total', 'Threads for checks that were given up', ({ counters }) => {
    return counters.workersReplaced;
  }),
  byLabel(
    'gauge',
    'ldirectord_packet_rules_failed',
    'Whether our table of nftables is not as it should be, 1 or 0; absent where none is needed',
    [],
    ({ status }) => (status?.packetTable ? [[{}, Number(status.packetTable.fault !== null)]] : []),
  ),
  byLabel(
    'gauge',
    'ldirectord_fitness',
    'How fit this director is, 0 to 100; absent where those who elect are not told',
    [],
    ({ status }) => (typeof status?.fitness === 'number' ? [[{}, status.fitness]] : []),
  ),
  byLabel(
    'gauge',
    'ldirectord_sync_daemon',
    'Whether a synchronization daemon that `[sync]` and the role ask for runs, 1 or 0',
    ['state', 'interface', 'id'],
    ({ status }) =>
      (status?.sync ?? []).map(({ state, interface: name, id, runs }) => [
        { state, interface: name, id: String(id) },
        Number(runs),
      ]),
  ),
  byLabel(
    'gauge',
    'ldirectord_vip_announced',
    'Whether an address is announced, 1 or 0, as `[announce]` says; `how` is well, ill or leaving',
    ['address', 'how'],
    ({ samples }) =>
      announcementsIn(samples).map(({ address, announced }) => [
        { address, how: announced ?? '' },
        Number(announced !== null),
      ]),
  ),
  byLabel(
    'gauge',
    'ldirectord_vip_healthy',
    'Whether an address that `[announce]` is about is healthy',
    ['address'],
    ({ samples }) => announcementsIn(samples).map(({ address, isHealthy }) => [{ address }, Number(isHealthy)]),
  ),
  byLabel(
    'gauge',
    'ldirectord_vip_announcement_failed',
    'Whether it cannot be announced, or withdrawn, as it should be',
    ['address'],
    ({ samples }) => announcementsIn(samples).map(({ address, fault }) => [{ address }, Number(fault !== null)]),
  ),
  single('gauge', 'ldirectord_handover', 'Whether clients are sent to other directors by the verb handover', (s) =>
    Number(s.status !== null && s.status.handover !== null),
  ),
  ...storeRows,
  single('gauge', 'ldirectord_logs_unwritten', 'Logs and monitor files that cannot be written, or lose lines', (s) => {
    return s.chronicle.unwritten.length;
  }),
  single('counter', 'ldirectord_log_lines_lost_total', 'Lines of logs and monitor files that were lost', (s) => {
    return s.counters.logLinesLost;
  }),
  single('counter', 'ldirectord_mails_failed_total', 'Attempts to hand over a mail that failed', ({ counters }) => {
    return counters.mailsFailed;
  }),
  single(
    'counter',
    'ldirectord_commands_failed_total',
    'Runs of fallbackcommand, callback and commands that announce that failed',
    (s) => {
      return s.counters.commandsFailed;
    },
  ),
  single('counter', 'process_cpu_seconds_total', 'Processor time of the process', (s) => s.process.cpu),
  single('gauge', 'process_resident_memory_bytes', 'Memory of the process', (s) => s.process.resident),
  single('gauge', 'process_start_time_seconds', 'When the process started', (s) => s.process.started),
  single('gauge', 'nodejs_heap_size_used_bytes', 'Memory that JavaScript uses', (s) => s.process.heap),
  single(
    'gauge',
    'nodejs_eventloop_lag_p50_seconds',
    'How late the main loop was in the last one to two minutes, half',
    (s) => {
      return s.process.loopDelay.p50;
    },
  ),
  single('gauge', 'nodejs_eventloop_lag_p99_seconds', 'The same, 99 of 100', (s) => s.process.loopDelay.p99),
  single('gauge', 'nodejs_eventloop_lag_max_seconds', 'The same, the worst', (s) => s.process.loopDelay.max),
];

export const durationRows: readonly DurationRow[] = [
  {
    name: 'ldirectord_check_duration_seconds',
    type: 'histogram',
    help: 'How long checks took',
    labels: [],
    series: ({ duration }) => [[{}, duration]],
  },
  {
    name: 'ldirectord_check_lateness_seconds',
    type: 'histogram',
    help: 'How long after they were due checks began',
    labels: [],
    series: ({ lateness }) => [[{}, lateness]],
  },
  {
    name: 'ldirectord_table_step_duration_seconds',
    type: 'histogram',
    help: 'How long it took to read the table, to plan its changes and to apply them',
    labels: ['step'],
    series: ({ steps }) => Object.entries(steps).map(([step, durations]) => [{ step }, durations]),
  },
];
