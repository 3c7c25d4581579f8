import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CheckSignal } from '../../src/probes/check-signal.js';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { runBounded, runProbe } from '../../src/probes/run.js';
import { bad, response } from '../helpers/bad-servers.js';
import { ample, brief, checkOf, receive } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { type Behaviour, closedPort, listen } from '../helpers/listener.js';
import { stoppedServer } from '../helpers/stopped-server.js';
import { startTcpBlackHole } from '../helpers/tcp-black-hole.js';

/** Runs a check against a server, and makes sure that nothing of it is left, here or there. */
async function probe(behave: Behaviour, changes: Partial<Check>): Promise<ProbeResult> {
  return await withoutLeaks(async () => {
    const server = await listen(behave);
    try {
      const result = await runProbe(checkOf({ port: server.port, ...changes }), 'negotiate');
      await until('no connection is left', () => server.connections() === 0);
      assert.ok(server.accepted() > 0, 'the probe never came');
      return result;
    } finally {
      await server.close();
    }
  });
}

interface Case {
  readonly name: string;
  readonly server: Behaviour;
  readonly changes?: Partial<Check>;
  readonly reason: RegExp;
}

/** Those that are judged as soon as they misbehave, long before the deadline. */
const prompt: readonly Case[] = [
  { name: 'closes at once', server: bad.closesAtOnce, reason: /^response headers: closed by the server/ },
  { name: 'resets at once', server: bad.resetsAtOnce, reason: /^(connect|request|response headers): reset or closed/ },
  { name: 'closes before headers', server: bad.closesBeforeHeaders, reason: /^response headers: closed by the server/ },
  { name: 'closes in headers', server: bad.closesInHeaders, reason: /^response headers: closed by the server/ },
  { name: 'closes in body', server: bad.closesInBody, reason: /^response body: (not as long as|closed by)/ },
  { name: 'closes in a chunk', server: bad.closesInChunk, reason: /^response body: (closed by the server|not HTTP)/ },
  { name: 'resets in headers', server: bad.resetsInHeaders, reason: /^response headers: reset .*ECONNRESET/ },
  { name: 'resets in body', server: bad.resetsInBody, reason: /^response body: reset .*ECONNRESET/ },
  {
    name: 'resets in a body without a length',
    server: bad.resetsInBodyWithoutLength,
    changes: { receive: receive('bye') },
    reason: /^response body: reset .*ECONNRESET/,
  },
  { name: 'endless headers', server: bad.endlessHeaders, reason: /^response headers: too large/ },
  { name: 'endless header line', server: bad.endlessHeaderLine, reason: /^response headers: too large/ },
  { name: 'endless interim responses', server: bad.endlessInterim, reason: /^response headers: more than 8 interim/ },
  { name: 'endless 100 Continue', server: bad.endlessContinue, reason: /^response headers: more than 8 interim/ },
  { name: 'endless status line', server: bad.endlessStatusLine, reason: /^response headers: too large/ },
  { name: 'endless chunk extension', server: bad.endlessChunkExtension, reason: /^response body: too large/ },
  { name: 'an upgrade', server: bad.upgrades, reason: /^response headers: an interim response that/ },
  { name: 'garbage', server: bad.garbage, reason: /^response headers: not HTTP/ },
  { name: 'another protocol', server: bad.otherProtocol, reason: /^(request|response headers): not HTTP/ },
  { name: 'garbage for chunks', server: bad.chunkedGarbage, reason: /^response body: not HTTP/ },
  {
    name: 'two lengths',
    server: bad.twoLengths,
    changes: { receive: receive('hello') },
    reason: /^response headers: /,
  },
  {
    name: 'an endless body without what is looked for',
    server: bad.endlessBody,
    changes: { receive: receive('hello') },
    reason: /^response body: no match for "hello" in the first 1048576 bytes$/,
  },
  {
    name: 'a wrong body',
    server: response('200 OK', 'under maintenance'),
    changes: { receive: receive('hello') },
    reason: /^response body: no match for "hello" in 17 bytes$/,
  },
  { name: 'status 404', server: response('404 Not Found'), reason: /^response: status 404$/ },
  { name: 'status 500', server: response('500 Oops', 'hello'), reason: /^response: status 500$/ },
  {
    name: 'plain HTTP on a TLS port',
    server: bad.otherProtocol,
    changes: { service: 'https' },
    reason: /^tls: the server does not speak TLS/,
  },
  { name: 'garbage instead of TLS', server: bad.garbage, changes: { service: 'https' }, reason: /^tls: / },
  {
    name: 'close instead of TLS',
    server: bad.closesBeforeHeaders,
    changes: { service: 'https' },
    reason: /^tls: .*closed by the server/,
  },
  { name: 'reset instead of TLS', server: bad.resetsInHeaders, changes: { service: 'https' }, reason: /^tls: / },
];

/** Those that keep the probe until its deadline. */
const late: readonly Case[] = [
  { name: 'never answers', server: bad.silent, reason: /^response headers: not done within 0\.4 s$/ },
  {
    name: 'never answers, TLS',
    server: bad.silent,
    changes: { service: 'https' },
    reason: /^tls: not done within 0\.4 s$/,
  },
  { name: 'stalls in the body', server: bad.stallsInBody, reason: /^response body: not done within 0\.4 s$/ },
  {
    name: 'a byte now and then, headers',
    server: bad.dripsHeaders,
    reason: /^response headers: not done within 0\.4 s$/,
  },
  { name: 'a byte now and then, body', server: bad.dripsBody, reason: /^response body: not done within 0\.4 s$/ },
];

