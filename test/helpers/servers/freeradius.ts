/** FreeRADIUS from its package, with one user and one client. */

import { listensUdp } from '../datagram-peer.js';
import { lacks } from '../programs.js';
import { type ServerProgram, startServer } from './server-program.js';

export const freeRadiusMissing = lacks('freeradius');

/** `users` is the file of that name; `proof` is whether a Message-Authenticator is demanded of every request. */
export function startFreeRadius(secret: string, users: string, proof: 'yes' | 'no' = 'yes'): Promise<ServerProgram> {
  return startServer({
    program: 'freeradius',
    args: ({ directory }) => ['-f', '-l', 'stdout', '-d', directory],
    files: ({ directory, address, port }) => ({
      dictionary: '$INCLUDE /usr/share/freeradius/dictionary\n',
      users,
      'radiusd.conf': `
name = radiusd
prefix = /usr
libdir = /usr/lib/freeradius
run_dir = ${directory}
pidfile = ${directory}/radiusd.pid
security {
  allow_vulnerable_openssl = yes
}
thread pool {
  start_servers = 1
  max_servers = 1
  min_spare_servers = 1
  max_spare_servers = 1
}
client tests {
  ipaddr = ${address}
  secret = "${secret}"
  require_message_authenticator = ${proof}
}
modules {
  pap {
  }
  files {
    filename = ${directory}/users
  }
}
server tests {
  listen {
    type = auth
    ipaddr = ${address}
    port = ${port}
  }
  authorize {
    files
    pap
  }
  authenticate {
    pap
  }
}
`,
    }),
    ready: listensUdp,
  });
}
