/** What the answers of the API look like, as JSON Schema. A test holds real answers against them. */

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

export function named(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema with a sentence about it. */
function told(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

const moment = told(number, 'milliseconds since 1970');
const course = told(list(orNull(number)), 'a measure at each step, the oldest first; null where nothing is known');

const counts = object({
  connections: number,
  inPackets: number,
  outPackets: number,
  inBytes: number,
  outBytes: number,
});

const percentiles = object({ p50: number, p99: number, max: number }, 'milliseconds');

const standing = {
  name: told(text, 'as the log names it'),
  forward: oneOf('gate', 'masq', 'ipip'),
  configured: told(whole, 'the weight that the configuration gives it'),
  wanted: told(orNull(whole), 'the weight that it ought to have now; null where it ought not to be in the table'),
  weight: told(orNull(whole), 'the weight that it has; null where it is not in the table'),
  connections: orNull(object({ active: whole, inactive: whole, persistent: orNull(whole) })),
  traffic: orNull(named('Traffic')),
};

const identity = {
  name: told(text, '`ADDRESS:PORT`, or the firewall mark'),
  protocol: oneOf('tcp', 'udp', 'fwm'),
  family: oneOf('inet', 'inet6'),
};

const virtual = {
  ...identity,
  scheduler: text,
  title: told(orNull(text), '`servicename` of the configuration'),
  stands: told(flag, 'whether it stands in the table'),
  inUse: told(flag, 'whether a real server of it is in use'),
  persists: told(flag, 'whether it is persistent and sends a client on to its server when that has weight 0'),
  fallback: orNull(named('Fallback')),
  traffic: orNull(named('Traffic')),
  line: told(whole, 'line of the configuration file'),
};

const director = {
  version: text,
  backend: text,
  file: told(text, 'the configuration file'),
  phase: oneOf('starting', 'running', 'stopping', 'reloading'),
  at: moment,
  started: moment,
  loaded: told(number, 'when the configuration that rules was taken over, in milliseconds since 1970'),
  rejected: told(orNull(text), 'why the newest version of the file does not rule; null where it does'),
  unwritten: told(
    list(object({ place: text, reason: text })),
    'logs and monitor files that cannot be written, and why',
  ),
  checks: orNull(named('Checks')),
};

const history = {
  step: told(whole, 'milliseconds from one step to the next'),
  end: told(number, 'milliseconds since 1970 of the last step'),
  up: course,
  servers: course,
  active: course,
  rate: course,
};

const actions = oneOf('drain', 'undrain');

export const schemas: Readonly<Record<string, Schema>> = {
  Status: object({
    ...director,
    virtuals: list(named('Virtual')),
    actions: told(list(actions), 'what the bearer of the token may do; empty where there is no token'),
  }),
  Checks: object(
    {
      started: whole,
      ok: whole,
      failed: whole,
      withoutVerdict: told(whole, 'for a cause on this machine or in this program'),
      skipped: whole,
      running: whole,
      waiting: whole,
      lateness: percentiles,
      duration: percentiles,
    },
    'what all checks of the last second came to',
  ),
  Traffic: object({
    total: told(counts, 'since it stands in the table, or its counters were zeroed'),
    rate: told(counts, 'in a second, of late'),
  }),
  Server: object({
    ...standing,
    written: told(text, 'its address or name as the file has it, without the port'),
    up: flag,
    decided: told(flag, 'whether a check has decided that, or none is needed'),
    inUse: told(flag, 'whether it is up, not held out, not of weight 0 by hand, and taken by the table'),
    checked: told(orNull(number), 'when it was checked last, in milliseconds since 1970; null where it was not'),
    reason: told(text, 'what the last check that said something new said'),
    since: told(number, 'when it came to be up or down, in milliseconds since 1970'),
    failures: told(whole, 'failed checks in a row'),
    hindered: told(orNull(text), 'why its check has no verdict at present, so that it stays as it was; or null'),
    held: told(orNull(text), 'why it is held out of use; null where it is not'),
    override: told(
      orNull(object({ weight: whole, until: orNull(number) })),
      'the weight that somebody set by hand, and until when, in milliseconds since 1970; null where nobody did',
    ),
    line: told(whole, 'line of the configuration file'),
  }),
  Fallback: object({ ...standing, inUse: flag }),
  Virtual: object({ ...virtual, servers: list(named('Server')) }),
  Virtuals: object({
    virtuals: list(object({ ...virtual, servers: whole, up: told(whole, 'servers that are in use') })),
  }),
  ServerPlaces: object({
    server: text,
    places: list(object({ virtual: object({ ...identity, title: orNull(text) }), status: named('Server') })),
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
    number: told(whole, 'counts from 1 at each start of the daemon'),
    at: moment,
    type: text,
    level: oneOf('good', 'bad', 'warning', 'info', 'debug'),
    lines: told(list(text), 'what the log says of it'),
    subject: orNull(
      object({
        family: oneOf('inet', 'inet6'),
        protocol: oneOf('tcp', 'udp', 'fwm'),
        virtual: text,
        server: orNull(text),
      }),
    ),
  }),
  Events: object({ started: moment, events: list(named('Event')) }),
  Action: object({ server: text, action: actions }),
  Problem: object({ status: whole, detail: text }, 'RFC 9457'),
};
