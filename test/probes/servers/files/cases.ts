/** What FTP servers are asked. All have one user, monitor, and one file. */

import type { Case } from '../case.js';

export const content = 'all is well';
export const right = 'login="monitor"\npasswd="hunter2"';
const fetch = 'request="status.txt"';

export function upCase(name: string, ask: string): Case {
  return { name, ask, up: true, says: /^response: / };
}

export function downCase(name: string, ask: string, says: RegExp): Case {
  return { name, ask, up: false, says };
}

export const greeted = upCase('no login', '');
export const loggedIn = upCase('right password', right);
export const fetched = upCase('file', `${right}\n${fetch}\nreceive="${content}"`);

export function refused(tls = ''): Case {
  return downCase('wrong password', `${tls}\nlogin="monitor"\npasswd="hunter3"`, /^login: the server says "530 /);
}

/** `tls` is how TLS is spoken, if at all. */
export function filesCases(tls = ''): Case[] {
  const under = (ask: string): string => (tls === '' ? ask : `${tls}\n${ask}`);
  return [
    { ...loggedIn, ask: under(right) },
    { ...fetched, ask: under(`${right}\n${fetch}\nreceive="${content}"`) },
    upCase('file by its path', under(`${right}\nrequest="/status.txt"`)),
    downCase('no such file', under(`${right}\nrequest="none.txt"`), /^query: the server says "550 /),
    downCase('another content', under(`${right}\n${fetch}\nreceive="all is ill"`), /^response: no match for/),
  ];
}
