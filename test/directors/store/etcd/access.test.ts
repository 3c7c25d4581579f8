import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CredentialFiles } from '../../../../src/directors/store/etcd/credentials.js';
import { openEtcd } from '../../../../src/directors/store/etcd/etcd-store.js';
import type { Outcome, Store } from '../../../../src/directors/store/store.js';
import { makeCertificate, testAuthority } from '../../../helpers/certificate.js';
import { lacks } from '../../../helpers/programs.js';
import { type Etcd, etcdMissing, startEtcd } from '../../../helpers/servers/etcd.js';
import { startTcpServer } from '../../../helpers/tcp-server.js';
import { temporaryDirectory } from '../../../helpers/temporary-directory.js';
import { storeConformance, valueOfOutcome, Watcher } from '../conformance.js';
import { mirrored, noFiles } from '../mirrored.js';

const never = new AbortController().signal;
const missing = etcdMissing || lacks('openssl');
const prefix = '/ldirectord/web';
type Test = { after(release: () => Promise<void>): void };

function codeOf(outcome: Outcome<unknown>): string | null {
  return outcome.ok ? null : outcome.fault.code;
}

/** Files of the test's own, readable for their owner alone. */
async function filesIn(t: Test, texts: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const folder = await temporaryDirectory(t);
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text, { mode: 0o600 });
  return (name) => join(folder, name);
}

/** As the manual has it. */
async function enableUsers(etcd: Etcd): Promise<void> {
  for (const command of [
    'user add root:root-secret',
    'role add root',
    'user grant-role root root',
    'role add ldirectord-web',
    `role grant-permission ldirectord-web --prefix=true readwrite ${prefix}/`,
    'user add ldirectord:ldirectord-secret',
    'user grant-role ldirectord ldirectord-web',
    'auth enable',
  ]) {
    await etcd.ctl(...command.split(' '));
  }
}
const root = ['--user', 'root:root-secret'];

describe('etcd with users', { skip: missing }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
    await enableUsers(etcd);
  });
  after(() => etcd?.close());

  async function open(t: Test, user: string | null, password: string, at = prefix): Promise<Outcome<Store>> {
    const path = await filesIn(t, { password: `${password}\n` });
    const files = { ...noFiles, user, passwordFile: path('password') };
    const opened = await openEtcd(etcd.endpoint, { prefix: at, files }, never);
    if (opened.ok) t.after(() => opened.value.close());
    return opened;
  }

  test('who logs in may read and write the prefix, and nothing else', async (t) => {
    const store = valueOfOutcome(await open(t, 'ldirectord', 'ldirectord-secret'));
    const revision = valueOfOutcome(await store.write({ operations: [{ type: 'put', key: 'a', value: '1' }] }, never));
    assert.equal(valueOfOutcome(await store.read(never)).entries.length, 1);
    const watcher = new Watcher(store, revision);
    assert.deepEqual(await watcher.next(), { type: 'opened' });
    await watcher.close();
    const beside = valueOfOutcome(await open(t, 'ldirectord', 'ldirectord-secret', '/ldirectord/webx'));
    assert.equal(codeOf(await beside.read(never)), 'permission-denied');
    const refused = new Watcher(beside, 1);
    const news = await refused.next();
    assert.equal(news.type === 'ended' ? news.fault.code : news.type, 'permission-denied');
    await refused.close();
  });

  test('a wrong password, a user that there is not, and none', async (t) => {
    const wrong = await open(t, 'ldirectord', 'another-secret');
    assert.equal(codeOf(wrong), 'login-failed');
    assert.ok(!JSON.stringify(wrong).includes('another-secret'));
    assert.equal(codeOf(await open(t, 'nobody', 'ldirectord-secret')), 'login-failed');
    const nobody = valueOfOutcome(await open(t, null, 'x'));
    assert.ok(['user-missing', 'permission-denied', 'UND_ERR_SOCKET'].includes(codeOf(await nobody.read(never)) ?? ''));
  });

  test('a token that does not count any more is renewed once, for whatever is asked', async (t) => {
    const store = valueOfOutcome(await open(t, 'ldirectord', 'ldirectord-secret'));
    const put = { operations: [{ type: 'put', key: 'b', value: '1' }] } as const;
    valueOfOutcome(await store.write(put, never));
    // It keeps its tokens in memory.
    await etcd.end();
    await etcd.again();
    valueOfOutcome(await store.write(put, never));
    valueOfOutcome(await store.read(never));
    await etcd.end();
    await etcd.again();
    const watcher = new Watcher(store, 1_000);
    const news = await watcher.next();
    assert.equal(news.type === 'ended' ? news.fault.code : news.type, 'another-past');
    await watcher.close();
  });

  test('what a user may is taken away, and given back, while it watches', async (t) => {
    const path = await filesIn(t, { password: 'ldirectord-secret' });
    const files = { ...noFiles, user: 'ldirectord', passwordFile: path('password') };
    const one = mirrored(t, { endpoints: [etcd.endpoint], prefix, files });
    await one.next('back');
    await etcd.ctl(...root, 'user', 'revoke-role', 'ldirectord', 'ldirectord-web');
    const { fault } = await one.next('away');
    assert.equal(fault.code, 'permission-denied');
    await etcd.ctl(...root, 'user', 'grant-role', 'ldirectord', 'ldirectord-web');
    await one.next('back');
    await one.put('c', '1');
  });
});

