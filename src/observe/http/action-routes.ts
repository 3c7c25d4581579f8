/** The API of what can be done: for the bearer of the token alone. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isReason, longestReason } from '../../model/origin.js';
import type { Actions } from '../../status/actions.js';
import type { Page, Selection } from '../../status/selection.js';
import { placesCalled } from '../../status/server-places.js';
import type { StatusStream } from '../../status/streamed.js';
import { type HttpAnswer, json, problem } from './answer.js';
import { bears } from './bearer.js';
import type { Asked, Route } from './router.js';
import { referTo } from './schemas/schema.js';
import type { ActionAnswer, ActionName } from './shapes.js';
import type { Turns } from './turns.js';

export interface Steering {
  readonly stream: (selection: Selection, page?: Page) => Promise<StatusStream>;
  /** Null where nobody can act, or nobody may: no token is set. */
  readonly steering: () => { readonly actions: Actions; readonly token: string } | null;
  readonly turns: Turns;
}

/** Milliseconds for an action. */
const deadline = 20_000;

const summaries: Readonly<Record<ActionName, string>> = {
  drain: 'takes a real server out of use: no new connections, established ones go on',
  undrain: 'takes a drained real server back into use',
};

const queries: Readonly<Record<ActionName, Readonly<Record<string, string>>>> = {
  drain: {
    reason: `why, shown wherever it is shown that it is drained; at most ${longestReason} characters`,
    force: '`true` takes it out although it is the last server in use of a virtual service',
  },
  undrain: { reason: 'why, told where it is told that it is in use again' },
};

const problems = {
  400: 'the reason is too long, or not one line that can be printed; or `force` is neither `true` nor `false`',
  401: 'the request does not bear the token',
  403: 'no token is set: nobody may act over HTTP',
  404: 'no virtual service has a server that is called so',
  409: 'it could not be done; says why. With `code` `last-server` it is done with `force=true`',
  504: 'it was not done in time; it may be done still',
};

/** Names of the actions that there are. */
export const actionNames: readonly ActionName[] = ['drain', 'undrain'];

export function actionRoutes(site: Steering): readonly Route[] {
  return actionNames.map((action) => ({
    method: 'POST',
    path: `/api/v1/servers/{server}/${action}`,
    summary: summaries[action],
    query: queries[action],
    type: 'application/json',
    schema: referTo('Action'),
    problems,
    handle: (asked) => act(site, action, asked),
  }));
}

async function act(
  site: Steering,
  action: ActionName,
  { named: { server = '' }, headers, query }: Asked,
): Promise<HttpAnswer> {
  const steering = site.steering();
  if (steering === null) return problem(403, 'nobody may act over HTTP: set httptokenfile in ldirectord.ini');
  const authorization = headers['authorization']?.toString();
  if (!bears(authorization, steering.token)) {
    const detail = authorization === undefined ? 'send the token: Authorization: Bearer TOKEN' : 'the token is wrong';
    return problem(401, detail, { 'WWW-Authenticate': 'Bearer' });
  }
  const asked = askedIn(query);
  if (asked === null) return problem(400, problems[400]);
  const places = await placesCalled(server, site.stream);
  if (places.length === 0) return problem(404, problems[404]);
  const timer = new AbortController();
  const late = sleep(deadline, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  try {
    const outcome = await Promise.race([steering.actions[action](server, asked), late]);
    return outcome === 'late' ? problem(504, problems[504]) : json({ server, action } satisfies ActionAnswer);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return problem(409, message, {}, code === 'last-server' ? code : null);
  } finally {
    timer.abort();
  }
}

/** Null where it makes no sense. */
function askedIn(query: URLSearchParams): { readonly why: string | null; readonly force: boolean } | null {
  const [reason, force] = [query.get('reason') ?? '', query.get('force') ?? 'false'];
  if ((reason !== '' && !isReason(reason)) || (force !== 'true' && force !== 'false')) return null;
  return { why: reason === '' ? null : reason.trim(), force: force === 'true' };
}
