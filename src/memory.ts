/** What a run knows of what was: as it begins, what the one before has kept. */

import type { Keeper } from './kept/keeper.js';
import { History } from './observe/http/history.js';
import { KeptHistory } from './observe/http/kept-history.js';
import { KeptEvents } from './observe/kept-events.js';
import { Chronicle } from './status/chronicle.js';
import { KeptTimes } from './status/kept-times.js';
import { StateTimes } from './status/state-times.js';

export interface Memory {
  readonly chronicle: Chronicle;
  readonly times: StateTimes;
  readonly history: History;
}

/** Never rejects. */
export async function recallMemory(keeper: Keeper | undefined): Promise<Memory> {
  const [chronicle, times, history] = [new Chronicle(), new StateTimes(), new History()];
  await keeper?.recall([new KeptEvents(chronicle), new KeptTimes(times), new KeptHistory(history)]);
  return { chronicle, times, history };
}