describe('etcd with TLS', { skip: missing }, () => {
  let etcd: Etcd;
  const authority = missing ? null : testAuthority();
  const ca = authority?.cert ?? '';
  before(async () => {
    const certificate = testAuthority().issue({ names: ['127.0.0.1', 'localhost'] });
    etcd = await startEtcd({ tls: { certificate, authority: ca } });
  });
  after(() => etcd?.close());

  const client = () => testAuthority().issue({ names: ['a client'] });

  async function open(t: Test, texts: Readonly<Record<string, string>>): Promise<Outcome<Store>> {
    const path = await filesIn(t, texts);
    const at = (name: string): string | null => (texts[name] === undefined ? null : path(name));
    const files: CredentialFiles = { ...noFiles, caFile: at('ca'), certFile: at('cert'), keyFile: at('key') };
    const opened = await openEtcd(etcd.endpoint, { prefix, files }, never);
    if (opened.ok) t.after(() => opened.value.close());
    return opened;
  }
  const read = async (opened: Outcome<Store>) => codeOf(opened.ok ? await opened.value.read(never) : opened);

  test('with the authority, and a client certificate', async (t) => {
    assert.equal(await read(await open(t, { ca, ...client() })), null);
  });

  test('another authority, no client certificate, one of another authority', async (t) => {
    const { cert } = makeCertificate({ names: ['Another Authority'], authority: true });
    assert.match((await read(await open(t, { ca: cert, ...client() }))) ?? '', /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/);
    assert.match(
      (await read(await open(t, { ...client() }))) ?? '',
      /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)$/,
    );
    // With TLS 1.3 who connects cannot tell it from an end.
    const refusals = /^(ERR_SSL_.*|ECONNRESET|UND_ERR_SOCKET)$/;
    assert.match((await read(await open(t, { ca }))) ?? '', refusals);
    assert.match((await read(await open(t, { ca, ...makeCertificate({ names: ['alone'] }) }))) ?? '', refusals);
  });

  test('files that are not right are named, with what is wrong', async (t) => {
    const outcome = await open(t, { ca: 'no certificate', ...client() });
    const code = await read(outcome);
    assert.ok(code !== null, 'it is not reached');
    const swapped = client();
    const wrongKey = await read(await open(t, { ca, cert: swapped.cert, key: client().key }));
    assert.equal(wrongKey, 'ERR_OSSL_X509_KEY_VALUES_MISMATCH');
    const path = await filesIn(t, { key: swapped.key, cert: swapped.cert });
    await chmod(path('key'), 0o644);
    const files = { ...noFiles, certFile: path('cert'), keyFile: path('key') };
    const readable = await openEtcd(etcd.endpoint, { prefix, files }, never);
    assert.match(readable.ok ? '' : readable.fault.message, /keyfile: .* others may read it \(0644\); chmod 600 /);
  });
});

