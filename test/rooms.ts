/**
 * Which room may import what of another, at every depth. A room is a folder of src or a file at its top; a row names rooms
 * or, where it is to have no more of one, single files of it. In its own room a file may import everything, but for the
 * rooms inside it that have a row of their own.
 */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  model: ['config/model', 'config/names'],
  config: ['ipvs/capabilities', 'model'],
  ipvs: [],
  'ipvs/kernel': ['ipvs', 'libc'],
  'ipvs/open': ['ipvs', 'ipvs/kernel', 'ipvs/userspace'],
  'ipvs/userspace': ['ipvs', 'libc'],
  process: ['libc'],
  probes: ['config/check-types', 'config/model', 'config/services', 'hello-names', 'libc'],
  schedule: [],
  checks: [
    'config/diagnostics',
    'config/model',
    'config/names',
    'config/services',
    'config/check-types',
    'health/policy',
    'probes',
  ],
  health: [
    'config/bounded-file',
    'config/model',
    'config/names',
    'config/replace-file',
    'config/slices',
    'events',
    'model',
    'probes/probe',
  ],
  maintenance: ['config', 'events', 'model', 'schedule/calendar'],
  reconcile: [
    'config/diagnostics',
    'config/model',
    'config/names',
    'config/said-once',
    'config/slices',
    'events',
    'ipvs',
    'ipvs/userspace/loops',
    'maintenance/in-force',
    'maintenance/told',
    'model',
  ],
  source: [
    'checks/refusals',
    'config',
    'events',
    'ipvs/capabilities',
    'maintenance/idle-windows',
    'process',
    'reconcile/*-advice',
  ],
  status: [
    'checks',
    'config',
    'events',
    'health',
    'ipvs',
    'maintenance',
    'model',
    'probes/probe',
    'reconcile',
    'source',
  ],
  notify: ['config', 'events', 'hello-names', 'model'],
  observe: ['config', 'events', 'model', 'status'],
  'observe/page/browser': ['observe/http/shapes'],
  control: ['config', 'events', 'maintenance', 'model', 'source/outcome', 'status'],
  install: ['process/heap', 'verbs/completion'],
  manual: [
    'config',
    'control/handlers',
    'control/protocol',
    'events',
    'observe/http/routes',
    'observe/metrics/scrape',
    'probes/wire/program-environment',
    'verbs/help',
  ],
  verbs: [
    'manual',
    'checks/check',
    'config',
    'control',
    'daemon',
    'events',
    'health/hand-over',
    'install',
    'ipvs/capabilities',
    'ipvs/open',
    'maintenance',
    'model',
    'observe/lines',
    'observe/log',
    'observe/messages',
    'process',
    'reconcile',
    'source',
    'status',
  ],
  'verbs/ipvs': ['config', 'control', 'ipvs', 'ipvs/kernel', 'process', 'verbs'],
  'verbs/plan': [
    'ipvs',
    'ipvs/open',
    'verbs',
    'checks/check',
    'config',
    'control',
    'maintenance',
    'model',
    'reconcile',
    'source',
    'status',
  ],
  events: ['config', 'ipvs/backend', 'model', 'reconcile/changes'],
  libc: [],
  'hello-names': [],
  releases: [],
  parts: ['*'],
  daemon: ['*', 'parts'],
  cli: ['process/debugger-signal', 'process/version', 'verbs', 'verbs/ipvs', 'verbs/plan'],
};

/** What the composition root does not import, either. */
const forRoots: ReadonlySet<string> = new Set(['parts', 'daemon', 'cli', 'verbs', 'verbs/ipvs', 'verbs/plan']);

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
