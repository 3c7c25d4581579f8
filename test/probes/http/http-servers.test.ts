/** HTTP checks against the servers that people run. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Check, HttpOptions, ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { badServerCases } from '../../helpers/bad-server-cases.js';
import { pemOf, testAuthority } from '../../helpers/certificate.js';
import { brief, checkOf, receive, tlsOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { closedPort } from '../../helpers/listener.js';
import { lacks } from '../../helpers/programs.js';
import { startNginx } from '../../helpers/servers/nginx.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { startSquid } from '../../helpers/servers/squid.js';

interface Changes extends Omit<Partial<Check>, 'http'> {
  readonly http?: Partial<HttpOptions>;
}

type Row = readonly [name: string, changes: Changes, ok: boolean, reason: RegExp];

function checkWith(port: number, { http, ...changes }: Changes): Check {
  const check = checkOf({ port, ...changes });
  return { ...check, http: { ...check.http, ...http } };
}

function run(port: number, changes: Changes): Promise<ProbeResult> {
  return withoutLeaks(() => runProbe(checkWith(port, changes), 'negotiate'));
}

function rows(server: () => ServerProgram, table: readonly Row[]): void {
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const result = await run(server().port, changes);
      assert.match(result.reason, reason);
      assert.equal(result.ok, ok);
      assert.doesNotMatch(result.reason, /hunter2|bW9uaXRvcj/);
    });
  }
}

const pages = (directory: string) => `
  location = / { add_header X-Backend one; return 200 "hello"; }
  location = /big { return 200 "${'x'.repeat(1000)}end"; }
  location = /gone { return 404 "away"; }
  location = /busy { return 503; }
  location = /moved { return 302 /; }
  location = /agent { return 200 "$http_user_agent|$http_x_one|$http_authorization"; }
  location = /version { return 200 "$server_protocol $scheme $host"; }
  location = /private { auth_basic "closed"; auth_basic_user_file ${directory}/users; try_files /page =500; }
  root ${directory};`;
const files = { users: 'monitor:{PLAIN}hunter2\n', page: 'inside' };
const login = { login: 'monitor', passwd: 'hunter2' };
const auth = { auth: 'basic' } as const;
const status = (...ranges: (readonly [number, number])[]) => ({ statuses: ranges.map(([from, to]) => ({ from, to })) });

const common: readonly Row[] = [
  ['up', { receive: receive('^hello$') }, true, /^response: status 200, the body matches$/],
  ['wrong answer', { receive: receive('bye') }, false, /^response body: no match for "bye" in 5 bytes$/],
  ['wrong status', { request: '/gone' }, false, /^response: status 404$/],
  [
    'an expected status, with its body',
    { request: '/gone', http: status([200, 200], [400, 404]), receive: receive('away') },
    true,
    /^response: status 404, the body matches$/,
  ],
  ['no expected status', { http: status([201, 204], [300, 399]) }, false, /^response: status 200$/],
  ['a redirect is followed', { request: '/moved', receive: receive('hello') }, true, /^response: status 200, /],
  [
    'a redirect is not followed',
    { request: '/moved', http: { followRedirects: false } },
    false,
    /^response: status 302$/,
  ],
  [
    'an expected redirect is the answer',
    { request: '/moved', http: status([302, 302]) },
    true,
    /^response: status 302$/,
  ],
  [
    'a header',
    { http: { receiveIn: 'headers' }, receive: receive('[Xx]-[Bb]ackend: one\n') },
    true,
    /^response: status 200, the headers match$/,
  ],
  [
    'no such header',
    { http: { receiveIn: 'headers' }, receive: receive('hello') },
    false,
    /^response headers: no match for "hello" in the headers$/,
  ],
  [
    'a status',
    { http: { receiveIn: 'status' }, receive: receive('^200') },
    true,
    /^response: status 200, the status matches$/,
  ],
  [
    'another status',
    { http: { receiveIn: 'status' }, receive: receive('^204') },
    false,
    /^response: no match for "\^204" in "200( OK)?"$/,
  ],
  [
    'a body within the limit',
    { request: '/big', http: { bodyLimit: 1003 }, receive: receive('end') },
    true,
    /matches$/,
  ],
  [
    'a body beyond the limit',
    { request: '/big', http: { bodyLimit: 1000 }, receive: receive('end') },
    false,
    /^response body: no match for "end" in the first 1000 bytes$/,
  ],
  [
    'headers',
    {
      request: '/agent',
      http: {
        headers: [
          { name: 'User-Agent', value: 'me' },
          { name: 'X-One', value: '1' },
        ],
      },
      receive: receive('^me\\|1\\|$'),
    },
    true,
    /matches$/,
  ],
  ['right password', { request: '/private', ...login, http: auth, receive: receive('^inside$') }, true, /matches$/],
  [
    'wrong password',
    { request: '/private', ...login, passwd: 'hunter22', http: auth },
    false,
    /^response: status 401$/,
  ],
  ['no password', { request: '/private' }, false, /^response: status 401$/],
  ['HEAD', { httpmethod: 'HEAD' }, true, /^response: status 200$/],
];

const withoutNginx = lacks('nginx');

describe('http, nginx', { skip: withoutNginx }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startNginx({ server: pages, files });
  });
  after(() => server.close());

  rows(
    () => server,
    [
      ...common,
      ['HTTP/2 where there is none', { http: { version: '2' } }, false, /^response headers: not HTTP\/2 \(/],
      ['the reason phrase', { http: { receiveIn: 'status' }, receive: receive('^200 OK$') }, true, /matches$/],
      ['TLS where there is none', { service: 'https', tls: tlsOf() }, false, /^tls: the server does not speak TLS \(/],
    ],
  );

  it('a stopped process, and up again when it goes on', async () => {
    server.freeze();
    try {
      const { reason } = await run(server.port, { negotiateTimeout: brief });
      assert.equal(reason, 'response headers: not done within 0.4 s');
    } finally {
      server.thaw();
    }
    assert.equal((await run(server.port, {})).ok, true);
  });
});

describe('http over HTTP/2, nginx', { skip: withoutNginx }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startNginx({ listen: 'http2', server: pages, files });
  });
  after(() => server.close());

  rows(
    () => server,
    [...common, ['the version', { request: '/version', receive: receive('^HTTP/2.0 http 127') }, true, /matches$/]].map(
      ([name, changes, ok, reason]): Row => {
        const given = changes as Changes;
        return [name as string, { ...given, http: { ...given.http, version: '2' } }, ok as boolean, reason as RegExp];
      },
    ),
  );

  it('a stopped process', async () => {
    server.freeze();
    try {
      const { reason } = await run(server.port, { negotiateTimeout: brief, http: { version: '2' } });
      assert.equal(reason, 'response headers: not done within 0.4 s');
    } finally {
      server.thaw();
    }
  });
});

describe('https, nginx', { skip: withoutNginx || lacks('openssl') }, () => {
  let server: ServerProgram;
  const authority = testAuthority();
  const ca = pemOf(authority.cert);
  const own = authority.issue({ names: ['www.example.com'], days: 10 });
  const client = authority.issue({ names: ['director'] });
  const shown = { client: { cert: pemOf(client.cert), key: pemOf(client.key) } };

  const verified = { verify: true, ca, servername: 'www.example.com', ...shown };
  const https = (tls: Parameters<typeof tlsOf>[0], changes: Changes = {}): Changes => ({
    service: 'https',
    tls: tlsOf(tls),
    ...changes,
  });
  before(async () => {
    server = await startNginx({
      listen: 'ssl http2',
      server: (directory) => `
        ssl_certificate ${directory}/cert.pem;
        ssl_certificate_key ${directory}/key.pem;
        ssl_client_certificate ${directory}/ca.pem;
        ssl_verify_client on;
        ${pages(directory)}`,
      files: { ...files, 'cert.pem': own.cert, 'key.pem': own.key, 'ca.pem': authority.cert },
    });
  });
  after(() => server.close());

  rows(
    () => server,
    [
      ['with a client certificate', https(verified, { receive: receive('^hello$') }), true, /matches$/],
      ['without one', https({}), false, /^response: status 400$/],
      [
        'for another name',
        https({ ...verified, servername: 'other.example' }),
        false,
        /^tls: the certificate is for www/,
      ],
      [
        'from an unknown authority',
        https({ ...verified, ca: null }),
        false,
        /^tls: the certificate is from an unknown/,
      ],
      [
        'about to expire',
        https({ ...verified, minDays: 11 }),
        false,
        /^tls: the certificate is valid for 10 more days/,
      ],
      [
        'HTTP/2',
        https(verified, { request: '/version', http: { version: '2' }, receive: receive('^HTTP/2.0 https') }),
        true,
        /matches$/,
      ],
      ['HTTP/1.1', https(verified, { request: '/version', receive: receive('^HTTP/1.1 https') }), true, /matches$/],
      [
        'a redirect stays under TLS',
        https(verified, { request: '/moved', virtualhost: 'www.example.com' }),
        true,
        /^response: status 200$/,
      ],
    ],
  );
});

describe('https without HTTP/2, nginx', { skip: withoutNginx || lacks('openssl') }, () => {
  it('says so', async () => {
    const own = testAuthority().issue({ names: ['www.example.com'] });
    const server = await startNginx({
      listen: 'ssl',
      server: (directory) => `ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;`,
      files: { 'cert.pem': own.cert, 'key.pem': own.key },
    });
    try {
      const { ok, reason } = await run(server.port, { service: 'https', tls: tlsOf(), http: { version: '2' } });
      assert.equal(ok, false);
      assert.match(reason, /^tls: /);
    } finally {
      await server.close();
    }
  });
});

describe('http, kept connections, nginx', { skip: withoutNginx }, () => {
  const kept = { keepAlive: true };
  for (const version of ['1.1', '2'] as const) {
    it(`one connection for many checks, HTTP/${version}`, async () => {
      const server = await startNginx({
        listen: version === '2' ? 'http2' : '',
        server: () => 'location / { return 200 "$connection_requests"; }',
      });
      try {
        const third = checkWith(server.port, { http: { ...kept, version }, receive: receive('^3$') });
        const runs = [];
        for (const _ of [1, 2, 3]) runs.push((await runProbe(third, 'negotiate')).ok);
        assert.deepEqual(runs, [false, false, true]);
        const other = await run(server.port, { http: { version }, receive: receive('^1$') });
        const marked = {
          route: { mark: null, source: '127.0.0.5', towards: null },
          http: { ...kept, version },
          receive: receive('^1$'),
        };
        const elsewhere = await run(server.port, marked);
        assert.equal(elsewhere.ok, true, 'another source needs another connection');
        assert.equal(other.ok, true, other.reason);
      } finally {
        await releaseKept();
        await server.close();
      }
    });

    it(`closed by the server meanwhile, it is opened anew, HTTP/${version}`, async () => {
      const server = await startNginx({
        listen: version === '2' ? 'http2' : '',
        server: () => 'keepalive_requests 2; location / { return 200 "$connection $connection_requests"; }',
      });
      const check = checkWith(server.port, { http: { ...kept, version } });
      try {
        for (const _ of [1, 2, 3, 4, 5]) {
          const { ok, reason } = await runProbe(check, 'negotiate');
          assert.equal(ok, true, reason);
        }
      } finally {
        await releaseKept();
        await server.close();
      }
      const gone = await runProbe(check, 'negotiate');
      assert.equal(gone.reason, 'connect: refused (ECONNREFUSED)');
    });
  }
});

describe('http_proxy, squid', { skip: lacks('squid') || withoutNginx }, () => {
  let server: ServerProgram;
  let origin: ServerProgram;
  const through = (path: string, changes: Changes = {}): Changes => ({
    service: 'http_proxy',
    request: `http://127.0.0.1:${origin.port}${path}`,
    ...changes,
  });
  before(async () => {
    origin = await startNginx({ server: pages, files });
    server = await startSquid({ login: { user: 'monitor', password: 'hunter2' } });
  });
  after(async () => {
    await server.close();
    await origin.close();
  });

  it('up, by password', async () => {
    const result = await run(server.port, through('/', { ...login, http: auth, receive: receive('^hello$') }));
    assert.deepEqual([result.ok, result.reason], [true, 'response: status 200, the body matches']);
  });

  it('wrong password, wrong answer, origin away', async () => {
    const wrong = await run(server.port, through('/', { ...login, passwd: 'hunter22', http: auth }));
    assert.equal(wrong.reason, 'response: status 407');
    const other = await run(server.port, through('/', { ...login, http: auth, receive: receive('bye') }));
    assert.equal(other.reason, 'response body: no match for "bye" in 5 bytes');
    const request = `http://127.0.0.1:${await closedPort()}/`;
    const away = await run(server.port, { service: 'http_proxy', request, ...login, http: auth });
    assert.equal(away.reason, 'response: status 503');
  });

  it('a stopped process', async () => {
    server.freeze();
    try {
      const { reason } = await run(server.port, through('/', { negotiateTimeout: brief }));
      assert.equal(reason, 'response headers: not done within 0.4 s');
    } finally {
      server.thaw();
    }
  });
});

const http = checkOf({});
const inClear = [
  'floods with lines',
  'silent instead of TLS',
  'garbage instead of TLS',
  'closes instead of TLS',
] as const;
const words = { first: '', greeting: 'response headers', next: 'response headers', without: inClear };
badServerCases('http', http, words);
badServerCases('http, kept', { ...http, http: { ...http.http, keepAlive: true } }, words);
badServerCases('http, HTTP/2', { ...http, http: { ...http.http, version: '2' } }, words);
badServerCases('https', { ...http, service: 'https', tls: tlsOf() }, { first: '', greeting: 'tls', next: 'tls' });
