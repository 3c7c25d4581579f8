/** Real servers of the web, its proxies, files, and text of any kind. */

import { testAuthority } from '../helpers/certificate.js';
import { freePort } from '../helpers/free-port.js';
import { lacks } from '../helpers/programs.js';
import { memcachedMissing, startMemcached } from '../helpers/servers/memcached.js';
import { startNginx } from '../helpers/servers/nginx.js';
import { startSquid } from '../helpers/servers/squid.js';
import { startVsftpd, vsftpdMissing } from '../helpers/servers/vsftpd.js';
import { at, type Farm, owned } from './question.js';

const alive = ['request="/alive"', 'receive="^well$"'];
const locations = `
    location = /alive { return 200 well; }
    location = /broken { return 500; }
    location = /away { return 302 /alive; }`;

const nginx: Farm = {
  name: 'nginx',
  missing: lacks('nginx'),
  async start(t) {
    const { cert, key } = testAuthority().issue({ names: ['127.0.0.1'] });
    const { port } = await owned(t, startNginx({ server: () => locations }));
    const secure = await owned(
      t,
      startNginx({
        listen: 'ssl',
        server: (directory) =>
          `ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;${locations}`,
        files: { 'cert.pem': cert, 'key.pem': key },
      }),
    );
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['well', alive],
      ['another answer', ['request="/alive"', 'receive="sick"']],
      ['no such page', ['request="/none"']],
      ['an error', ['request="/broken"']],
      ['HEAD', ['request="/alive"', 'httpmethod=HEAD']],
      ['a redirect', ['request="/away"', 'receive="^well$"']],
    ];
    return [
      ...(['http', 'https'] as const).flatMap((service) =>
        cases.map(([name, lines]) => ({
          name: `${service}: nginx, ${name}`,
          server: at(service === 'http' ? port : secure.port),
          lines: [`service=${service}`, ...lines],
        })),
      ),
      { name: 'https: nginx without TLS', server: at(port), lines: ['service=https', ...alive] },
      { name: 'http: nginx with TLS', server: at(secure.port), lines: ['service=http', ...alive] },
    ];
  },
};

const squid: Farm = {
  name: 'squid',
  missing: lacks('squid') || lacks('nginx'),
  async start(t) {
    const { port: origin } = await owned(t, startNginx({ server: () => locations }));
    const { port } = await owned(t, startSquid());
    const request = `request="http://127.0.0.1:${origin}/alive"`;
    const gone = `request="http://127.0.0.1:${await freePort()}/alive"`;
    const service = 'service=http_proxy';
    return [
      { name: 'http_proxy: squid', server: at(port), lines: [service, request, 'receive="^well$"'] },
      { name: 'http_proxy: squid, another answer', server: at(port), lines: [service, request, 'receive="sick"'] },
      { name: 'http_proxy: squid, nobody behind it', server: at(port), lines: [service, gone] },
    ];
  },
};

const vsftpd: Farm = {
  name: 'vsftpd',
  missing: vsftpdMissing,
  async start(t) {
    const files = { 'status.txt': 'service ok' };
    const { port } = await owned(t, startVsftpd({ files }));
    const { port: closed } = await owned(t, startVsftpd({ files, password: 'hunter2' }));
    const file = ['request="status.txt"', 'receive="ok$"'];
    const right = ['login="anonymous"', 'passwd="hunter2"'];
    const wrong = ['login="anonymous"', 'passwd="wrong"'];
    const cases: readonly (readonly [string, number, readonly string[]])[] = [
      ['a file', port, file],
      ['another file', port, ['request="status.txt"', 'receive="x"']],
      ['no such file', port, ['request="none"', 'receive="."']],
      ['no such file, no pattern', port, ['request="none"']],
      ['right password', closed, [...right, ...file]],
      ['wrong password', closed, [...wrong, ...file]],
      ['wrong password, no pattern', closed, [...wrong, 'request="status.txt"']],
    ];
    return cases.map(([name, at_, lines]) => ({
      name: `ftp: vsftpd, ${name}`,
      server: at(at_),
      lines: ['service=ftp', ...lines],
    }));
  },
};

const memcached: Farm = {
  name: 'memcached',
  missing: memcachedMissing,
  async start(t) {
    const { port } = await owned(t, startMemcached());
    return [
      {
        name: 'simpletcp: memcached',
        server: at(port),
        lines: ['service=simpletcp', 'request="version\\n"', 'receive="^VERSION"'],
      },
      {
        name: 'simpletcp: memcached, another answer',
        server: at(port),
        lines: ['service=simpletcp', 'request="nonsense\\n"', 'receive="VERSION"', 'negotiatetimeout=3'],
      },
    ];
  },
};

export const realWeb: readonly Farm[] = [nginx, squid, vsftpd, memcached];
