/** The web, its proxies, files, and text of any kind over TCP. */

import { bad } from '../../../helpers/bad-servers.js';
import { testCertificate } from '../../../helpers/certificate.js';
import { lacks } from '../../../helpers/programs.js';
import { memcachedMissing, startMemcached } from '../../../helpers/servers/memcached.js';
import { startNginx } from '../../../helpers/servers/nginx.js';
import { startSquid } from '../../../helpers/servers/squid.js';
import { startVsftpd, vsftpdMissing } from '../../../helpers/servers/vsftpd.js';
import { badCases, type Farm, owned, scriptedPort } from './case.js';

const alive = ['request="/alive"', 'receive="^well$"'];
const locations = `
    location = /alive { return 200 well; }
    location = /broken { return 500; }`;

const http: Farm = {
  name: 'http, https',
  missing: lacks('nginx'),
  async start(t, peers) {
    const { cert, key } = testCertificate();
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
    const truncated = await scriptedPort(t, bad.closesInBody);
    const silent = await scriptedPort(t, bad.silent);
    return [
      { service: 'http', name: 'up', port, verdict: 'up', settings: alive },
      {
        service: 'http',
        name: 'wrong answer',
        port,
        verdict: 'down',
        settings: ['request="/alive"', 'receive="sick"'],
      },
      { service: 'http', name: 'no such page', port, verdict: 'down', settings: ['request="/none"'] },
      { service: 'http', name: 'an error', port, verdict: 'down', settings: ['request="/broken"'] },
      { service: 'http', name: 'HEAD', port, verdict: 'up', settings: ['request="/alive"', 'httpmethod=HEAD'] },
      { service: 'http', name: 'silent', port: silent, verdict: 'down', settings: alive },
      {
        service: 'http',
        name: 'closes in the body',
        port: truncated,
        verdict: 'down',
        settings: ['request="/"', 'receive="hello"'],
        differs: 'it takes half a body for a whole one',
      },
      ...badCases('http', peers, {
        settings: ['request="/"'],
        differs: { garbage: 'it takes what is no HTTP for HTTP/0.9' },
      }),
      { service: 'https', name: 'up', port: secure.port, verdict: 'up', settings: alive, differs: 'it verifies' },
      { service: 'https', name: 'no TLS', port, verdict: 'down', settings: alive },
      { service: 'https', name: 'refused', port: peers.refused, verdict: 'down', settings: alive },
    ];
  },
};

const proxy: Farm = {
  name: 'http_proxy',
  missing: lacks('squid') || lacks('nginx'),
  async start(t, peers) {
    const { port: origin } = await owned(t, startNginx({ server: () => locations }));
    const { port } = await owned(t, startSquid());
    const request = `request="http://127.0.0.1:${origin}/alive"`;
    return [
      { service: 'http_proxy', name: 'up', port, verdict: 'up', settings: [request, 'receive="^well$"'] },
      { service: 'http_proxy', name: 'wrong answer', port, verdict: 'down', settings: [request, 'receive="sick"'] },
      {
        service: 'http_proxy',
        name: 'origin refused',
        port,
        verdict: 'down',
        settings: [`request="http://127.0.0.1:${peers.refused}/alive"`],
      },
      ...badCases('http_proxy', peers, { settings: [request, 'receive="^well$"'] }),
    ];
  },
};

const ftp: Farm = {
  name: 'ftp',
  missing: vsftpdMissing,
  async start(t, peers) {
    const files = { 'status.txt': 'service ok' };
    const { port } = await owned(t, startVsftpd({ files }));
    const { port: closed } = await owned(t, startVsftpd({ files, password: 'hunter2' }));
    const halfway = await scriptedPort(t, (socket) => socket.end('220 ready\r\n'));
    const file = ['request="status.txt"', 'receive="ok$"'];
    const fetched = ['request="status.txt"'];
    const right = ['login="anonymous"', 'passwd="hunter2"'];
    const wrong = ['login="anonymous"', 'passwd="wrong"'];
    const differs = 'without receive it holds whatever comes for an answer';
    return [
      { service: 'ftp', name: 'up', port, verdict: 'up', settings: file },
      {
        service: 'ftp',
        name: 'wrong answer',
        port,
        verdict: 'down',
        settings: ['request="status.txt"', 'receive="x"'],
      },
      { service: 'ftp', name: 'no such file', port, verdict: 'down', settings: ['request="none"', 'receive="."'] },
      {
        service: 'ftp',
        name: 'no such file, no receive',
        port,
        verdict: 'down',
        settings: ['request="none"'],
        differs,
      },
      { service: 'ftp', name: 'right password', port: closed, verdict: 'up', settings: [...right, ...file] },
      { service: 'ftp', name: 'wrong password', port: closed, verdict: 'down', settings: [...wrong, ...file] },
      {
        service: 'ftp',
        name: 'wrong password, no receive',
        port: closed,
        verdict: 'down',
        settings: [...wrong, ...fetched],
        differs,
      },
      ...badCases('ftp', peers, { settings: file, halfway }),
      { service: 'ftp', name: 'refused, no receive', port: peers.refused, verdict: 'down', settings: fetched, differs },
    ];
  },
};

const simpletcp: Farm = {
  name: 'simpletcp',
  missing: memcachedMissing,
  async start(t, peers) {
    const { port } = await owned(t, startMemcached());
    const version = ['request="version\\n"', 'receive="^VERSION"'];
    const nonsense = ['request="nonsense\\n"', 'receive="VERSION"'];
    return [
      { service: 'simpletcp', name: 'up', port, verdict: 'up', settings: version },
      { service: 'simpletcp', name: 'wrong answer', port, verdict: 'down', settings: nonsense },
      ...badCases('simpletcp', peers, { settings: version }),
    ];
  },
};

export const web: readonly Farm[] = [http, proxy, ftp, simpletcp];
