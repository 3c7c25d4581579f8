/** A process that asks for addresses, so that many questions wait at once: libuv lets half of its threads do so. */

import '../process/debugger-signal.js';

import { systemLookup } from '../config/resolve.js';
import type { Family } from '../model/config.js';

/** A question of the parent, and what it is told. */
export interface Question {
  readonly id: number;
  readonly name: string;
  readonly family: Family;
}
export type Reply = { readonly id: number } & ({ readonly address: string } | { readonly reason: string });

process.on('message', ({ id, name, family }: Question) => {
  const reply = (reply: Reply): void => void process.send?.(reply, undefined, {}, () => {});
  systemLookup(name, family).then(
    (address) => reply({ id, address }),
    (error: Error) => reply({ id, reason: error.message }),
  );
});

// Not by an exit, which waits for the threads: some of them may be asking a name server that is away.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
