/** Everything that both are asked. */

import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { connectionQuestions } from './connection-questions.js';
import { mailQuestions } from './mail-questions.js';
import { programQuestions } from './program-questions.js';
import type { Farm, Question } from './question.js';
import { realMail } from './real-mail.js';
import { realStores } from './real-stores.js';
import { realWeb } from './real-web.js';
import { storeQuestions } from './store-questions.js';
import { textQuestions } from './text-questions.js';
import { webQuestions } from './web-questions.js';

export const farms: readonly Farm[] = [...realWeb, ...realMail, ...realStores];

/** By script; the files of programs go with the test. */
export async function questions(t: TestContext): Promise<Question[]> {
  return [
    ...webQuestions(),
    ...mailQuestions(),
    ...textQuestions(),
    ...storeQuestions(),
    ...connectionQuestions(),
    ...(await programQuestions(await temporaryDirectory(t))),
  ];
}
