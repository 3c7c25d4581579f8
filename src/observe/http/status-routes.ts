/** The API of what can be seen. */

import { protocolId } from '../../model/subject.js';
import type { Chronicle, Recorded } from '../../status/chronicle.js';
import type { VirtualStatus } from '../../status/model.js';
import type { Page, Selection } from '../../status/selection.js';
import { placesCalled, placesIn, type ServerPlace } from '../../status/server-places.js';
import { NoSuchPlace, type StatusStream } from '../../status/streamed.js';
import { bytes, type HttpAnswer, json, problem } from './answer.js';
import {
  type Encoding,
  encodeEvents,
  encodeHistory,
  encodePlaces,
  encodeVirtual,
  writePlace,
  writeSummary,
  writeVirtual,
} from './encoding.js';
import { subjectOf } from './event-shape.js';
import type { EventStream } from './event-stream.js';
import { answerOf, type Flow, listParts, type Writing } from './flow.js';
import type { History } from './history.js';
import { type Listed, listedIn, listQuery, listTexts, wrongList } from './list-query.js';
import type { Asked, Route } from './router.js';
import { referTo } from './schemas/schema.js';
import type { ActionName, HistoryAnswer, PageAnswer } from './shapes.js';
import type { Turns } from './turns.js';

export interface Looking {
  readonly stream: (selection: Selection, page?: Page) => Promise<StatusStream>;
  /** What the bearer of the token may do. */
  readonly actionNames: () => readonly ActionName[];
  readonly chronicle: Chronicle;
  readonly events: EventStream;
  readonly history: History;
  /** Where answers are made. */
  readonly turns: Turns;
}

const jsonType = 'application/json';
/** `/api/v1/events` without a limit of its own. */
const usualEvents = 200;
const noVirtual = 'there is no such virtual service; /api/v1/virtuals lists them';
export const noServer = 'no virtual service has a server that is called so';
const eventQuery = {
  after: 'only those with a larger number than this',
  limit: `so many at most, the newest ones; ${usualEvents} where it is not said`,
};

