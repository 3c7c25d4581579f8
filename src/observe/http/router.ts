/** From a request's method and path to what answers it. */

import { type HttpAnswer, problem, type Stream } from './answer.js';
import type { Flow } from './flow.js';
import type { Schema } from './schemas/schema.js';

export interface Asked {
  /** What stands for the names in braces of the route's path. */
  readonly named: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where it comes from. */
  readonly address: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it: `/api/v1/servers/{server}`. */
  readonly path: string;
  readonly summary: string;
  /** What may stand in the query, and what it means: whole numbers, and texts. */
  readonly query?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  /** Of the answer when all is well. */
  readonly type: string;
  readonly schema?: Schema;
  /** What else it answers, and when. */
  readonly problems?: Readonly<Record<number, string>>;
  /** Whether the answer is the same for all who ask with the same names and the same query, for a moment. */
  readonly isShared?: true;
  readonly handle: (asked: Asked) => HttpAnswer | Stream | Promise<HttpAnswer | Flow | Stream>;
}

export interface Found {
  readonly route: Route;
  readonly named: Readonly<Record<string, string>>;
}

/** Finds the route of a request, or why there is none. */
export class Router {
  readonly #routes: readonly (readonly [pattern: RegExp, route: Route])[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => [patternOf(route.path), route]);
  }

  find(method: string, path: string): Found | HttpAnswer {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allowed = new Set<string>();
    for (const [pattern, route] of this.#routes) {
      const match = pattern.exec(path);
      if (match === null) continue;
      if (route.method === wanted) {
        const named = decode(match.groups ?? {});
        return named === null ? problem(400, 'the path has a percent sign that is no escape') : { route, named };
      }
      allowed.add(route.method === 'GET' ? 'GET, HEAD' : route.method);
    }
    if (allowed.size === 0)
      return problem(404, 'there is nothing at this path; /api/v1/openapi.json lists what there is');
    return problem(405, 'this path is not for that method', { Allow: [...allowed].join(', ') });
  }
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

function decode(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  try {
    return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return null;
  }
}
