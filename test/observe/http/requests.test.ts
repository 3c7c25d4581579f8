import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { within } from '../../helpers/deadline.js';
import { serverStatus, statusOf, virtualStatus } from '../../helpers/status.js';
import { fetched, webSite } from '../../helpers/web-site.js';

/** Sends bytes as they are, and gives the head of what comes back. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  return within('an answer', textOf(socket));
}

const bearer = 'correct-horse-battery';

test('every answer forbids frames, foreign scripts and guesses at its type', async (t) => {
  const { base } = await webSite(t);
  for (const path of ['/', '/metrics', '/nothing', '/api/v1/status', '/healthz', '/page/main.js']) {
    const { headers } = await fetch(`${base}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.ok(!policy.includes('unsafe'), path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
  }
});

test('files are answered shortly while they are the same, and nothing else is kept', async (t) => {
  const { base } = await webSite(t);
  for (const path of ['/', '/page/style.css', '/page/main.js', '/page/icon.svg']) {
    const first = await fetch(`${base}${path}`);
    assert.equal(first.status, 200, path);
    assert.equal(first.headers.get('cache-control'), 'no-cache', path);
    const etag = first.headers.get('etag') ?? '';
    assert.equal((await fetch(`${base}${path}`, { headers: { 'If-None-Match': etag } })).status, 304, path);
    assert.equal((await fetch(`${base}${path}`, { headers: { 'If-None-Match': '"other"' } })).status, 200, path);
  }
  assert.equal((await fetch(`${base}/api/v1/status`)).headers.get('cache-control'), 'no-store');
  for (const path of ['/page/%2e%2e%2ffiles.js', '/page/tsconfig.json']) await fetched(`${base}${path}`, 404);
});

test('HEAD is GET without a body; other methods and bodies are turned away', async (t) => {
  const { base, port } = await webSite(t);
  const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
  assert.equal(await head.text(), '');
  assert.ok(Number(head.headers.get('content-length')) > 1000);
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) await fetched(`${base}/api/v1/status`, 405, { method });
  await fetched(`${base}/api/v1/status`, 405, { method: 'POST' });
  await fetched(`${base}/api/v1/servers/10.0.0.1:80/drain`, 405);
  await fetched(`${base}/api/v1/status`, 413, { method: 'POST', body: 'a' });
  await fetched(`${base}/api/v1/servers/%zz`, 400);
  const host = `Host: 127.0.0.1:${port}\r\n`;
  assert.match(await raw(port, `GET / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`), /^HTTP\/1\.1 413 /);
  assert.match(await raw(port, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 431 /);
  assert.match(await raw(port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
});

test('on loopback a name of another site is no Host', async (t) => {
  const { port } = await webSite(t);
  const answer = (host: string) =>
    raw(port, `GET /api/v1/status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  for (const host of ['127.0.0.1', `127.0.0.1:${port}`, 'localhost', `LOCALHOST:${port}`, '[::1]:80']) {
    assert.match(await answer(host), /^HTTP\/1\.1 200 /, host);
  }
  assert.match(await answer('localhost.'), /^HTTP\/1\.1 200 /);
  for (const host of ['evil.example', 'localhost.evil.example:9102', '127.0.0.1.evil.example', '']) {
    assert.match(await answer(host), /^HTTP\/1\.1 421 /, host);
  }
});

test('a whole address in the request line goes before the header Host, and two of these are one too many', async (t) => {
  const { port } = await webSite(t);
  const answer = (target: string, hosts: string) =>
    raw(port, `GET ${target} HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
  const [own, foreign] = ['Host: localhost\r\n', 'Host: evil.example\r\n'];
  assert.match(await answer(`http://localhost:${port}/healthz`, own), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nok\n$/);
  assert.match(await answer(`HTTP://127.0.0.1/healthz?a=b`, foreign), /^HTTP\/1\.1 200 /);
  assert.match(await answer(`http://localhost`, own), /^HTTP\/1\.1 200 [\s\S]*text\/html/);
  assert.match(await answer(`http://evil.example/healthz`, own), /^HTTP\/1\.1 421 /);
  assert.match(await answer(`http://a@localhost/healthz`, own), /^HTTP\/1\.1 421 /);
  for (const hosts of [own + own, own + foreign, foreign + own]) {
    assert.match(await answer('/healthz', hosts), /^HTTP\/1\.1 400 /, hosts);
  }
});

test('a head may come in pieces, behind empty lines and before the end of what the client says', async (t) => {
  const { port } = await webSite(t);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (const byte of '\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\r\nGET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n') {
    socket.write(byte);
  }
  socket.end('GET /healthz HTTP/1.1\r\n');
  assert.deepEqual((await within('the answers', textOf(socket))).match(/HTTP\/1\.1 \d+/g), [
    'HTTP/1.1 200',
    'HTTP/1.1 503',
    'HTTP/1.1 400',
  ]);
});

test('what a client expects first does not matter', async (t) => {
  const { port } = await webSite(t);
  for (const expectation of ['100-continue', 'miracles']) {
    const request = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nExpect: ${expectation}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(port, request), /^HTTP\/1\.1 200 [\s\S]*ok\n$/);
  }
});

test('actions are for the bearer of the token alone, and go on about a known server', async (t) => {
  const done: string[] = [];
  const actions = {
    drain: async (server: string) => void done.push(`drain ${server}`),
    undrain: async () => {
      throw new Error('it is held by a file in maintenancedir');
    },
  };
  const { base } = await webSite(t, { actions, settings: { httpToken: bearer } });
  const post = (path: string, status: number, headers: Record<string, string> = {}) =>
    fetched(`${base}/api/v1/servers/${path}`, status, { method: 'POST', headers });
  const authorized = { Authorization: `Bearer ${bearer}` };
  assert.match(await post('10.0.0.1:80/drain', 401), /send the token/);
  assert.match(await post('10.0.0.1:80/drain', 401, { Authorization: `Bearer ${bearer}x` }), /the token is wrong/);
  await post('10.0.0.1:80/drain', 401, { Authorization: `Basic ${bearer}` });
  await post('10.0.0.1:80/drain', 401, { Cookie: `token=${bearer}` });
  assert.deepEqual(done, []);
  assert.deepEqual(JSON.parse(await post('10.0.0.1%3A80/drain', 200, authorized)), {
    server: '10.0.0.1:80',
    action: 'drain',
  });
  await post('10.9.9.9:80/drain', 404, authorized);
  assert.match(await post('10.0.0.1:80/undrain', 409, authorized), /maintenancedir/);
  assert.deepEqual(done, ['drain 10.0.0.1:80']);
  assert.deepEqual(JSON.parse(await fetched(`${base}/api/v1/status`)).actions, ['drain', 'undrain']);
});

test('a drain says why, and the last server goes by force alone', async (t) => {
  const asked: unknown[] = [];
  const actions = {
    drain: async (_: string, { why, force }: { why: string | null; force: boolean }) => {
      asked.push([why, force]);
      if (!force) throw Object.assign(new Error('it is the last one'), { code: 'last-server' });
    },
    undrain: async () => {},
  };
  const { base } = await webSite(t, { actions, settings: { httpToken: bearer } });
  const drain = async (query: string, status: number) => {
    const headers = { Authorization: `Bearer ${bearer}` };
    return JSON.parse(
      await fetched(`${base}/api/v1/servers/10.0.0.1:80/drain${query}`, status, { method: 'POST', headers }),
    );
  };
  assert.deepEqual(await drain('', 409), { status: 409, detail: 'it is the last one', code: 'last-server' });
  await drain('?reason=a%20disk%20%E7%A1%AC&force=false', 409);
  await drain('?reason=a+disk&force=true', 200);
  assert.deepEqual(asked.splice(0), [
    [null, false],
    ['a disk 硬', false],
    ['a disk', true],
  ]);
  for (const query of ['?reason=a%0Ab', `?reason=${'x'.repeat(201)}`, '?reason=%1b', '?force=yes', '?force=']) {
    assert.equal((await drain(query, 400)).code, null, query);
  }
  assert.deepEqual(asked, []);
});

test('while the table cannot be read, what is known without it is told', async (t) => {
  const describe = async () => {
    throw new Error('memory backend did not answer');
  };
  const { base } = await webSite(t, { describe });
  assert.match(await fetched(`${base}/api/v1/status`, 503), /did not answer/);
  const metrics = await fetched(`${base}/metrics`);
  assert.match(metrics, /^ldirectord_table_readable 0$/m);
  assert.match(metrics, /^process_resident_memory_bytes \d+$/m);
  assert.equal(await fetched(`${base}/healthz`), 'ok\n');
});

test('a server is called what the verbs call it', async (t) => {
  const done: string[] = [];
  const actions = { drain: async (server: string) => void done.push(server), undrain: async () => {} };
  const servers = [
    serverStatus({ name: '10.0.0.1:80', written: 'Web1.example.com' }),
    serverStatus({ name: '[2001:db8::1]:443', written: 'web2.example.com.' }),
  ];
  const describe = async () => statusOf([virtualStatus({ servers })]);
  const { base, bus } = await webSite(t, { actions, describe, settings: { httpToken: bearer } });
  const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  for (const { name } of servers) bus.publish({ type: 'server-up', ...subject, server: name, reason: 'a' });
  const called = [
    ['10.0.0.1:80', '10.0.0.1', 'web1', 'WEB1.example.com', 'web1:80', 'web1.example.com:80'],
    ['[2001:db8::1]:443', '[2001:DB8::1]', 'web2', 'web2.example.com', 'web2:443'],
  ];
  for (const [at, names] of called.entries()) {
    for (const name of names) {
      const path = `${base}/api/v1/servers/${encodeURIComponent(name)}`;
      const { places } = JSON.parse(await fetched(path));
      assert.deepEqual(
        places.map(({ status }: { status: { name: string } }) => status.name),
        [servers[at]?.name],
        name,
      );
      const { events } = JSON.parse(await fetched(`${path}/events`));
      assert.deepEqual(
        events.map((event: { subject: { server: string } }) => event.subject.server),
        [servers[at]?.name],
        name,
      );
      await fetched(`${path}/drain`, 200, { method: 'POST', headers: { Authorization: `Bearer ${bearer}` } });
      assert.equal(done.pop(), name);
    }
  }
  for (const name of ['web', 'example.com', 'web1:443', '10.0.0.1:443', '2001:db8::1']) {
    await fetched(`${base}/api/v1/servers/${encodeURIComponent(name)}`, 404);
  }
});

test('ready is who could take over, and who could not says why', async (t) => {
  let unready = ['the first table does not stand yet', '2 services have no first result yet'];
  const { base } = await webSite(t, { unready: () => unready });
  const said = JSON.parse(await fetched(`${base}/readyz`, 503)) as { readonly detail: string };
  assert.equal(said.detail, `not ready: ${unready.join('; ')}`);
  unready = [];
  assert.equal(await fetched(`${base}/readyz`), 'ready\n');
});
