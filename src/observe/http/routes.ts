/** What there is to ask for: one row a route. */

import type { PageFile } from '../page/files.js';
import { actionRoutes, type Steering } from './action-routes.js';
import { type HttpAnswer, json, problem, text } from './answer.js';
import type { Flow } from './flow.js';
import { openApi } from './openapi.js';
import type { Asked, Route } from './router.js';
import { type Looking, statusRoutes } from './status-routes.js';

/** What the routes are about. */
export interface Site extends Looking, Steering {
  readonly version: string;
  /** Why this director could not take over from another one; none where it could. */
  readonly unready: () => readonly string[];
  /** All metrics as text. */
  readonly metrics: () => Promise<HttpAnswer | Flow>;
  readonly files: ReadonlyMap<string, PageFile>;
}

export function routesOf(site: Site): readonly Route[] {
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/',
      summary: 'the status page',
      type: 'text/html',
      handle: (asked) => pageFile(site, 'index.html', asked),
    },
    {
      method: 'GET',
      path: '/page/{file}',
      summary: 'what the status page is made of',
      type: 'application/octet-stream',
      problems: { 404: 'there is no such file' },
      handle: (asked) => pageFile(site, asked.named['file'] ?? '', asked),
    },
    {
      method: 'GET',
      path: '/healthz',
      summary: 'whether the process runs and its loop turns',
      type: 'text/plain',
      handle: () => text(200, 'ok'),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary:
        'whether this director could take over: the first table stands, each service has had a first result, and what `[sync]` asks for has run long enough',
      type: 'text/plain',
      problems: { 503: 'it could not, or the daemon stops; `detail` says why' },
      handle: () => {
        const unready = site.unready();
        return unready.length === 0 ? text(200, 'ready') : problem(503, `not ready: ${unready.join('; ')}`);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'all metrics, for Prometheus',
      type: 'text/plain',
      isShared: true,
      handle: () => site.metrics(),
    },
    ...statusRoutes(site),
    ...actionRoutes(site),
  ];
  const described: Route = {
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'this description',
    type: 'application/json',
    handle: () => document,
  };
  routes.push(described);
  const document = json(openApi(routes, site.version));
  return routes;
}

/** What can be asked for, without what answers it. */
export function describeRoutes(): readonly Omit<Route, 'handle'>[] {
  return routesOf({ version: '' } as Site);
}

function pageFile({ files }: Site, name: string, { headers }: Asked) {
  const file = files.get(name);
  if (file === undefined) return problem(404, 'there is no such file');
  const { type, body, etag } = file;
  // Asked for anew each time, since a new version of the program has new files; answered shortly while they are the same.
  const common = { 'Content-Type': type, 'Cache-Control': 'no-cache', ETag: etag };
  const known = String(headers['if-none-match'] ?? '');
  if (known.split(',').some((tag) => tag.trim() === etag)) return { status: 304, headers: common, body: [] };
  return { status: 200, headers: common, body };
}
