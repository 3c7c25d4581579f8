/**
 * Which room may import what of another, at every depth. A room is a folder of src or a file at its top; a row names rooms
 * or, where it is to have no more of one, single files of it. In its own room a file may import everything, but for the
 * rooms inside it that have a row of their own.
 */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  // What a configuration is follows from the rows of its directives.
  model: [
    'config/check-types',
    'config/services',
    'config/file/directive',
    'config/file/directives',
    'config/file/rows/*',
  ],
  system: [],
  slices: [],
  releases: [],
  policies: ['events', 'health/members', 'health/policy-state', 'model', 'reconcile/standings/kept'],
  events: ['config/diagnostics/diagnostics', 'ipvs/backend', 'model', 'reconcile/changes'],
  config: ['config/diagnostics', 'config/file', 'model', 'slices', 'system'],
  'config/file': ['config', 'config/diagnostics', 'config/pattern', 'ipvs/capabilities', 'model', 'slices', 'system'],
  'config/diagnostics': ['config', 'config/file', 'config/settings/rows', 'model', 'slices'],
  'config/settings': ['config/diagnostics', 'config/file/directive', 'ipvs/capabilities', 'model', 'system'],
  'config/pattern': [],
  ipvs: [],
  'ipvs/kernel': ['ipvs', 'netlink'],
  'ipvs/open': ['ipvs', 'ipvs/kernel', 'ipvs/userspace'],
  'ipvs/userspace': ['ipvs', 'system/libc'],
  kept: ['slices', 'system'],
  netlink: [],
  process: ['system'],
  schedule: [],
  probes: [
    'config/check-types',
    'config/services',
    'model',
    'probes/http/agent',
    'probes/http/dialled-exchange',
    'probes/ping/ping',
    'probes/programs/external',
    'probes/programs/external-perl',
    'probes/services/index',
    'probes/sockets/tcp-connect',
    'probes/sockets/tcp-socket',
    'probes/wire/bounded-search',
    'probes/wire/secrets',
  ],
  'probes/services': [
    'config/services',
    'model',
    'probes',
    'probes/http/grpc-call',
    'probes/http/http',
    'probes/sockets',
    'probes/wire',
    'system/hello-names',
  ],
  'probes/http': ['model', 'probes', 'probes/sockets', 'probes/wire'],
  'probes/ping': ['probes', 'probes/programs/turns', 'probes/sockets', 'system/libc'],
  'probes/programs': ['probes'],
  'probes/wire': ['model', 'probes', 'probes/sockets/dial'],
  'probes/sockets': ['probes', 'system/libc'],
  checks: [
    'config/check-types',
    'config/diagnostics/diagnostics',
    'config/fallback-checks',
    'config/file/secrets',
    'config/services',
    'health/agent-news',
    'health/policy',
    'model',
    'probes',
    'probes/programs/held-processes',
    'probes/sockets/held-descriptors',
    'probes/sockets/tls-name',
    'system/clock',
  ],
  health: ['events', 'model', 'probes/probe', 'slices', 'system'],
  overrides: [
    'config/diagnostics/diagnostics',
    'config/settings/rows',
    'events',
    'model',
    'schedule/calendar',
    'system',
  ],
  'reconcile/standings': ['events', 'model', 'overrides/in-force', 'slices'],
  reconcile: [
    'config/diagnostics/diagnostics',
    'config/diagnostics/said-once',
    'events',
    'ipvs',
    'ipvs/userspace/loops',
    'model',
    'overrides/in-force',
    'overrides/told',
    'reconcile/standings',
    'slices',
  ],
  reload: [
    'checks/refusals',
    'config',
    'config/diagnostics',
    'config/settings',
    'events',
    'ipvs/capabilities',
    'model',
    'overrides/idle-windows',
    'probes/sockets/source-address',
    'process',
    'reconcile/advice/*',
    'slices',
    'system',
  ],
  status: [
    'checks',
    'config/diagnostics/diagnostics',
    'config/file/section-lines',
    'events',
    'health',
    'ipvs',
    'kept/keepsake',
    'model',
    'overrides',
    'probes/further',
    'probes/probe',
    'reconcile',
    'reconcile/standings',
    'reload/source',
    'slices',
  ],
  path: ['model', 'path/doctor/codes', 'terminal/printable'],
  'path/doctor': ['checks/check', 'config/fallback-checks', 'config/services', 'model', 'path', 'path/needs'],
  'path/needs': ['model', 'path'],
  'path/reading': ['model', 'path'],
  notify: ['config/settings/rows', 'events', 'model', 'system/hello-names'],
  observe: [
    'config/file/syslog-facilities',
    'config/settings',
    'events',
    'kept/keepsake',
    'model',
    'slices',
    'status',
    'system/bounded-file',
    'terminal/printable',
  ],
  'observe/page/browser': ['observe/http/shapes'],
  control: ['config/settings/rows', 'events', 'model', 'overrides', 'reload/outcome', 'status', 'system'],
  terminal: ['model', 'status/model', 'status/counts'],
  install: ['process/heap', 'verbs/completion'],
  manual: [
    'config',
    'config/diagnostics/codes',
    'config/file/directives',
    'config/settings/rows',
    'control/handlers',
    'control/protocol',
    'events',
    'observe/http/routes',
    'observe/metrics/scrape',
    'probes/programs/program-environment',
    'verbs/help',
  ],
  verbs: [
    'checks/check',
    'config',
    'config/diagnostics',
    'config/settings',
    'control',
    'daemon',
    'events',
    'health/hand-over',
    'health/policy-keeper',
    'install',
    'ipvs/capabilities',
    'ipvs/open',
    'kept',
    'manual',
    'model',
    'observe/file-names',
    'observe/lines',
    'observe/log',
    'observe/messages',
    'overrides',
    'process',
    'reconcile',
    'reload',
    'status',
    'system',
    'terminal',
  ],
  'verbs/plan': [
    'checks/check',
    'config',
    'control',
    'ipvs',
    'ipvs/open',
    'model',
    'overrides',
    'reconcile',
    'reconcile/standings/standing',
    'reload',
    'slices',
    'status',
    'terminal',
    'verbs',
  ],
  ipvsadm: ['config/file/addresses', 'config/resolve', 'ipvs', 'ipvs/kernel', 'netlink', 'system'],
  memory: ['kept', 'observe', 'status'],
  parts: ['*'],
  daemon: ['*', 'parts'],
  cli: ['ipvsadm', 'process/debugger-signal', 'system/version', 'verbs', 'verbs/plan'],
};

/** What the composition root does not import, either. */
const forRoots: ReadonlySet<string> = new Set(['parts', 'daemon', 'cli', 'ipvsadm', 'verbs', 'verbs/plan']);

/** Paths from src on, without their endings; null where the import is allowed. */
export function faultOf(importer: string, imported: string): string | null {
  const [from, to] = [roomOf(importer), roomOf(imported)];
  if (from === null || to === null) return `no row for ${from === null ? importer : imported}`;
  if (from === to) return null;
  const allowed = rooms[from] ?? [];
  const isAllowed = allowed.some((entry) => {
    return entry === '*' ? !forRoots.has(to) : entry === to || matches(entry, imported);
  });
  return isAllowed ? null : `${from} may not import ${imported}`;
}

/** The innermost one that has a row. */
function roomOf(path: string): string | null {
  const parts = path.split('/');
  for (let length = parts.length; length > 0; length -= 1) {
    const room = parts.slice(0, length).join('/');
    if (Object.hasOwn(rooms, room)) return room;
  }
  return null;
}

/** A file by its name, or by a pattern with one `*`. */
function matches(entry: string, path: string): boolean {
  const [before = '', after] = entry.split('*');
  return after === undefined ? entry === path : path.startsWith(before) && path.endsWith(after);
}