export function statusRoutes(site: Looking): readonly Route[] {
  const made = async (encoding: Encoding): Promise<HttpAnswer> => bytes(jsonType, await site.turns.run(encoding));
  const events = (asked: Asked, isAbout: (recorded: Recorded) => boolean): HttpAnswer | Promise<HttpAnswer> => {
    const found = recentEvents(site.chronicle, asked, isAbout);
    if (found === null) return problem(400, 'after and limit are whole numbers');
    return made(encodeEvents(site.chronicle.series, found));
  };
  /** `headOf` is what stands before the list. */
  const listOf = async <T>(
    asked: Asked,
    of: Page['of'],
    { property, items, write, headOf }: ListShape<T>,
  ): Promise<HttpAnswer | Flow> => {
    const listed = listedIn(asked.query, of);
    if (listed === null) return problem(400, wrongList);
    const { selection, page } = listed;
    try {
      const first = await site.stream(selection, page);
      const { found } = first;
      const many = page.limit === undefined || of === 'services' ? found.servers : Math.min(page.limit, found.servers);
      let begun: StatusStream | null = first;
      return await answerOf(jsonType, many, async function* () {
        // What was begun to see how much it is, is gone on with by the first who takes it.
        const stream = begun ?? (await site.stream(selection, page));
        begun = null;
        yield* listParts(site.turns, headOf(stream, listed), property, items(stream.virtuals), write);
      });
    } catch (error) {
      if (error instanceof NoSuchPlace) return problem(400, error.message);
      throw error;
    }
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/status',
      summary: 'everything, at this moment, or what of it is asked for',
      query: listQuery.services,
      texts: listTexts,
      type: jsonType,
      schema: referTo('Status'),
      problems: { 400: wrongList },
      isShared: true,
      handle: (asked) =>
        listOf(asked, 'services', {
          property: 'virtuals',
          items: (virtuals) => virtuals,
          write: writeVirtual,
          headOf: (stream, listed) => ({
            ...stream.head,
            actions: site.actionNames(),
            ...(listed.isPart && { page: pageIn(stream) }),
          }),
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals',
      summary: 'the virtual services, without their servers, or those that are asked for',
      query: listQuery.services,
      texts: listTexts,
      type: jsonType,
      schema: referTo('Virtuals'),
      problems: { 400: wrongList },
      isShared: true,
      handle: (asked) =>
        listOf(asked, 'services', {
          property: 'virtuals',
          items: (virtuals) => virtuals,
          write: writeSummary,
          headOf: (stream, listed) => (listed.isPart ? { page: pageIn(stream) } : {}),
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals/{protocol}/{virtual}',
      summary: 'a virtual service; its protocol is tcp, udp, fwm or, for a mark of IPv6, fwm6',
      type: jsonType,
      schema: referTo('Virtual'),
      problems: { 404: noVirtual },
      isShared: true,
      handle: async (asked) => {
        const { protocol, virtual } = asked.named;
        const { virtuals } = await site.stream({ virtual: `${protocol}/${virtual}` });
        for await (const found of virtuals) {
          if (protocolId(found) === protocol && found.name === virtual) return made(encodeVirtual(found));
        }
        return problem(404, noVirtual);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/virtuals/{protocol}/{virtual}/history',
      summary: 'its last hour',
      type: jsonType,
      schema: referTo('VirtualHistory'),
      problems: { 404: 'nothing is known of it yet, or it is not there' },
      isShared: true,
      handle: ({ named: { protocol = '', virtual = '' } }) => {
        const found = site.history.of(protocol, virtual);
        return found === null
          ? problem(404, 'nothing is known of this virtual service yet')
          : made(encodeHistory(found));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/history',
      summary: 'the last hour of all virtual services together',
      type: jsonType,
      schema: referTo('History'),
      problems: { 404: 'nothing is known yet' },
      isShared: true,
      handle: () => {
        const found: HistoryAnswer | null = site.history.whole();
        return found === null ? problem(404, 'nothing is known yet') : json(found);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/servers',
      summary: 'the real servers of all virtual services, or those that are asked for, each with its service',
      query: listQuery.servers,
      texts: listTexts,
      type: jsonType,
      schema: referTo('Servers'),
      problems: { 400: wrongList },
      isShared: true,
      handle: (asked) =>
        listOf<ServerPlace>(asked, 'servers', {
          property: 'places',
          items: placesOf,
          write: writePlace,
          headOf: pageIn,
        }),
    },
    {
      method: 'GET',
      path: '/api/v1/servers/{server}',
      summary:
        'a real server in each virtual service that has it: ADDRESS:PORT, or as it is called in the configuration',
      type: jsonType,
      schema: referTo('ServerPlaces'),
      problems: { 404: noServer },
      isShared: true,
      handle: async ({ named: { server = '' } }) => {
        const places = await placesCalled(server, site.stream);
        return places.length === 0 ? problem(404, noServer) : made(encodePlaces(server, places));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/servers/{server}/events',
      summary: 'what happened to it of late, the oldest first, as far back as events are kept',
      query: eventQuery,
      type: jsonType,
      schema: referTo('Events'),
      problems: { 400: 'after or limit is no whole number', 404: noServer },
      isShared: true,
      handle: async (asked) => {
        const { server = '' } = asked.named;
        const places = await placesCalled(server, site.stream);
        if (places.length === 0) return problem(404, noServer);
        const names = new Set(places.map(({ status }) => status.name));
        return events(asked, ({ event }) => names.has(subjectOf(event)?.server ?? ''));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/events',
      summary: 'what happened of late, the oldest first',
      query: eventQuery,
      type: jsonType,
      schema: referTo('Events'),
      problems: { 400: 'after or limit is no whole number' },
      isShared: true,
      handle: (asked) => events(asked, () => true),
    },
    {
      method: 'GET',
      path: '/events',
      summary:
        'events as they happen, as server-sent events; Last-Event-ID resumes, and an event `reset` says that some were missed',
      type: 'text/event-stream',
      problems: { 503: 'too many follow already' },
      handle: ({ headers, address }) => {
        const last = headers['last-event-id'];
        return site.events.open(typeof last === 'string' ? last : undefined, address);
      },
    },
  ];
}

/** Null where the query is wrong. */
function recentEvents(
  chronicle: Chronicle,
  { query }: Asked,
  isAbout: (recorded: Recorded) => boolean,
): readonly Recorded[] | null {
  const after = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? usualEvents);
  if (![after, limit].every((value) => Number.isInteger(value) && value >= 0)) return null;
  return limit === 0 ? [] : chronicle.recent(after).filter(isAbout).slice(-limit);
}

interface ListShape<T> {
  readonly property: string;
  readonly items: (virtuals: AsyncGenerator<VirtualStatus>) => AsyncIterable<T>;
  readonly write: Writing<T>;
  readonly headOf: (stream: StatusStream, listed: Listed) => object;
}

function pageIn({ found, next }: StatusStream): PageAnswer {
  return { found, next };
}

async function* placesOf(virtuals: AsyncIterable<VirtualStatus>): AsyncGenerator<ServerPlace> {
  for await (const virtual of virtuals) yield* placesIn(virtual);
}
