/** What keys of `top` ask the daemon for. */

import { AskError } from '../control/client.js';
import type { Steered } from '../overrides/steering.js';
import type { Explanation } from '../status/model.js';
import type { Errand, Outcome } from '../terminal/top-view.js';
import type { DaemonClient } from './daemon-client.js';
import { wishOf } from './wish.js';

/** Never rejects: what goes wrong is an outcome. */
export async function carryOut(errand: Errand, client: DaemonClient): Promise<Outcome> {
  const { verb, server, virtual, force } = errand;
  try {
    if (verb === 'explain') return { explained: await explain({ server, virtual }, client), at: Date.now() };
    const wish = wishOf(verb, { force });
    const { servers, notes } = (await client.once(verb, { server, virtual, ...wish })) as Steered;
    return { notes: [...servers.flatMap(({ missing }) => missing ?? []), ...notes] };
  } catch (error) {
    const isLastServer = error instanceof AskError && error.code === 'last-server';
    return { failed: (error as Error).message, isLastServer };
  }
}

async function explain(target: Pick<Errand, 'server' | 'virtual'>, client: DaemonClient): Promise<Explanation[]> {
  const found: Explanation[] = [];
  for await (const data of client.stream('explain', { ...target })) found.push(data as Explanation);
  return found;
}
