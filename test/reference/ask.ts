/** Puts one question to both, from one configuration text. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { checksOf, settle } from '../../src/checks/check.js';
import { countConnect, firstConnects, stageOf } from '../../src/checks/stages.js';
import { interpret } from '../../src/config/load.js';
import { runProbe } from '../../src/probes/run.js';
import type { Place, Question } from './question.js';
import type { Reference } from './reference.js';

/** How the server stands after each check, and what was said about it at last. */
export interface Answers {
  readonly ours: string;
  readonly theirs: string;
  readonly reason: string;
}

/** Seconds: many times what an answer takes, but for those who never give one. */
const patience = 30;

export async function ask(question: Question, number: number, reference: Reference, folder: string): Promise<Answers> {
  const file = `${folder}/${number}.cf`;
  const { rounds = 1 } = question;
  const ours = served(question, (text) => judge(text, rounds));
  const theirs = served(question, async (text) => {
    await writeFile(file, text);
    return await reference.ask(file, rounds, question.patience ?? patience);
  });
  const [{ standing, reason }, answer] = await Promise.all([ours, theirs]);
  return { ours: standing, theirs: answer, reason };
}

async function served<T>(question: Question, use: (text: string) => Promise<T>): Promise<T> {
  const place = await question.server();
  try {
    return await use(configurationOf(question, place));
  } finally {
    await place.close();
  }
}

function configurationOf({ lines, protocol = 'tcp', ofReal = '' }: Question, { port }: Place): string {
  const own = [`real=HERE:PORT masq${ofReal}`, `protocol=${protocol}`, ...lines].map((line) => `\t${line}\n`).join('');
  const filled = own.replaceAll('HERE', '127.0.0.1').replaceAll('PORT', String(port));
  return `checktimeout=${patience - 10}\nnegotiatetimeout=${patience - 10}\nvirtual=192.0.2.1:9999\n${filled}`;
}

async function judge(text: string, rounds: number): Promise<{ standing: string; reason: string }> {
  const { config, diagnostics } = await interpret(text, { strict: false });
  const [virtual] = config?.virtuals ?? [];
  const [real] = virtual?.realServers ?? [];
  assert.ok(virtual && real, `${text}${diagnostics.map(({ message }) => message).join('\n')}`);
  const known = settle(virtual);
  if (known !== null)
    return {
      standing: Array(rounds)
        .fill(known.up ? 'up' : 'down')
        .join(' '),
      reason: known.reason,
    };
  const check = checksOf(virtual)(real)?.check;
  assert.ok(check, text);
  const standing: string[] = [];
  let connects = firstConnects(check);
  let reason = '';
  for (let round = 0; round < rounds; round += 1) {
    const stage = stageOf(check, connects);
    const result = await runProbe(check, stage);
    connects = countConnect(check, stage, result.ok, connects);
    standing.push(result.ok === null ? 'unknown' : result.ok ? 'up' : 'down');
    reason = `${stage}: ${result.reason}`;
  }
  return { standing: standing.join(' '), reason };
}
