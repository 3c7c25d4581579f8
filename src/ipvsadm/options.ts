/** The commands and options of ipvsadm's command line, and which options each command takes. */

/** In the order in which their use is judged: of several mistakes the first of these is reported. */
export const switchNames = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'mcast-interface',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'ops',
  'pe',
  'sched-flags',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sync-maxlen',
  'tun-info',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const;
/** What an option is called in messages: several spellings can be one. */
export type SwitchName = (typeof switchNames)[number];

export type CommandName = keyof typeof commands;

/** As they are called in messages. */
export const commands = {
  'add-service': {
    needs: ['service-address'],
    takes: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
  },
  'edit-service': {
    needs: ['service-address'],
    takes: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
  },
  'delete-service': { needs: ['service-address'], takes: [] },
  flush: { needs: [], takes: [] },
  restore: { needs: [], takes: [] },
  save: { needs: [], takes: ['numeric'] },
  'add-server': {
    needs: ['service-address', 'real-server'],
    takes: [
      ...(['forwarding-method', 'weight', 'u-threshold', 'l-threshold'] as const),
      ...(['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const),
    ],
  },
  'edit-server': {
    needs: ['service-address', 'real-server'],
    takes: [
      ...(['forwarding-method', 'weight', 'u-threshold', 'l-threshold'] as const),
      ...(['tun-type', 'tun-port', 'tun-nocsum', 'tun-csum', 'tun-remcsum'] as const),
    ],
  },
  'delete-server': { needs: ['service-address', 'real-server'], takes: [] },
  list: {
    needs: [],
    takes: [
      ...(['numeric', 'connection', 'service-address', 'timeout', 'daemon', 'stats', 'rate', 'thresholds'] as const),
      ...(['persistent-conn', 'nosort', 'syncid', 'exact', 'tun-info'] as const),
    ],
  },
  zero: { needs: [], takes: ['service-address'] },
  set: { needs: [], takes: [] },
  'start-daemon': {
    needs: [],
    takes: ['mcast-interface', 'syncid', 'mcast-group', 'mcast-port', 'mcast-ttl', 'sync-maxlen'],
  },
  'stop-daemon': { needs: [], takes: ['syncid'] },
  help: { needs: [], takes: [] },
  version: { needs: [], takes: [] },
} as const satisfies Record<string, { readonly needs: readonly SwitchName[]; readonly takes: readonly SwitchName[] }>;

export interface Option {
  readonly long?: string;
  readonly short?: string;
  readonly value?: 'required' | 'optional';
  /** The command that it is, or null where it is an option of one. */
  readonly command: CommandName | null;
}

function command(name: CommandName, option: Omit<Option, 'command'>): Option {
  return { ...option, command: name };
}

function flag(long: string, short?: string): Option {
  return { long, ...(short && { short }), command: null };
}

function takesValue(long: string, short?: string): Option {
  return { ...flag(long, short), value: 'required' };
}

export const options: readonly Option[] = [
  command('add-service', { long: 'add-service', short: 'A' }),
  command('edit-service', { long: 'edit-service', short: 'E' }),
  command('delete-service', { long: 'delete-service', short: 'D' }),
  command('flush', { long: 'clear', short: 'C' }),
  command('restore', { long: 'restore', short: 'R' }),
  command('save', { long: 'save', short: 'S' }),
  command('add-server', { long: 'add-server', short: 'a' }),
  command('edit-server', { long: 'edit-server', short: 'e' }),
  command('delete-server', { long: 'delete-server', short: 'd' }),
  command('list', { long: 'list', short: 'L' }),
  command('list', { short: 'l' }),
  command('zero', { long: 'zero', short: 'Z' }),
  command('set', { long: 'set' }),
  command('start-daemon', { long: 'start-daemon', value: 'required' }),
  command('stop-daemon', { long: 'stop-daemon', value: 'required' }),
  command('help', { long: 'help', short: 'h' }),
  command('version', { long: 'version', short: 'v' }),
  takesValue('tcp-service', 't'),
  takesValue('udp-service', 'u'),
  takesValue('sctp-service'),
  takesValue('fwmark-service', 'f'),
  flag('ipv6', '6'),
  takesValue('scheduler', 's'),
  { ...flag('persistent', 'p'), value: 'optional' },
  takesValue('netmask', 'M'),
  takesValue('pe'),
  takesValue('sched-flags', 'b'),
  flag('ops', 'o'),
  takesValue('real-server', 'r'),
  flag('gatewaying', 'g'),
  flag('ipip', 'i'),
  flag('masquerading', 'm'),
  takesValue('weight', 'w'),
  takesValue('u-threshold', 'x'),
  takesValue('l-threshold', 'y'),
  takesValue('tun-type'),
  takesValue('tun-port'),
  flag('tun-nocsum'),
  flag('tun-csum'),
  flag('tun-remcsum'),
  flag('numeric', 'n'),
  flag('connection', 'c'),
  flag('timeout'),
  flag('daemon'),
  flag('stats'),
  flag('rate'),
  flag('thresholds'),
  flag('persistent-conn'),
  flag('tun-info'),
  flag('nosort'),
  flag('sort'),
  flag('exact'),
  takesValue('mcast-interface'),
  takesValue('syncid'),
  takesValue('sync-maxlen'),
  takesValue('mcast-group'),
  takesValue('mcast-port'),
  takesValue('mcast-ttl'),
];
