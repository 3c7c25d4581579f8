/** How a user of SSH is let in who has a password and nothing else. */

import type ssh2 from 'ssh2';
import { ProbeFailure, printable } from '../failure.js';

/**
 * The password once, and nothing else: no agent, no keys of the director's. Where the server does not take it by itself
 * (RFC 4252, section 8) but asks questions (RFC 4256), as those do that leave it to PAM, it is the answer to the one
 * that is not to be seen. What more a server asks is for `fail`.
 */
export function passwordLogin(
  username: string,
  password: string,
  fail: (failure: ProbeFailure) => void,
): ssh2.AuthHandlerMiddleware {
  let asked = false;
  const method = (left: readonly string[] | null): ssh2.AnyAuthMethod | false => {
    if (left === null) return { type: 'password', username, password };
    if (asked || left.includes('password') || !left.includes('keyboard-interactive')) return false;
    asked = true;
    return { type: 'keyboard-interactive', username, prompt: answers(password, fail) };
  };
  return method;
}

function answers(
  password: string,
  fail: (failure: ProbeFailure) => void,
): ssh2.KeyboardInteractiveAuthMethod['prompt'] {
  let left: string | null = password;
  return (_name, _instructions, _language, prompts, finish) => {
    const other = prompts.find(({ echo }, index) => echo === true || index > 0 || left === null);
    if (other === undefined) finish([password]);
    else fail(new ProbeFailure('login', `the server asks "${printable(other.prompt)}", which is not for a password`));
    left = null;
  };
}
