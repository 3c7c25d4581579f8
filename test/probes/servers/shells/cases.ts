/** What SSH servers are asked. All have one user, monitor. */

import { type Case, stopped } from '../case.js';

export const right = 'login="monitor"\npasswd="hunter2"';
export const wrong = 'login="monitor"\npasswd="hunter3"';

export const greeted: Case = { name: 'no login', ask: '', up: true, says: /^(key exchange|greeting|response): / };
export const loggedIn: Case = { name: 'right password', ask: right, up: true, says: /^login: accepted$/ };
export const refused: Case = {
  name: 'wrong password',
  ask: wrong,
  up: false,
  says: /^login: the server refuses this user with this password$/,
};
export const command: Case = {
  name: 'command',
  ask: `${right}\nrequest="echo all is well"\nreceive="well"`,
  up: true,
  says: /^command: exit status 0, the output matches$/,
};
export const failedCommand: Case = {
  name: 'failed command',
  ask: `${right}\nrequest="exit 3"`,
  up: false,
  says: /^command: exit status 3$/,
};
export const stoppedShell: Case = stopped(right);
