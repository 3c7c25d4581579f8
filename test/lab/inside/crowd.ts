/** Clients that come at a steady pace and stay. Arguments: the address and port, and how many come in a second. */

import { connect } from 'node:net';

const [host = '', port, pace] = process.argv.slice(2);
const tick = 20;
const perTick = (Number(pace) * tick) / 1_000;
/** When each that was served came, in milliseconds of Date.now(), and by whom it was. */
const served: (readonly [came: number, by: string])[] = [];
let failed = 0;
let due = 0;
let timer: NodeJS.Timeout | null = null;

function come(): void {
  due += perTick;
  for (; due >= 1; due -= 1) {
    const came = Date.now();
    const socket = connect(Number(port), host);
    socket.once('data', (name) => served.push([came, String(name)]));
    socket.on('error', () => {
      failed += 1;
    });
  }
}

process.on('message', (order: 'come' | 'tell' | 'stop') => {
  if (order === 'come') timer ??= setInterval(come, tick);
  if (order === 'stop' && timer !== null) clearInterval(timer);
  process.send?.(order === 'come' ? 'coming' : { served, failed });
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
