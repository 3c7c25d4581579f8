/** Ctrl-C while machines are changed: what has begun goes on to its end; a second time it is given up. */

import { setMaxListeners } from 'node:events';

export interface Interruption {
  readonly isEnding: () => boolean;
  readonly signal: AbortSignal;
  readonly release: () => void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function interruption(): Interruption {
  const controller = new AbortController();
  // Each machine that is worked on listens.
  setMaxListeners(0, controller.signal);
  let isEnding = false;
  const onSignal = (): void => {
    if (isEnding) controller.abort();
    else process.stderr.write('ldirectord: setup: ends with what has begun; once more gives that up, too\n');
    isEnding = true;
  };
  for (const name of signals) process.on(name, onSignal);
  // A terminal that is gone is no reason to leave machines half done.
  process.stderr.on('error', () => {});
  return {
    isEnding: () => isEnding,
    signal: controller.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
