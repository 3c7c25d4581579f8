/** What of a list is asked for in the query of a request. */

import { askedStates, askedStatesIn } from '../../status/asked-states.js';
import type { Page, Selection } from '../../status/selection.js';

const longestSearch = 200;

export const listTexts = {
  search: `what has this in its name, address or title, or a server in its reason; ${longestSearch} characters at most`,
  state: `in which state servers are, one or several with commas: ${askedStates.join(', ')}; problem is all but up`,
  virtual: 'a virtual service alone: as it is called, or `tcp/192.0.2.1:80`',
  after: 'where the page before said that this one goes on',
} as const;

export const listQuery = {
  services: {
    limit: 'so many services at most, each with all servers that are asked for',
    servers: 'so many servers of each at most, those that are not up first',
  },
  servers: { limit: 'so many servers at most' },
} as const;

export const wrongList = `limit and servers are whole numbers, limit from 1 on, search has at most ${longestSearch} characters, state is one of those that there are, and after is what the page before said`;

export interface Listed {
  readonly selection: Selection;
  readonly page: Page;
  /** Whether less than everything is asked for. */
  readonly isPart: boolean;
}

/** Null where the query is wrong. */
export function listedIn(query: URLSearchParams, of: Page['of']): Listed | null {
  const text = (name: keyof typeof listTexts): string | undefined => query.get(name) || undefined;
  const [search, state, virtual, after] = [text('search'), text('state'), text('virtual'), text('after')];
  const [limit, each] = ['limit', 'servers'].map((name) => (query.has(name) ? Number(query.get(name)) : undefined));
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1)) return null;
  if (each !== undefined && !(Number.isSafeInteger(each) && each >= 0)) return null;
  if (search !== undefined && search.length > longestSearch) return null;
  const states = state === undefined ? undefined : askedStatesIn(state.split(','));
  if (states === null) return null;
  const isPart = [search, states, virtual, limit, each, after].some((asked) => asked !== undefined);
  return { selection: { search, states, virtual }, page: { of, limit, each, after }, isPart };
}
