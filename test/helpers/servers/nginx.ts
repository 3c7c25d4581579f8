/** nginx from the package nginx-light: HTTP/1.1 and HTTP/2, in clear and over TLS, as its configuration says. */

import { type ServerProgram, startServer } from './server-program.js';

export interface NginxOptions {
  /** What `listen` gets behind the port, such as `ssl http2`. */
  readonly listen?: string;
  /** Directives of the server block; files stand in $directory. */
  readonly server: (directory: string) => string;
  readonly files?: Readonly<Record<string, string>>;
}

export function startNginx({ listen = '', server, files = {} }: NginxOptions): Promise<ServerProgram> {
  return startServer({
    program: 'nginx',
    args: ({ directory }) => ['-p', directory, '-e', 'stderr', '-c', `${directory}/nginx.conf`],
    files: ({ directory, address, port }) => ({
      'nginx.conf': `
daemon off;
master_process off;
pid ${directory}/pid;
events {}
http {
  access_log ${directory}/access.log;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n')}
  server {
    listen ${address}:${port} ${listen};
    ${server(directory)}
  }
}
`,
      ...files,
    }),
  });
}
