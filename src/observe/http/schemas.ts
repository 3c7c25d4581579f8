/** What the answers of the API look like, as JSON Schema. A test holds real answers against them. */

import { announcedWays } from '../../model/announced.js';
import { serverStates } from '../../status/model.js';
import { differenceKinds } from '../../status/shared-status.js';

export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
}

const text: Schema = { type: 'string' };
const whole: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const flag: Schema = { type: 'boolean' };

/** Every property is there, and no other. */
function object(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  const required = Object.keys(properties);
  return { type: 'object', ...(description && { description }), properties, required, additionalProperties: false };
}

function list(items: Schema): Schema {
  return { type: 'array', items };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

function oneOf(...words: readonly string[]): Schema {
  return { type: 'string', enum: words };
}

export function referTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema with a sentence about it. */
function describe(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const moment = describe(number, 'milliseconds since 1970');
const course = describe(list(orNull(number)), 'a measure at each step, the oldest first; null where nothing is known');

/** With properties that are there only where they say something. */
function withOptional(schema: Schema, properties: Readonly<Record<string, Schema>>): Schema {
  return { ...schema, properties: { ...schema.properties, ...properties } };
}

/** Who asked for something among directors that share a store. */
const on = { on: describe(text, 'the director that it was asked on, where several share a store') };

/** As far as it is known. */
const origin = {
  who: describe(orNull(text), 'a user, or `status page`; in brackets whom they act for by their own word'),
  since: describe(orNull(number), 'in milliseconds since 1970'),
  why: orNull(text),
};

const counts = object({
  connections: number,
  inPackets: number,
  outPackets: number,
  inBytes: number,
  outBytes: number,
});

const percentiles = object({ p50: number, p99: number, max: number }, 'milliseconds');

const standing = {
  name: describe(text, 'as the log names it'),
  called: describe(text, 'as the file calls it: by a name, or the same as `name`'),
  forward: oneOf('gate', 'masq', 'ipip'),
  configured: describe(whole, 'the weight that the configuration gives it'),
  wanted: describe(orNull(whole), 'the weight that it ought to have now; null where it ought not to be in the table'),
  weight: describe(orNull(whole), 'the weight that it has; null where it is not in the table'),
  connections: orNull(object({ active: whole, inactive: whole, persistent: orNull(whole) })),
  traffic: orNull(referTo('Traffic')),
};

const server = {
  ...standing,
  written: describe(text, 'its address or name as the file has it, without the port'),
  up: flag,
  decided: describe(flag, 'whether a check has decided that, or none is needed'),
  inUse: describe(flag, 'whether it is up, not held out, not of weight 0 by hand, and taken by the table'),
  checked: describe(orNull(number), 'when it was checked last, in milliseconds since 1970; null where it was not'),
  reason: describe(text, 'what the last check that said something new said'),
  state: describe(
    oneOf(...serverStates),
    '`drained` at weight 0 by intent, `held` out by intent or by a policy; `kept` in use and `unused` by `minhealthy` or the votes of directors; otherwise as its checks say',
  ),
  since: describe(number, 'since when it is in this state, in milliseconds since 1970'),
  healthSince: describe(
    number,
    'since when its checks say that it is up or down, in milliseconds since 1970; since when they are asked where they have not said yet',
  ),
  failures: describe(whole, 'failed checks in a row'),
  successes: describe(whole, 'checks in a row that passed, of one that is down'),
  hindered: describe(orNull(text), 'why its check has no verdict at present, so that it stays as it was; or null'),
  stale: describe(
    orNull(text),
    'why what its check has said is old, since this director is passive for all its services; or null',
  ),
  byMinimum: describe(flag, 'whether `minhealthy` decides whether it is in use, and not its checks'),
  vote: describe(
    orNull(object({ directors: whole, up: whole })),
    'with `healthvote = majority`, where the votes of directors decide that, and not its checks here: how many have a vote, and how many of them see it up; or null',
  ),
  held: describe(orNull(text), 'why it is held out of use; null where it is not'),
  heldBy: describe(
    orNull(oneOf('hand', 'file', 'window', 'agent', 'damping', 'resume', 'track')),
    'whose word that is: a person’s, a file’s in `maintenancedir`, a window’s, its agent’s, or that of a policy',
  ),
  hold: describe(
    orNull(
      withOptional(
        object({
          by: oneOf('hand', 'file', 'window', 'agent'),
          how: describe(
            oneOf('down', 'drain', 'drain-while-up'),
            '`drain`: at weight 0 whatever its checks say; `drain-while-up`: while they pass; `down`: as `quiescent` says',
          ),
          reason: describe(text, 'by what: `drained by hand`, `window NAME`, `file NAME in FOLDER`'),
          note: describe(orNull(text), 'what it does not do'),
          ...origin,
        }),
        on,
      ),
    ),
    'how, where that is no policy’s word, and who asked for it, when and why',
  ),
  heldUntil: describe(orNull(number), 'when that ends by itself, in milliseconds since 1970; null where nobody knows'),
  weighed: describe(
    orNull(
      object({
        base: whole,
        from: oneOf('file', 'hand', 'agent'),
        share: describe(whole, 'what its agent leaves of that, in percent'),
        grown: orNull(object({ percent: whole, seconds: whole, over: whole })),
        next: orNull(object({ weight: whole, at: number })),
      }),
    ),
    'what its weight is made of, where that is not the file’s alone; null where it is',
  ),
  override: describe(
    orNull(withOptional(object({ weight: whole, until: orNull(number), ...origin }), on)),
    'the weight that somebody set by hand, and until when, in milliseconds since 1970; null where nobody did',
  ),
  agent: describe(
    orNull(
      object({
        name: describe(text, 'where it is asked'),
        said: describe(orNull(text), 'its last line in few words; null before the first'),
        since: describe(orNull(number), 'since when it has said that, in milliseconds since 1970'),
        word: describe(text, 'what it has said in all'),
        share: describe(orNull(number), 'the share of the weight that it leaves, in percent; null where it names none'),
        answered: describe(orNull(number), 'when it answered last, in milliseconds since 1970'),
        silence: describe(orNull(text), 'why it does not answer; null where it does'),
        until: describe(orNull(number), 'when what it said counts no more, or since when; null where it does for good'),
      }),
    ),
    'what its feedback agent says; null where it has none',
  ),
  line: describe(whole, 'line of the configuration file'),
};

const identity = {
  name: describe(text, '`ADDRESS:PORT`, or the firewall mark'),
  called: describe(text, 'as the file calls it: by a name, or the same as `name`'),
  protocol: oneOf('tcp', 'udp', 'fwm'),
  family: oneOf('inet', 'inet6'),
};

const packetCount = object({ packets: whole, bytes: whole });

const virtual = {
  ...identity,
  scheduler: text,
  title: describe(orNull(text), '`servicename` of the configuration'),
  stands: describe(flag, 'whether it stands in the table'),
  active: describe(flag, 'whether this director is active for it'),
  leftOut: describe(flag, 'whether it is out of the table since this director is not active for it'),
  vip: describe(
    orNull(
      object({
        address: describe(orNull(text), 'null where it is not known'),
        device: text,
        label: orNull(text),
        stands: flag,
        why: describe(orNull(text), 'why it does not stand, or is not ours to remove; null where it is in order'),
      }),
    ),
    'whether its address is on the device that `vip` names; null without `vip`',
  ),
  announcement: describe(
    orNull(
      object({
        address: text,
        by: describe(text, 'as it stands in the settings: `address DEV`, `exabgp PIPE` or `command PROGRAM`'),
        announced: describe(
          orNull(oneOf(...announcedWays)),
          '`well` while it is healthy, `ill` where it is announced all the same, `leaving` while this director is handed over; null where it is not',
        ),
        isHealthy: flag,
        since: describe(number, 'since when that is so, in milliseconds since 1970'),
        why: text,
        nextChange: describe(orNull(number), 'when it has been healthy for long enough, in milliseconds since 1970'),
        isDone: describe(flag, 'whether whoever announces it does so, or has withdrawn it'),
        fault: describe(orNull(text), 'why not, and what to do; null where that is so, or not known yet'),
      }),
    ),
    'whether its address is announced; null where no `[announce]` of the settings is about it',
  ),
  inUse: describe(flag, 'whether a real server of it is in use'),
  minimum: describe(
    orNull(object({ healthy: whole, needed: whole, rule: oneOf('keep', 'all', 'fallback', 'withdraw') })),
    'where fewer servers are healthy than `minhealthy` wants, how many are and what `belowminimum` says; or null',
  ),
  persists: describe(flag, 'whether it is persistent and sends a client on to its server when that has weight 0'),
  fallback: describe(orNull(referTo('Fallback')), 'the one that answers, or would first; null where there is none'),
  fallbacks: describe(list(referTo('Fallback')), 'in the order of the file'),
  traffic: orNull(referTo('Traffic')),
  packets: describe(
    orNull(object({ marked: orNull(packetCount), masqueraded: orNull(packetCount) })),
    'what our rules for `ports` and `snat` have counted: marked packets, and first packets of masqueraded connections; null without rules',
  ),
  line: describe(whole, 'line of the configuration file'),
};

const presence = object({
  version: text,
  started: moment,
  config: describe(text, 'a digest of its configuration as understood'),
  ready: flag,
  unready: describe(orNull(text), 'why it is not ready; null where it is'),
  role: oneOf('active', 'passive', 'unknown'),
  vips: describe(orNull(list(text)), 'addresses that it is active for; null where it does not matter which'),
  downVips: describe(list(text), 'addresses of virtual services that are not healthy there'),
  fitness: orNull(number),
  checks: describe(flag, 'whether it checks as often as its file says'),
  leaving: describe(flag, 'whether it is being taken out of use'),
  servers: whole,
  down: describe(whole, 'how many of them its own checks say are down'),
});

const shared = object({
  name: describe(text, 'of this director'),
  vote: oneOf('own', 'majority'),
  pending: describe(whole, 'drains and weights of this director that the store does not have yet'),
  misread: describe(list(object({ key: text, reason: text })), 'keys of the store that mean nothing'),
  alone: describe(flag, 'whether this director alone sees half of its servers or more down'),
  contested: describe(
    list(object({ address: text, others: list(text) })),
    'addresses that others are active for, too, and have been for some seconds',
  ),
  directors: list(
    object({
      name: text,
      isSelf: flag,
      there: describe(orNull(presence), 'what it says of itself; null where it is not there'),
      observed: describe(orNull(number), 'when it last said what it sees, in milliseconds since 1970'),
      differences: describe(
        list(
          object({
            kind: oneOf(...differenceKinds),
            servers: describe(
              list(text),
              'family, protocol, virtual service and server of each; empty where it is the whole',
            ),
            text,
          }),
        ),
        'in what it differs from this one',
      ),
    }),
  ),
});

const director = {
  version: text,
  backend: text,
  file: describe(text, 'the configuration file'),
  phase: oneOf('starting', 'running', 'stopping', 'reloading'),
  at: moment,
  started: moment,
  loaded: describe(number, 'when the configuration that rules was taken over, in milliseconds since 1970'),
  rejected: describe(orNull(text), 'why the newest version of the file does not rule; null where it does'),
  unready: describe(list(text), 'why this director could not take over from another one; empty where it could'),
  role: object({
    word: describe(
      oneOf('active', 'passive', 'unknown'),
      '`active` for any service; `unknown` while nobody says it, which is taken for active',
    ),
    by: describe(oneOf('always', 'address', 'command'), 'who says it, as in the settings'),
    since: describe(number, 'since when it is this one, in milliseconds since 1970'),
    held: describe(orNull(list(text)), 'the addresses that it is active for; null where that makes no difference'),
    fault: describe(orNull(text), 'what is wrong with whoever says it; null where nothing is'),
    table: describe(oneOf('always', 'active'), 'when services are in the table'),
    checks: describe(
      { anyOf: [oneOf('always', 'active'), whole] },
      'how servers are checked of services for which it is passive; a number: so many times less often',
    ),
  }),
  unwritten: describe(
    list(object({ place: text, reason: text })),
    'logs and monitor files that cannot be written, and why',
  ),
  packetTable: describe(
    orNull(object({ table: text, fault: orNull(text) })),
    'our table of nftables, and why it is not as it should be; null where none is needed',
  ),
  fitness: describe(orNull(whole), 'how fit this director is, 0 to 100; null where those who elect are not told'),
  sync: describe(
    list(
      object({
        state: oneOf('master', 'backup'),
        interface: text,
        id: whole,
        runs: flag,
        why: describe(orNull(text), 'why it does not run, or not as it should; null where it is in order'),
      }),
    ),
    'the synchronization daemons that `[sync]` and the role ask for',
  ),
  store: describe(orNull(referTo('Store')), 'what directors share; null where they share nothing'),
  handover: describe(
    orNull(object(origin)),
    'who sends clients to other directors, when and why; null where nobody does',
  ),
  checks: orNull(referTo('Checks')),
  counts: referTo('Counts'),
  shared: describe(orNull(shared), 'what directors share, as this one sees it; null without a store'),
};

const history = {
  step: describe(whole, 'milliseconds from one step to the next'),
  end: describe(number, 'milliseconds since 1970 of the last step'),
  up: course,
  servers: course,
  active: course,
  rate: course,
};

const actions = oneOf('drain', 'undrain');

export const schemas: Readonly<Record<string, Schema>> = {
  Status: object({
    ...director,
    virtuals: list(referTo('Virtual')),
    actions: describe(list(actions), 'what the bearer of the token may do; empty where there is no token'),
  }),
  Counts: object(
    {
      services: whole,
      inUse: describe(whole, 'services with a real server in use'),
      belowMinimum: describe(whole, 'services with fewer healthy servers than `minhealthy` wants'),
      servers: whole,
      ...Object.fromEntries(serverStates.map((state) => [state, whole])),
    },
    'how many services there are, and how many servers are what: each is one of these',
  ),
  Checks: object(
    {
      started: whole,
      ok: whole,
      failed: whole,
      withoutVerdict: describe(whole, 'for a cause on this machine or in this program'),
      skipped: whole,
      running: whole,
      waiting: whole,
      lateness: percentiles,
      duration: percentiles,
    },
    'what all checks of the last second came to',
  ),
  Store: object({
    endpoint: describe(text, 'where it was reached last, or tried last'),
    isUp: flag,
    since: describe(number, 'since when that is so, in milliseconds since 1970'),
    lastAnswer: describe(orNull(number), 'when it last answered; null before the first time'),
    latency: describe(orNull(number), 'milliseconds that the last answer took'),
    revision: describe(whole, 'up to which everything is known of it'),
    entries: describe(whole, 'keys under the prefix'),
    reconnects: describe(whole, 'how often the connection was made anew'),
    fault: describe(orNull(text), 'why it is away; null where it is not, or was not tried yet'),
    writeFault: describe(orNull(text), 'why it takes no writes; null where it does'),
  }),
  Traffic: object({
    total: describe(counts, 'since it stands in the table, or its counters were zeroed'),
    rate: describe(counts, 'in a second, of late'),
  }),
  Server: object(server),
  Fallback: object({
    ...server,
    inUse: describe(flag, 'whether it answers now'),
    asked: describe(flag, 'whether checks decide about it; one that is not asked counts as up'),
  }),
  Virtual: object({ ...virtual, servers: list(referTo('Server')) }),
  Virtuals: object({
    virtuals: list(object({ ...virtual, servers: whole, up: describe(whole, 'servers that are in use') })),
  }),
  ServerPlaces: object({
    server: text,
    places: list(object({ virtual: object({ ...identity, title: orNull(text) }), status: referTo('Server') })),
  }),
  History: object(history),
  VirtualHistory: object({
    ...history,
    states: {
      type: 'object',
      description: 'by server, a letter a step: u up, d down, h held, - not known',
      additionalProperties: text,
    },
  }),
  Event: object({
    number: describe(whole, 'counts from 1 at each start of the daemon'),
    at: moment,
    type: text,
    level: oneOf('good', 'bad', 'warning', 'info', 'debug'),
    lines: describe(list(text), 'what the log says of it'),
    subject: orNull(
      object({
        family: oneOf('inet', 'inet6'),
        protocol: oneOf('tcp', 'udp', 'fwm'),
        virtual: text,
        server: orNull(text),
        called: describe(
          object({ virtual: text, server: orNull(text) }),
          'as the file calls them: by a name, or the same',
        ),
      }),
    ),
    named: describe(list(text), '`lines` by the names that the file uses; empty where that is the same'),
  }),
  Events: object({
    series: describe(number, 'when their numbers began: those of another series say nothing'),
    events: list(referTo('Event')),
  }),
  Action: object({ server: text, action: actions }),
  Problem: object(
    {
      status: whole,
      detail: text,
      code: describe(
        { anyOf: [oneOf('last-server'), { type: 'null' }] },
        '`last-server`: a virtual service would lose the last server that serves it; with `force=true` it does',
      ),
    },
    'RFC 9457',
  ),
};
