/** From a request to its answer, whatever happens in between. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, problem, type Stream, send, size, stream } from './answer.js';
import { turnedAway } from './gate.js';
import type { Handle } from './listener.js';
import type { Route } from './router.js';
import { Router } from './router.js';

/** Bytes of an answer that several clients at once may not all have waiting for them, and how many may. */
const large = 256 * 1024;
const largeAtOnce = 16;

/** Answers requests by the routes. `isLoopback`: whether the listener is for this machine alone. */
export function answering(routes: readonly Route[], isLoopback: boolean): Handle {
  const router = new Router(routes);
  let largeNow = 0;

  return (request, response) => {
    void respond(request, response);
  };

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Broken connections show as the end of the response.
    request.on('error', () => {});
    response.on('error', () => {});
    const answer = await answerTo(router, request, isLoopback);
    if (response.destroyed) return;
    if ('begin' in answer) {
      if (request.method === 'HEAD') await send(request, response, { status: 200, headers: answer.headers, body: [] });
      else stream(response, answer);
      return;
    }
    if (size(answer) <= large) {
      await send(request, response, answer);
      return;
    }
    if (largeNow >= largeAtOnce) {
      const busy = problem(503, `${largeAtOnce} large answers are under way`, { 'Retry-After': '1' });
      await send(request, response, busy);
      return;
    }
    largeNow += 1;
    await send(request, response, answer);
    largeNow -= 1;
  }
}

async function answerTo(router: Router, request: IncomingMessage, isLoopback: boolean): Promise<Answer | Stream> {
  const { method = '', headers, url = '/' } = request;
  const away = turnedAway(
    {
      method,
      host: headers.host,
      contentLength: headers['content-length'],
      transferEncoding: headers['transfer-encoding'],
    },
    isLoopback,
  );
  if (away !== null) return away;
  const [path = '/', query = ''] = url.split('?', 2);
  const found = router.find(method, path);
  if (!('route' in found)) return found;
  try {
    return await found.route.handle({ named: found.named, query: new URLSearchParams(query), headers });
  } catch (error) {
    // What an answer is made of can fail for one reason only: the table cannot be read.
    return problem(503, `nothing is known at this moment: ${(error as Error).message}`);
  }
}
