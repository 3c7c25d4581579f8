/** The API of what can be seen. */

import type { Chronicle } from '../../status/chronicle.js';
import { protocolId } from '../../status/identity.js';
import type { Status, VirtualStatus } from '../../status/model.js';
import { type Answer, json, portions, problem } from './answer.js';
import { eventAnswer } from './event-shape.js';
import type { EventStream } from './event-stream.js';
import type { History } from './history.js';
import type { Asked, Route } from './router.js';
import { named } from './schemas.js';
import type { EventsAnswer, ServerAnswer, VirtualSummary, VirtualsAnswer } from './shapes.js';

export interface Looking {
  readonly status: () => Promise<Status>;
  /** The whole status as JSON. */
  readonly statusJson: () => Promise<readonly Buffer[]>;
  readonly chronicle: Chronicle;
  readonly events: EventStream;
  readonly history: History;
}

const jsonType = 'application/json';
/** `/api/v1/events` without a limit of its own. */
const usualEvents = 200;
const noVirtual = 'there is no such virtual service; /api/v1/virtuals lists them';

export function statusRoutes(site: Looking): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/status',
      summary: 'everything, at this moment',
      type: jsonType,
      schema: named('Status'),
      handle: async () => portions(jsonType, await site.statusJson()),
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals',
      summary: 'the virtual services, without their servers',
      type: jsonType,
      schema: named('Virtuals'),
      handle: async () => {
        const { virtuals } = await site.status();
        return json({ virtuals: virtuals.map(summaryOf) } satisfies VirtualsAnswer);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals/{protocol}/{virtual}',
      summary: 'a virtual service; its protocol is tcp, udp, fwm or, for a mark of IPv6, fwm6',
      type: jsonType,
      schema: named('Virtual'),
      problems: { 404: noVirtual },
      handle: async (asked) => {
        const { virtuals } = await site.status();
        const { protocol, virtual } = asked.named;
        const found = virtuals.find((candidate) => {
          return protocolId(candidate) === protocol && candidate.name === virtual;
        });
        return found === undefined ? problem(404, noVirtual) : json(found satisfies VirtualStatus);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals/{protocol}/{virtual}/history',
      summary: 'its last hour',
      type: jsonType,
      schema: named('VirtualHistory'),
      problems: { 404: 'nothing is known of it yet, or it is not there' },
      handle: ({ named: { protocol = '', virtual = '' } }) =>
        historyAnswer(site.history.of(protocol, virtual), 'nothing is known of this virtual service yet'),
    },
    {
      method: 'GET',
      path: '/api/v1/history',
      summary: 'the last hour of all virtual services together',
      type: jsonType,
      schema: named('History'),
      problems: { 404: 'nothing is known yet' },
      handle: () => historyAnswer(site.history.whole(), 'nothing is known yet'),
    },
    {
      method: 'GET',
      path: '/api/v1/servers/{server}',
      summary: 'a real server, named as ADDRESS:PORT, in each virtual service that has it',
      type: jsonType,
      schema: named('ServerPlaces'),
      problems: { 404: 'no virtual service has it' },
      handle: async ({ named: { server = '' } }) => {
        const found = placesOf(await site.status(), server);
        return found.places.length === 0 ? problem(404, 'no virtual service has this server') : json(found);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/events',
      summary: 'what happened of late, the oldest first',
      query: {
        after: 'only those with a larger number than this',
        limit: `so many at most, the newest ones; ${usualEvents} where it is not said`,
      },
      type: jsonType,
      schema: named('Events'),
      problems: { 400: 'after or limit is no whole number' },
      handle: (asked) => recentEvents(site.chronicle, asked),
    },
    {
      method: 'GET',
      path: '/events',
      summary:
        'events as they happen, as server-sent events; Last-Event-ID resumes, and an event `reset` says that some were missed',
      type: 'text/event-stream',
      problems: { 503: 'too many follow already' },
      handle: ({ headers }) => {
        const last = headers['last-event-id'];
        return site.events.open(typeof last === 'string' ? last : undefined);
      },
    },
  ];
}

function historyAnswer(found: object | null, otherwise: string): Answer {
  return found === null ? problem(404, otherwise) : json(found);
}

function summaryOf({ servers, ...virtual }: VirtualStatus): VirtualSummary {
  const up = servers.filter((server) => server.up && server.held === null).length;
  return { ...virtual, servers: servers.length, up };
}

function placesOf({ virtuals }: Status, server: string): ServerAnswer {
  const places = virtuals.flatMap(({ name, protocol, family, title, servers }) =>
    servers
      .filter((candidate) => candidate.name === server)
      .map((status) => ({ virtual: { name, protocol, family, title }, status })),
  );
  return { server, places };
}

function recentEvents(chronicle: Chronicle, { query }: Asked): Answer {
  const after = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? usualEvents);
  if (![after, limit].every((value) => Number.isInteger(value) && value >= 0)) {
    return problem(400, 'after and limit are whole numbers');
  }
  const events = limit === 0 ? [] : chronicle.recent(after).slice(-limit).map(eventAnswer);
  return json({ started: chronicle.started, events } satisfies EventsAnswer);
}
