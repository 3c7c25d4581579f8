/** The end of what has a deadline and can be given up, whichever comes first. */

import { setMaxListeners } from 'node:events';

/** Why it is over: what the signal carries. */
export type Over = { readonly code: 'timed-out'; readonly milliseconds: number } | { readonly code: 'aborted' };

export interface Limits {
  /** Milliseconds. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

export interface Deadline {
  readonly signal: AbortSignal;
  /** Once the signal has aborted. */
  over(): Over;
  /** It has no end any more, and can be given up still. */
  lift(): void;
  release(): void;
}

export function startDeadline({ deadline, signal }: Limits): Deadline {
  const controller = new AbortController();
  // Each phase of each of many runs listens.
  setMaxListeners(0, controller.signal);
  let over: Over = { code: 'aborted' };
  const end = (why: Over): void => {
    if (controller.signal.aborted) return;
    over = why;
    controller.abort();
  };
  const timer = setTimeout(end, deadline, { code: 'timed-out', milliseconds: deadline });
  const onAbort = (): void => end({ code: 'aborted' });
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  return {
    signal: controller.signal,
    over: () => over,
    lift: () => clearTimeout(timer),
    release() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
