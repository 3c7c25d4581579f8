/** A client: asks when it is told to, and streams requests in between. Each request has a connection of its own. */

import { Agent, get } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Order } from './client.js';

/** Milliseconds until a request has failed, where nobody says another time. */
const usualPatience = 2_000;
/** Milliseconds between two requests of a stream. */
const pace = 20;

const held = new Agent({ keepAlive: true, maxSockets: 1 });
let streaming = false;
let streamed: Promise<Answer[]> = Promise.resolve([]);

async function ask(url: string, agent: Agent | false = false, patience = usualPatience): Promise<Answer> {
  const started = Date.now();
  try {
    const answer = await new Promise<{ from: string; reused: boolean }>((resolve, reject) => {
      const request = get(url, { agent, timeout: patience }, (response) => {
        textOf(response).then((from) => resolve({ from, reused: request.reusedSocket }), reject);
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', reject);
    });
    return { started, ...answer };
  } catch (error) {
    return { started, from: null, reused: false, error: (error as Error).message };
  }
}

async function stream(url: string, patience: number | undefined): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (streaming) {
    answers.push(await ask(url, false, patience));
    await sleep(pace);
  }
  return answers;
}

async function carryOut(order: Order): Promise<Answer[]> {
  switch (order.do) {
    case 'ask': {
      const answers: Answer[] = [];
      for (let count = 0; count < order.times; count += 1) answers.push(await ask(order.url));
      return answers;
    }
    case 'hold':
      return [await ask(order.url, held)];
    case 'stream':
      streaming = true;
      streamed = stream(order.url, order.patience);
      return [];
    case 'end':
      streaming = false;
      return await streamed;
  }
}

process.on('message', (order: Order) => void carryOut(order).then((answers) => process.send?.(answers)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
