/** Errors that nobody foresaw, injected into sockets, servers, requests and responses of this process. */

import diagnostics from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';

const channels = ['net.client.socket', 'net.server.socket', 'http.server.request.start', 'http.server.response.finish'];

/** How many errors were emitted while the work went on: by each emitter at the ages, in turns of the loop, that are asked for. */
export async function amidErrors(at: (age: number) => boolean, work: () => Promise<unknown>): Promise<number> {
  const ages = new Map<EventEmitter, number>();
  const take = (value: unknown): void => {
    if (value instanceof EventEmitter && !ages.has(value)) ages.set(value, 0);
  };
  const listener = (message: unknown): void => {
    for (const value of Object.values(message as Record<string, unknown>)) take(value);
  };
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...given: unknown[]) {
    take(this);
    return Reflect.apply(listen, this, given);
  };
  for (const channel of channels) diagnostics.subscribe(channel, listener);
  let emitted = 0;
  let isDone = false;
  const done = work().finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  // A few turns more, for what is left.
  for (let rest = 10; rest > 0; rest -= Number(isDone)) {
    for (const [emitter, age] of ages) {
      ages.set(emitter, age + 1);
      if (!at(age) || isOver(emitter)) continue;
      emitted += 1;
      emitter.emit('error', Object.assign(new Error('injected'), { code: 'EINJECTED' }));
    }
    await setImmediate();
  }
  Server.prototype.listen = listen;
  for (const channel of channels) diagnostics.unsubscribe(channel, listener);
  await done;
  return emitted;
}

/** Node emits nothing more then. */
function isOver(emitter: EventEmitter): boolean {
  if (emitter instanceof Server) return !emitter.listening;
  return 'destroyed' in emitter && emitter.destroyed === true;
}

/** At one age each, and at all of them. */
export const moments: readonly ((age: number) => boolean)[] = [
  ...Array.from({ length: 12 }, (_, moment) => (age: number) => age === moment),
  () => true,
];
