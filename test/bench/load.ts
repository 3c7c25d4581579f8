/** The servers that are asked: one nginx on one processor, which answers for every address of loopback. */

import { makeCertificate } from '../helpers/certificate.js';
import { freePort } from '../helpers/free-port.js';
import { startServer } from '../helpers/servers/server-program.js';
import { type Kind, page } from './scenario.js';

export interface Load {
  readonly http: number;
  readonly https: number;
  /** HTTPS without sessions to resume. */
  readonly full: number;
  /** HTTP requests that it has answered, less those of this function. */
  requests(): Promise<number>;
  close(): Promise<void>;
}

/** What of it takes long to send, and its size. */
export const largeFile = 'large';
export const largeBytes = 8_000_000;

/** Descriptors; the most connections that are open at once, and some. */
const connections = 16_384;

export async function startLoad(core: number): Promise<Load> {
  const https = await freePort();
  const full = await freePort();
  const status = await freePort();
  const { key, cert } = makeCertificate();
  const server = await startServer({
    program: 'setpriv',
    args: ({ directory }) => [
      ...['--pdeathsig', 'KILL', 'taskset', '-c', String(core)],
      ...['nginx', '-p', directory, '-e', 'stderr', '-c', `${directory}/conf`],
    ],
    files: ({ directory, port }) => ({
      conf: configuration({ directory, http: port, https, full, status }),
      'www/index.html': page,
      [`www/${largeFile}`]: 'x'.repeat(largeBytes),
      'key.pem': key,
      'cert.pem': cert,
    }),
  });
  let own = 0;
  return {
    http: server.port,
    https,
    full,
    async requests() {
      own += 1;
      const answer = await fetch(`http://127.0.0.1:${status}/`, { signal: AbortSignal.timeout(5_000) });
      return parseRequests(await answer.text()) - own;
    },
    close: () => server.close(),
  };
}

interface Place {
  readonly directory: string;
  readonly http: number;
  readonly https: number;
  readonly full: number;
  readonly status: number;
}

function configuration({ directory, http, https, full, status }: Place): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid ${directory}/pid;
worker_rlimit_nofile ${connections};
events { worker_connections ${connections}; }
http {
  access_log off;
  server_tokens off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  open_file_cache max=16;
  ssl_certificate ${directory}/cert.pem;
  ssl_certificate_key ${directory}/key.pem;
  ssl_session_cache shared:all:16m;
  root ${directory}/www;
  ${temporary.map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n  ')}
  server { listen 0.0.0.0:${http} backlog=16384; }
  server { listen 0.0.0.0:${https} ssl backlog=16384; }
  server { listen 0.0.0.0:${full} ssl backlog=16384; ssl_session_cache off; ssl_session_tickets off; }
  server { listen 127.0.0.1:${status}; location / { stub_status; } }
}
`;
}

/** The third number of `server accepts handled requests`. */
export function parseRequests(text: string): number {
  return Number(/^ \d+ \d+ (\d+)/m.exec(text)?.[1]);
}

/** Where checks of this kind go. */
export function portFor(kind: Kind, load: Load): number {
  if (kind === 'full') return load.full;
  return kind === 'https' ? load.https : load.http;
}
