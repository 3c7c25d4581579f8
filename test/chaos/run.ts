/** Strikes with one fault after another, and sees after each that all is well. */

import type { Fault } from './faults.js';
import type { World } from './world.js';

export interface RunOptions {
  /** All faults are struck again until so many seconds have passed; 0 is once. */
  readonly seconds: number;
  /** What the name of a fault must have in it. */
  readonly only: string;
}

/** How long, from the environment: CHAOS_SECONDS and CHAOS_FAULT. */
export function runOptions(): RunOptions {
  const { CHAOS_SECONDS = '0', CHAOS_FAULT = '' } = process.env;
  return { seconds: Number(CHAOS_SECONDS), only: CHAOS_FAULT };
}

/** Gives what there is to say about the run. Rejects with the fault after which something was wrong. */
export async function strikeAll(
  world: World,
  faults: readonly Fault[],
  { seconds, only }: RunOptions,
): Promise<string> {
  const begin = performance.now();
  const chosen = faults.filter(({ name }) => name.includes(only));
  let struck = 0;
  do {
    for (const { name, strike } of chosen) {
      try {
        await strike(world);
        await world.settled();
      } catch (error) {
        throw new Error(`after ${struck} faults, at “${name}”: ${(error as Error).message}`, { cause: error });
      }
      struck += 1;
    }
  } while (performance.now() - begin < seconds * 1000);
  const took = Math.round((performance.now() - begin) / 1000);
  return `${struck} faults in ${took} s; each death of a server was seen within ${Math.round(Math.max(...world.noticed))} ms`;
}