test('a common name, and no gateway, are told as what they are', { skip: missing }, async (t) => {
  const authority = testAuthority();
  const certificate = authority.issue({ names: ['127.0.0.1'] });
  const etcd = await startEtcd({ tls: { certificate, authority: authority.cert } });
  t.after(() => etcd.close());
  await enableUsers(etcd);
  const { cert, key } = authority.issue({ names: ['lb1'] });
  const path = await filesIn(t, { ca: authority.cert, cert, key, password: 'ldirectord-secret' });
  const files: CredentialFiles = {
    user: 'ldirectord',
    passwordFile: path('password'),
    caFile: path('ca'),
    certFile: path('cert'),
    keyFile: path('key'),
  };
  assert.equal(codeOf(await openEtcd(etcd.endpoint, { prefix, files }, never)), 'common-name');
  const bare = await startEtcd({ args: ['--enable-grpc-gateway=false'] });
  t.after(() => bare.close());
  const store = valueOfOutcome(await openEtcd(bare.endpoint, { prefix, files: noFiles }, never));
  t.after(() => store.close());
  assert.equal(codeOf(await store.read(never)), 'no-gateway');
});

test('an etcd whose space is used up is read on, and takes writes again when it has some', {
  skip: missing,
}, async (t) => {
  const etcd = await startEtcd({ args: ['--quota-backend-bytes', String(8 * 1024 * 1024)] });
  t.after(() => etcd.close());
  const one = mirrored(t, { endpoints: [etcd.endpoint], prefix });
  await one.next('back');
  await one.put('a', '1');
  const value = 'x'.repeat(900 * 1024);
  const fill = async (): Promise<string | null> => {
    const outcome = await one.mirror.write({ operations: [{ type: 'put', key: 'large', value }] });
    return codeOf(outcome);
  };
  let code: string | null = null;
  for (let turn = 0; turn < 30 && code === null; turn += 1) code = await fill();
  assert.equal(code, 'no-space');
  assert.equal((await one.next('unwritable')).fault.code, 'no-space');
  assert.ok(one.mirror.state.isUp && one.mirror.state.writeFault !== null);
  assert.equal(one.mirror.entries.get('a')?.value, '1');
  await etcd.ctl('compaction', String(one.mirror.state.revision));
  await etcd.ctl('defrag');
  await etcd.ctl('alarm', 'disarm');
  await one.put('a', '2');
  await one.next('writable');
});

