/** Web servers and proxies of the other tests, and what can be asked of them without HTTP. */

import { lacks } from '../../../helpers/programs.js';
import { startNginx } from '../../../helpers/servers/nginx.js';
import { startSquid } from '../../../helpers/servers/squid.js';
import { inFrontOf, startPage } from '../behind.js';
import type { Case, Served } from '../case.js';
import { certificateFiles } from '../certificates.js';
import { http2, kept, page, upByPage, upCase } from '../web/pages.js';
import { startScript, writeAskingProgram } from './scripts.js';

const pages = `location / { return 200 "${page}"; }\nlocation = /broken { return 500; }`;
const settings = 'as in its own tests';
const nginx = { server: 'nginx', settings, missing: lacks('nginx') } as const;

const plain = (listen = '') => startNginx({ listen, server: () => pages });
const secure = () =>
  startNginx({
    listen: 'ssl http2',
    server: (directory) => `ssl_certificate ${directory}/cert.pem;
ssl_certificate_key ${directory}/key.pem;
${pages}`,
    files: certificateFiles(),
  });
/** With the program that asks beside it. */
async function asked() {
  const server = await plain();
  await writeAskingProgram(server.directory);
  return server;
}

const broken: Case = { name: 'broken page', ask: 'request="/broken"', up: false, says: /^response: status 500$/ };
const external = (type: string): Case => ({
  name: `checktype=${type}`,
  ask: ({ directory }) => `checkcommand="${directory}/ask.pl"`,
  up: true,
  says: /^/,
});

export const familiarWeb: readonly Served[] = [
  { ...nginx, service: 'http', start: () => plain(), cases: [upCase(), broken] },
  { ...nginx, service: 'http', settings: 'kept connections', start: () => plain(), cases: [kept, broken] },
  { ...nginx, service: 'http', settings: 'HTTP/2', start: () => plain('http2'), cases: [http2] },
  { ...nginx, service: 'https', start: secure, cases: [upCase(), broken] },
  { ...nginx, service: 'https', settings: 'kept connections', start: secure, cases: [kept] },
  {
    ...nginx,
    service: 'https',
    settings: 'kept connections, HTTP/2',
    start: secure,
    cases: [upCase('keepalive=yes\nhttpversion=2')],
  },
  { ...nginx, service: 'tls', start: secure, cases: [{ name: 'handshake', ask: '', up: true, says: /^tls: / }] },
  { ...nginx, service: 'connect', start: () => plain(), cases: [{ name: 'connection', ask: '', up: true, says: /^/ }] },
  { ...nginx, service: 'external', start: asked, cases: [external('external')] },
  { ...nginx, service: 'external-perl', start: asked, cases: [external('external-perl')] },
  {
    server: 'Squid',
    settings,
    service: 'http_proxy',
    missing: lacks('squid'),
    start: () => inFrontOf(startPage(page), () => startSquid()),
    cases: [
      {
        name: 'page',
        ask: ({ behind }) => `request="http://127.0.0.1:${behind}/"\nreceive="${page}"`,
        up: true,
        says: upByPage,
      },
    ],
  },
  {
    server: 'grpc-js',
    settings,
    service: 'grpc',
    missing: false,
    start: () => startScript('grpc'),
    cases: [
      { name: 'health', ask: '', up: true, says: /^response: SERVING$/ },
      { name: 'service that does not serve', ask: 'request="shop"', up: false, says: /^response: NOT_SERVING$/ },
    ],
  },
  {
    server: 'ws',
    settings,
    service: 'websocket',
    missing: false,
    start: () => startScript('websocket'),
    cases: [
      { name: 'echo', ask: 'request="/echo ping"\nreceive="ping"', up: true, says: /^response: a message/ },
      { name: 'another path', ask: 'request="/none"', up: false, says: /^response headers: status 400$/ },
    ],
  },
];
