/** How a user is let in (RFC 4252): what we have is shown, one after the other, as far as the server takes its kind. */

import type ssh2 from 'ssh2';
import { lastLine } from '../faults.js';
import type { Credentials } from './access.js';
import type { OwnAgent } from './agent.js';

/** What came of it, for people. */
export interface LoginCourse {
  /** What the server takes, as it said last; null where it has said nothing. */
  offered: readonly string[] | null;
  readonly tried: string[];
  /** What it asked that is not for a password; what went wrong with a key. */
  readonly notes: string[];
  /** Nothing is left that could be tried. */
  isExhausted: boolean;
}

interface Attempt {
  readonly what: string;
  readonly method: ssh2.AnyAuthMethod;
}

export function newCourse(credentials: Credentials): LoginCourse {
  return { offered: null, tried: [], notes: [...credentials.left], isExhausted: false };
}

/** Each is tried once. The password is the answer to a question only where the server takes none by itself. */
export function loginBy(
  username: string,
  { keys, areKeysNamed, password }: Credentials,
  agent: OwnAgent | null,
  course: LoginCourse,
): ssh2.AuthHandlerMiddleware {
  const ofKeys = keys.map(({ file, key }): Attempt => {
    return { what: `the key ${file}`, method: { type: 'publickey', username, key } };
  });
  const ofAgent: Attempt[] =
    agent === null ? [] : [{ what: 'the keys of the agent', method: { type: 'agent', username, agent } }];
  const ofPassword: Attempt[] =
    password === null
      ? []
      : [
          { what: 'the password', method: { type: 'password', username, password } },
          {
            what: 'the password, as an answer',
            method: { type: 'keyboard-interactive', username, prompt: answering(password, course) },
          },
        ];
  let left = [...(areKeysNamed ? [...ofKeys, ...ofAgent] : [...ofAgent, ...ofKeys]), ...ofPassword];

  const method = (offered: readonly string[] | null): ssh2.AnyAuthMethod | false => {
    // Asked for nothing, the server says what it takes.
    if (offered === null) return { type: 'none', username };
    course.offered = offered;
    const next = left.find((attempt) => {
      const { type } = attempt.method;
      if (type === 'keyboard-interactive' && offered.includes('password')) return false;
      return offered.includes(type === 'agent' ? 'publickey' : type);
    });
    if (next === undefined) {
      course.isExhausted = true;
      return false;
    }
    left = left.filter((attempt) => attempt !== next);
    course.tried.push(next.what);
    return next.method;
  };
  return method;
}

/** Once, and to a question whose answer is not to be seen. */
function answering(password: string, course: LoginCourse): ssh2.KeyboardInteractiveAuthMethod['prompt'] {
  let isGiven = false;
  return (_name, _instructions, _language, prompts, finish) => {
    const other = prompts.find(({ echo }, index) => echo === true || index > 0 || isGiven);
    if (other !== undefined) course.notes.push(`the server asks "${lastLine(other.prompt)}"`);
    finish(prompts.length === 0 || other !== undefined ? [] : [password]);
    isGiven ||= prompts.length > 0;
  };
}