describe('what stands in the place of etcd', () => {
  async function openTo(t: Test, answer: string, forever = ''): Promise<Store> {
    const server = await startTcpServer((socket) => {
      socket.once('data', () => {
        socket.write(answer);
        if (forever === '') socket.end();
        else {
          const more = (): void => {
            while (!socket.destroyed && socket.write(forever));
          };
          socket.on('drain', more);
          more();
        }
      });
    });
    t.after(() => server.close());
    const options = { prefix, files: noFiles, deadline: 1_000 };
    const store = valueOfOutcome(await openEtcd(`http://127.0.0.1:${server.port}`, options, never));
    t.after(() => store.close());
    return store;
  }
  const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

  test('rubbish, a page, nothing, half an answer', async (t) => {
    const codes: (string | null)[] = [];
    for (const answer of [
      'SSH-2.0-OpenSSH_9.2\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>…</html>',
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull',
      '',
      `${ok}${chunk('{"header":{"revision":"5"},"kvs":[{"key":"')}`,
      'HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n',
    ]) {
      codes.push(codeOf(await (await openTo(t, answer)).read(never)));
    }
    assert.ok(
      codes.every((code) => code !== null),
      String(codes),
    );
  });

  test('what etcd says otherwise from 3.5 and 3.6 on', async (t) => {
    const refusal = '{"code":7,"message":"etcdserver: permission denied","details":[]}';
    const status = `HTTP/1.1 403 Forbidden\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`;
    assert.equal(codeOf(await (await openTo(t, status)).read(never)), 'permission-denied');
    const header = '"header":{"cluster_id":"1","member_id":"2","revision":"9","raft_term":"3"}';
    const first = async (...lines: readonly string[]): Promise<string> => {
      const store = await openTo(t, `${ok}${lines.map((line) => chunk(`${line}\n`)).join('')}`);
      const watcher = new Watcher(store, 5);
      let news = await watcher.next();
      while (news.type !== 'ended') news = await watcher.next();
      await watcher.close();
      return news.fault.code;
    };
    const canceled = `"canceled":true,"compact_revision":"7","cancel_reason":"etcdserver: mvcc: required revision has been compacted"`;
    assert.equal(await first(`{"result":{${header},"watch_id":"-1","created":true,${canceled}}}`), 'compacted');
    const opened = `{"result":{${header},"created":true}}`;
    assert.equal(await first(opened, `{"result":{${header},${canceled}}}`), 'compacted');
    const error = '{"error":{"code":16,"message":"etcdserver: invalid auth token","details":[]}}';
    assert.equal(await first(opened, error), 'token-invalid');
    assert.equal(
      await first(opened, '{"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}}'),
      'unavailable',
    );
  });

  test('a flood without an end is given up at a bound, and a stall at the deadline', async (t) => {
    const flood = await openTo(t, `${ok}${chunk('{"kvs":[{"key":"')}`, chunk('A'.repeat(64_000)));
    assert.equal(codeOf(await flood.read(never)), 'too-large');
    const asked = await openTo(t, ok, chunk('{"a":"b"}\n'));
    assert.notEqual(codeOf(await asked.grant(5, never)), null);
    const server = await startTcpServer(() => {});
    t.after(() => server.close());
    const options = { prefix, files: noFiles, deadline: 200 };
    const stalled = valueOfOutcome(await openEtcd(`http://127.0.0.1:${server.port}`, options, never));
    t.after(() => stalled.close());
    assert.equal(codeOf(await stalled.get('a', never)), 'timed-out');
    const watcher = new Watcher(stalled, 1);
    const news = await watcher.next();
    assert.equal(news.type === 'ended' ? news.fault.code : news.type, 'timed-out');
  });
});

storeConformance(
  'etcd with TLS and users, by a client certificate without a name',
  async () => {
    const authority = testAuthority();
    const etcd = await startEtcd({
      tls: { certificate: authority.issue({ names: ['127.0.0.1'] }), authority: authority.cert },
    });
    await etcd.ctl('user', 'add', 'root:root-secret');
    await etcd.ctl('user', 'grant-role', 'root', 'root');
    await etcd.ctl('auth', 'enable');
    const releases: (() => Promise<void>)[] = [];
    const path = await filesIn(
      { after: (release) => void releases.push(release) },
      {
        ca: authority.cert,
        ...authority.issue({ names: ['127.0.0.1'], nameless: true }),
        password: 'root-secret',
      },
    );
    const files = {
      user: 'root',
      passwordFile: path('password'),
      caFile: path('ca'),
      certFile: path('cert'),
      keyFile: path('key'),
    };
    return {
      open: async (prefix) => valueOfOutcome(await openEtcd(etcd.endpoint, { prefix, files }, never)),
      compact: async (revision) => void (await etcd.ctl(...root, 'compaction', String(revision))),
      async close() {
        await etcd.close();
        for (const release of releases) await release();
      },
    };
  },
  missing,
);
