/** When checks arrive at the servers, and how many: seen from the servers' side, the same for every peer. */

import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { type Arrivals, readArrivals } from './lateness.js';
import { Program } from './program.js';
import type { Kind } from './scenario.js';

export interface Capture {
  /** Ends it and returns what arrived; rejects where something was lost. */
  finish(): Promise<Arrivals>;
}

/** Milliseconds for the program to begin. */
const patience = 10_000;

export async function startCapture(bench: Bench, kind: Kind, port: number): Promise<Capture> {
  const file = join(bench.folder, 'arrivals');
  const output = await open(file, 'w');
  const words = kind === 'ping' ? ['ping'] : [kind === 'kept' ? 'data' : 'syn', String(port)];
  const program = new Program({
    command: [bench.native.arrivals, ...words],
    cores: [bench.cores.load],
    stdout: output.fd,
  });
  bench.resources.add(async () => {
    await program.stop();
    await output.close();
  });
  let complaint = '';
  program.onLine(({ text }) => {
    if (text !== 'ready') complaint = text;
  });
  await program.lines(/^ready$/, 1, patience);
  return {
    async finish() {
      await program.stop();
      if (complaint !== '') throw new Error(`arrivals: ${complaint}`);
      return readArrivals(await readFile(file));
    },
  };
}
