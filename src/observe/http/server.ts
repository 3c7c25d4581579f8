/** From a request to its answer, whatever happens in between. */

import type { IncomingMessage } from 'node:http';
import { flow, type HttpAnswer, problem, type Stream, send, size, stream } from './answer.js';
import { Compressed, leastCompressed, newGzip, takesGzip } from './compress.js';
import type { Flow } from './flow.js';
import { type Head, targetOf, turnAway } from './gate.js';
import type { Handle } from './listener.js';
import { type Asked, type Found, type Route, Router } from './router.js';
import { Shared } from './shared.js';

/** Bytes of answers that wait for clients to take them off, all together; one alone may be larger. */
const mostWaiting = 64 * 1024 * 1024;

/** Answers that are made while they are taken off, at once. */
const mostFlows = 8;

/** Answers requests by the routes. `isLoopback`: whether the listener is for this machine alone. */
export function handlerFor(routes: readonly Route[], isLoopback: boolean): Handle {
  const router = new Router(routes);
  const shared = new Shared<Answer>();
  const compressed = new Compressed();
  let waiting = 0;
  let flows = 0;

  return (request, response, client) => {
    // Broken connections show as the end of the response.
    request.on('error', () => {});
    response.on('error', () => {});
    void respond(request, response, client);
  };

  async function respond(...[request, response, client]: Parameters<Handle>): Promise<void> {
    const answer = await answerTo(request, client.address);
    if ('begin' in answer) {
      if (request.method === 'HEAD') await send(request, response, { status: 200, headers: answer.headers, body: [] });
      else stream(response, answer, client);
      return;
    }
    if ('parts' in answer) {
      if (flows >= mostFlows) {
        await send(
          request,
          response,
          problem(503, `${mostFlows} such answers are being taken off`, { 'Retry-After': '1' }),
        );
        return;
      }
      flows += 1;
      try {
        await flow(request, response, answer, takesGzip(acceptedBy(request)) ? newGzip() : null);
      } finally {
        flows -= 1;
      }
      return;
    }
    const sent = await encodeAnswer(answer, request);
    const bytes = size(sent);
    if (waiting > 0 && waiting + bytes > mostWaiting) {
      await send(request, response, problem(503, 'too many answers wait for their readers', { 'Retry-After': '1' }));
      return;
    }
    waiting += bytes;
    await send(request, response, sent);
    waiting -= bytes;
  }

  async function answerTo(request: IncomingMessage, address: string): Promise<Answer> {
    const head = headOf(request);
    const away = turnAway(head, isLoopback);
    if (away !== null) return away;
    const { path, query } = targetOf(head);
    const found = router.find(head.method, path);
    if (!('route' in found)) return found;
    const { route, named } = found;
    const asked: Asked = { named, query: new URLSearchParams(query), headers: request.headers, address };
    const answer = async (): Promise<Answer> => route.handle(asked);
    try {
      return await (route.isShared ? shared.get(nameOf(found, asked), answer) : answer());
    } catch (error) {
      // What an answer is made of can fail for one reason only: the table cannot be read.
      return problem(503, `nothing is known at this moment: ${(error as Error).message}`);
    }
  }

  async function encodeAnswer(answer: HttpAnswer, { headers }: IncomingMessage): Promise<HttpAnswer> {
    if (size(answer) < leastCompressed) return answer;
    const common = { ...answer.headers, Vary: 'Accept-Encoding' };
    if (!takesGzip(acceptedBy({ headers }))) return { ...answer, headers: common };
    const body = await compressed.of(answer.body);
    if (body === null) return { ...answer, headers: common };
    return { ...answer, headers: { ...common, 'Content-Encoding': 'gzip' }, body };
  }
}

type Answer = HttpAnswer | Flow | Stream;

function acceptedBy({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return String(headers['accept-encoding'] ?? '');
}

function headOf({ method = '', url = '/', headers, headersDistinct }: IncomingMessage): Head {
  return {
    method,
    target: url,
    hosts: headersDistinct['host'] ?? [],
    contentLength: headers['content-length'],
    transferEncoding: headers['transfer-encoding'],
  };
}

/** One for all requests that get the same answer: by what stands in the path, and as much of the query as the route reads. */
function nameOf({ route, named }: Found, { query }: Asked): string {
  const read = Object.keys({ ...route.query, ...route.texts }).map((key) => query.get(key));
  return JSON.stringify([route.path, named, read]);
}