describe('bad servers', () => {
  for (const { name, server, changes, reason } of prompt) {
    it(name, async () => {
      const result = await probe(server, changes ?? {});
      assert.match(result.reason, reason);
      assert.equal(result.ok, false);
      assert.ok(result.duration < ample, `${result.duration} ms`);
    });
  }

  for (const { name, server, changes, reason } of late) {
    it(name, async () => {
      const result = await probe(server, { negotiateTimeout: brief, ...changes });
      assert.match(result.reason, reason);
      assert.equal(result.ok, false);
      assert.ok(result.duration >= brief - 1, `${result.duration} ms`);
    });
  }

  it('an endless body is judged on what was read', async () => {
    for (const server of [bad.endlessBody, bad.endlessChunks]) {
      assert.deepEqual(pick(await probe(server, {})), { ok: true, reason: 'response: status 200' });
      const matched = await probe(server, { receive: receive('xxx') });
      assert.deepEqual(pick(matched), { ok: true, reason: 'response: status 200, the body matches' });
    }
  });

  it('a body without a length can end with a reset', async () => {
    for (const wanted of [null, receive('^hello$')]) {
      const { ok, reason } = await probe(bad.resetsInBodyWithoutLength, { receive: wanted });
      assert.equal(ok, true, reason);
    }
  });

  it('what follows the announced length does not count', async () => {
    assert.equal((await probe(bad.longerThanAnnounced, { receive: receive('hello$') })).ok, true);
    assert.equal((await probe(bad.longerThanAnnounced, { receive: receive('more') })).ok, false);
  });

  it('refused', async () => {
    const port = await closedPort();
    for (const type of ['connect', 'negotiate'] as const) {
      const result = await withoutLeaks(() => runProbe(checkOf({ type, port }), 'negotiate'));
      assert.deepEqual(pick(result), { ok: false, reason: 'connect: refused (ECONNREFUSED)' });
    }
  });

  it('black-holed', async () => {
    const server = await startTcpBlackHole();
    try {
      for (const type of ['connect', 'negotiate'] as const) {
        const check = checkOf({ type, port: server.port, checkTimeout: brief, negotiateTimeout: brief });
        const result = await withoutLeaks(() => runProbe(check, 'negotiate'));
        assert.deepEqual(pick(result), { ok: false, reason: 'connect: no answer within 0.4 s' });
      }
    } finally {
      await server.close();
    }
  });

  it('a stopped process', async () => {
    const server = await stoppedServer();
    try {
      const check = checkOf({ port: server.port, negotiateTimeout: brief });
      const http = await withoutLeaks(() => runProbe(check, 'negotiate'));
      assert.deepEqual(pick(http), { ok: false, reason: 'response headers: not done within 0.4 s' });
      const https = await withoutLeaks(() => runProbe({ ...check, service: 'https' }, 'negotiate'));
      assert.deepEqual(pick(https), { ok: false, reason: 'tls: not done within 0.4 s' });
    } finally {
      await server.close();
    }
  });
});

describe('runProbe', () => {
  it('uses the timeout of the stage', async () => {
    const server = await listen(bad.silent);
    try {
      const check = checkOf({ type: 'combined', port: server.port, negotiateTimeout: brief });
      assert.deepEqual(pick(await runProbe(check, 'connect')), { ok: true, reason: 'connect: accepted' });
      assert.equal((await runProbe(check, 'negotiate')).reason, 'response headers: not done within 0.4 s');
    } finally {
      await server.close();
    }
  });

  it('a defect of a probe is a reason, and no verdict', async () => {
    const rejects = await runBounded(() => Promise.reject(new Error('boom')), checkOf({}), ample);
    assert.deepEqual(pick(rejects), { ok: null, reason: 'internal: Error: boom' });
    const throws = await runBounded(
      () => {
        throw new TypeError('bang');
      },
      checkOf({}),
      ample,
    );
    assert.deepEqual(pick(throws), { ok: null, reason: 'internal: TypeError: bang' });
  });

  it('gives up on a probe that ignores its deadline', async () => {
    const result = await withoutLeaks(() => runBounded(() => new Promise(() => {}), checkOf({}), 10));
    assert.equal(result.ok, null);
    assert.match(result.reason, /^internal: the probe did not end/);
  });

  it('never repeats a password', async () => {
    const check = checkOf({ passwd: 'hunter2', secret: 'shh' });
    const result = await runBounded(async () => ({ ok: false, reason: 'login: hunter2 shh hunter2' }), check, ample);
    assert.equal(result.reason, 'login: *** *** ***');
  });

  it('takes a timeout of years', async () => {
    const port = await closedPort();
    const result = await runProbe(checkOf({ port, negotiateTimeout: 2 ** 40 }), 'negotiate');
    assert.equal(result.reason, 'connect: refused (ECONNREFUSED)');
  });
});

function pick({ ok, reason }: ProbeResult): { ok: boolean | null; reason: string } {
  return { ok, reason };
}

describe('a cancelled check', () => {
  it('lets go of its connection at once, and says that it was abandoned', async () => {
    await withoutLeaks(async () => {
      const server = await listen(() => {});
      const controller = new CheckSignal();
      const result = runProbe(checkOf({ port: server.port }), 'negotiate', controller);
      await until('the probe has come', () => server.accepted() > 0);
      controller.abort(new Error('dropped'));
      assert.match((await result).reason, /abandoned/);
      await until('no connection is left', () => server.connections() === 0);
      await server.close();
    });
  });

  it('does not begin where it was cancelled before', async () => {
    const dropped = new CheckSignal();
    dropped.abort(new Error('dropped'));
    const result = await runProbe(checkOf({ port: await closedPort() }), 'negotiate', dropped);
    assert.match(result.reason, /abandoned/);
  });
});
