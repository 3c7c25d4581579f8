/** Kamailio from its package: it answers OPTIONS, to one user where there is one. */

import { join } from 'node:path';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const kamailioMissing = lacks('kamailio');

export interface KamailioOptions {
  /** Who may ask; without one everybody may. */
  readonly user?: { readonly name: string; readonly password: string };
  /** The status and the words that everybody is answered with. */
  readonly answer?: readonly [status: number, phrase: string];
}

export function startKamailio({ user, answer = [200, 'OK'] }: KamailioOptions = {}): Promise<ServerProgram> {
  return startServer({
    program: 'kamailio',
    args: ({ directory }) => [
      ...['-DD', '-E', '-f', join(directory, 'kamailio.cfg')],
      ...['-Y', directory, '-P', join(directory, 'pid'), '-m', '16', '-M', '4'],
    ],
    files: ({ address, port }) => ({
      'kamailio.cfg': `#!KAMAILIO
debug=1
children=1
tcp_children=1
listen=udp:${address}:${port}
listen=tcp:${address}:${port}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "auth.so"
request_route {
${user ? challenge(user) : ''}
  sl_send_reply("${answer[0]}", "${answer[1]}");
  exit;
}
`,
    }),
  });
}

function challenge({ name, password }: { readonly name: string; readonly password: string }): string {
  return `
  if ($au != "${name}" || !pv_www_authenticate("$fd", "${password}", "0")) {
    www_challenge("$fd", "1");
    exit;
  }`;
}
