/** What the answers of the API look like, as JSON Schema. A test holds real answers against them. */

import { serverStates } from '../../status/model.js';
import { director } from './schemas/director.js';
import {
  course,
  describe,
  flag,
  list,
  moment,
  number,
  object,
  oneOf,
  orNull,
  referTo,
  type Schema,
  text,
  whole,
  withOptional,
} from './schemas/schema.js';
import { server } from './schemas/server.js';
import { identity, virtual } from './schemas/virtual.js';

const counts = object({
  connections: number,
  inPackets: number,
  outPackets: number,
  inBytes: number,
  outBytes: number,
});

const percentiles = object({ p50: number, p99: number, max: number }, 'milliseconds');

const history = {
  step: describe(whole, 'milliseconds from one step to the next'),
  end: describe(number, 'milliseconds since 1970 of the last step'),
  up: course,
  servers: course,
  active: course,
  rate: course,
};

const actions = oneOf('drain', 'undrain');

const ofWhole = object(
  {
    servers: whole,
    inUse: whole,
    active: describe(whole, 'established connections, those of the fallbacks included'),
    found: describe(whole, 'servers that were asked for, told of or not'),
  },
  'of all servers of the service, where not all of them are told of',
);

const page = object(
  {
    found: referTo('Counts'),
    next: describe(orNull(text), 'what `after` is for the next page; null where this is the last'),
  },
  'where less than everything was asked for: how much is as was asked, on all pages together',
);

export const schemas: Readonly<Record<string, Schema>> = {
  Status: withOptional(
    object({
      ...director,
      virtuals: list(referTo('Virtual')),
      actions: describe(list(actions), 'what the bearer of the token may do; empty where there is no token'),
    }),
    { page },
  ),
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
  Virtual: withOptional(object({ ...virtual, servers: list(referTo('Server')) }), { whole: ofWhole }),
  Virtuals: withOptional(
    object({
      virtuals: list(
        withOptional(object({ ...virtual, servers: whole, up: describe(whole, 'servers that are in use') }), {
          whole: ofWhole,
        }),
      ),
    }),
    { page },
  ),
  Servers: object({
    places: list(object({ virtual: object({ ...identity, title: orNull(text) }), status: referTo('Server') })),
    found: referTo('Counts'),
    next: describe(orNull(text), 'what `after` is for the next page; null where this is the last'),
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
