/** A server that follows a script: each text is awaited from the client and answered. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from '../../../src/probes/probe.js';
import { listen } from '../listener.js';
import { assertVerdict } from '../verdict.js';

/** What is sent; several pieces go as packets of their own. */
type Said = string | readonly (string | Buffer)[];

export interface Scripted {
  /** Runs a check against the server, once, and says what came of it; closes the server. */
  check(check: Check, ok: boolean, reason: string | RegExp): Promise<void>;
}

/** Sends the greeting, then an answer for each text in turn; what the client says beyond the script is passed over. */
export async function scripted(greeting: Said, script: readonly (readonly [RegExp, Said])[]): Promise<Scripted> {
  const unexpected: string[] = [];
  const server = await listen((socket) => {
    // Who has said all that he will wants to hear the rest of the script, and then the end.
    socket.allowHalfOpen = true;
    socket.on('end', () => void sending.then(() => socket.end()));
    let step = 0;
    let sending = say(greeting);
    socket.on('data', (data) => {
      const [pattern, answer] = script[step] ?? [];
      step += 1;
      const text = data.toString('utf8');
      if (pattern === undefined || answer === undefined) return;
      if (!pattern.test(text)) unexpected.push(text);
      sending = sending.then(() => say(answer));
    });
    async function say(said: Said): Promise<void> {
      for (const piece of [said].flat()) {
        socket.write(piece);
        await sleep(10);
      }
    }
  });
  return {
    async check(check, ok, reason) {
      try {
        await assertVerdict({ ...check, port: server.port }, ok, reason);
        assert.deepEqual(unexpected, []);
      } finally {
        await server.close();
      }
    },
  };
}
