/**
 * A process that keeps lines in a folder, as numbers that count up: `flood` until it is killed; `full` on a file system
 * that it fills and empties again, and says what it heard.
 */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Keeper } from '../../src/kept/keeper.js';
import { until } from './deadline.js';
import { Counted } from './keepsakes.js';

const [, , what, directory = ''] = process.argv;
const counted = new Counted('count');
const losses: string[] = [];
const keeper = new Keeper({
  directory,
  pathOf: (name) => join(directory, name),
  onLoss: (reason) => void losses.push(reason),
  pace: 5,
  retryAfter: 50,
});
await keeper.recall([counted]);
keeper.begin();
if (what === 'flood') {
  setInterval(() => counted.count(50), 1);
  process.stdout.write(`${counted.recalled.length} ${counted.lost}\n`);
} else {
  counted.count(10);
  await until('it is written', () => counted.written === counted.last);
  await writeFile(join(directory, 'others'), 'x'.repeat(1024 * 1024)).catch(() => {});
  while (losses.length === 0) {
    counted.count(1_000);
    await until('it is written or lost', () => losses.length > 0 || counted.written === counted.last);
  }
  counted.count(1_000);
  await rm(join(directory, 'others'));
  await until('it is written again', () => counted.written === counted.last);
  await keeper.close();
  process.stdout.write(JSON.stringify({ losses, last: counted.last }));
}
