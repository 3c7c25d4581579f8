/** `help`: the manual’s pages and the verbs’ own help, without an installation. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileOf, type Page, pageOf, pages } from '../manual/pages.js';
import { plainText } from '../manual/plain.js';
import { root } from '../root.js';
import { type Command, done, usage } from './command.js';
import { table, verbHelp } from './help.js';
import { verbRow, verbTable } from './table.js';

/** Columns where nobody says how many there are, and the most that are pleasant to read. */
const usualWidth = 80;
const mostWidth = 100;

export async function showManual({ args: [topic, ...more] }: Command): Promise<number> {
  if (more.length > 0) throw usage('help: takes one TOPIC');
  if (topic === undefined) {
    process.stdout.write(topics());
    return done;
  }
  const verb = verbRow(topic);
  const page = pageOf(topic);
  if (verb !== undefined) process.stdout.write(verbHelp(verb));
  else if (page === undefined)
    throw usage(`help: there is nothing about '${topic}'; 'ldirectord help' lists the topics`);
  else await show(page);
  return done;
}

function topics(): string {
  const rows = pages.map(({ topic, summary }) => [topic, summary] as const);
  const verbs = verbTable.map(({ name, summary }) => [name, summary] as const);
  return `Usage: ldirectord help [TOPIC]

Pages of the manual
${table(rows)}
Verbs
${table(verbs)}`;
}

/** On a terminal as its reader is used to; elsewhere, and where there is no man(1), as plain text. */
async function show(page: Page): Promise<void> {
  const path = fileURLToPath(new URL(`man/${fileOf(page)}`, root));
  const text = await readFile(path, 'utf8');
  const { isTTY, columns } = process.stdout;
  if (isTTY && (await isShownByMan(path))) return;
  const width = isTTY ? Math.min(columns || usualWidth, mostWidth) : usualWidth;
  process.stdout.write(plainText(text, width));
}

async function isShownByMan(path: string): Promise<boolean> {
  // What is typed is for the pager, which ends by itself.
  const onInterrupt = (): void => {};
  process.on('SIGINT', onInterrupt);
  try {
    const man = spawn('man', ['-l', path], { stdio: 'inherit' });
    const [status] = (await once(man, 'exit')) as [number | null];
    return status === 0;
  } catch {
    return false;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
