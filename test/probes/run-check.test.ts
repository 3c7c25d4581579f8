/** A check that is made of several: against real servers, and against what is said of it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CheckSignal } from '../../src/probes/check-signal.js';
import { DeadlineExceeded } from '../../src/probes/failure.js';
import { furtherChecks } from '../../src/probes/further.js';
import { loadProbes } from '../../src/probes/index.js';
import type { Check, Further, ProbeResult, Verdict } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { runCheck } from '../../src/probes/run-check.js';
import { bad, response } from '../helpers/bad-servers.js';
import { ample, brief, checkOf, receive, tlsOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { withoutLeaks } from '../helpers/leaks.js';
import { type Behaviour, closedPort, type Listener, listen } from '../helpers/listener.js';
import { exhaustDescriptors } from '../helpers/resource-limits.js';
import { stoppedServer } from '../helpers/stopped-server.js';

const { http, hex } = checkOf({});

function furtherOf(changes: Partial<Further>): Further {
  return {
    type: 'negotiate',
    service: 'http',
    protocol: 'tcp',
    port: null,
    request: '/',
    receive: null,
    tls: null,
    http,
    hex,
    ...changes,
  };
}

const good = response('200 OK', 'hello');

/** Runs a check whose first server is the ordinary one’s, and the others those of further ones. */
async function run(behaviours: readonly Behaviour[], changes: Partial<Check> = {}, more: Partial<Further> = {}) {
  return withoutLeaks(async () => {
    const servers = await Promise.all(behaviours.map((behave) => listen(behave)));
    const [ordinary, ...others] = servers;
    assert.ok(ordinary);
    const further = others.map(({ port }) => furtherOf({ port, ...more }));
    const result = await runCheck(checkOf({ port: ordinary.port, further, ...changes }), 'negotiate');
    await until('no connection is left', () => servers.every((server) => server.connections() === 0));
    await Promise.all(servers.map((server) => server.close()));
    return {
      result,
      accepted: servers.map((server) => server.accepted()),
      names: others.map(({ port }) => `http:${port}`),
    };
  });
}

describe('a check with further ones', () => {
  it('passes where all pass, one after another', async () => {
    const { result, accepted } = await run([good, good, good]);
    assert.deepEqual([result.ok, result.reason], [true, 'response: status 200; 2 further checks passed']);
    assert.deepEqual(accepted, [1, 1, 1]);
    assert.equal((await run([good, good])).result.reason, 'response: status 200; 1 further check passed');
  });

  it('holds one connection at a time', async () => {
    const servers: Listener[] = [];
    let most = 0;
    const counting: Behaviour = (socket) => {
      const now = servers.reduce((sum, server) => sum + server.connections(), 0);
      most = Math.max(most, now);
      // Answers and ends; the next one comes when this end has been seen.
      good(socket);
    };
    for (let count = 0; count < 4; count += 1) servers.push(await listen(counting));
    const [ordinary, ...others] = servers;
    const further = others.map(({ port }) => furtherOf({ port }));
    const result = await runCheck(checkOf({ port: ordinary?.port ?? 0, further }), 'negotiate');
    assert.equal(result.ok, true, result.reason);
    // That this side has closed one can reach the server after the next has come.
    assert.ok(most <= 2, String(most));
    await Promise.all(servers.map((server) => server.close()));
  });

  it('fails as the ordinary one fails, and asks no further', async () => {
    const { result, accepted } = await run([response('503 No'), good]);
    assert.deepEqual([result.ok, result.reason], [false, 'response: status 503']);
    assert.deepEqual(accepted, [1, 0]);
  });

  it('fails by the first further one that fails, and names it', async () => {
    const { result, accepted, names } = await run([good, good, response('503 No'), good]);
    assert.deepEqual([result.ok, result.reason], [false, `require ${names[1]}: response: status 503`]);
    assert.deepEqual(accepted, [1, 1, 1, 0]);
  });

  it('fails where nobody listens', async () => {
    const port = await closedPort();
    const server = await listen(good);
    const further = [furtherOf({ type: 'connect', service: 'none', port })];
    const { ok, reason } = await runCheck(checkOf({ port: server.port, further }), 'negotiate');
    assert.deepEqual([ok, reason], [false, `require connect:${port}: connect: refused (ECONNREFUSED)`]);
    await server.close();
  });

  it('gives each its own time', async () => {
    let asked = 0;
    const further = [furtherOf({ port: 1 }), furtherOf({ port: 2 })];
    const { ok } = await runCheck(checkOf({ further }), 'negotiate', new CheckSignal(), async (_check, _stage, own) => {
      assert.equal(own?.aborted, false);
      own?.abort(new DeadlineExceeded(brief));
      asked += 1;
      return { ok: true, reason: 'at the last moment', duration: brief };
    });
    assert.deepEqual([ok, asked], [true, 3]);
  });

  it('fails by a further one that stalls to the end of its time', async () => {
    const { result, names } = await run([good, bad.silent], { negotiateTimeout: brief });
    assert.deepEqual(
      [result.ok, result.reason],
      [false, `require ${names[0]}: response headers: not done within ${brief / 1000} s`],
    );
    assert.ok(result.duration >= brief - 1, `${result.duration} ms`);
  });

  it('is not held up by a server that floods', async () => {
    for (const behave of [bad.endlessHeaders, bad.endlessInterim, bad.garbage]) {
      const { result } = await run([good, behave]);
      assert.equal(result.ok, false);
      assert.match(result.reason, /^require http:\d+: response headers: /);
      assert.ok(result.duration < ample, `${result.duration} ms`);
    }
  });

  it('looks for what its line says, not for what the ordinary one looks for', async () => {
    const { result, names } = await run(
      [response('200 OK', 'hello'), response('200 OK', 'degraded')],
      { receive: receive('hello') },
      { receive: receive('healthy') },
    );
    assert.equal(result.reason, `require ${names[0]}: response body: no match for "healthy" in 8 bytes`);
  });

  it('masks what a server repeats', async () => {
    const repeats: Behaviour = (socket) => {
      socket.once('data', (data) => {
        const said = /authorization: ([^\r\n]*)/i.exec(String(data))?.[1] ?? '';
        socket.end(`HTTP/1.1 302 Found\r\nLocation: ftp://x/?${said}&opensesame\r\nContent-Length: 0\r\n\r\n`);
      });
    };
    const { result } = await run(
      [good, repeats],
      { login: 'me', passwd: 'opensesame', secrets: ['opensesame'] },
      { http: { ...http, auth: 'basic' } },
    );
    assert.equal(result.ok, false);
    assert.match(result.reason, /^require http:\d+: .*\*\*\*/);
    for (const form of ['opensesame', Buffer.from('me:opensesame').toString('base64')]) {
      assert.ok(!result.reason.includes(form), result.reason);
    }
  });

  it('has no verdict where a further one has none', async () => {
    const stopped = await stoppedServer();
    const further = [
      furtherOf({ service: 'https', tls: tlsOf({ verify: true }) }),
      furtherOf({ type: 'connect', service: 'none', port: 9 }),
    ];
    const check = checkOf({ type: 'connect', port: stopped.port, negotiateTimeout: brief, further });
    // What a probe needs is loaded before, as at a reload.
    for (const one of [check, ...furtherChecks(check)]) await loadProbes(one);
    await (await import('../../src/probes/http/http.js')).probeHttp(checkOf({ port: 9 }), new CheckSignal());
    const giveBack = exhaustDescriptors(256, 1);
    try {
      const { ok, reason } = await runCheck(check, 'connect');
      // That of the connect may not have been let go of yet.
      assert.match(reason, /^require https:\d+: (connect|tls): this process has no file descriptor left \(EMFILE\)$/);
      assert.equal(ok, null);
    } finally {
      giveBack();
      await stopped.close();
      await releaseKept();
    }
  });

  it('ends when it is dropped, whichever is under way, and asks no further', async () => {
    let asked = 0;
    const silent = await listen(() => {
      asked += 1;
    });
    const server = await listen(good);
    const further = [silent, server].map(({ port }) => furtherOf({ port }));
    const signal = new CheckSignal();
    const result = runCheck(checkOf({ port: server.port, further }), 'negotiate', signal);
    await until('the second is asked', () => asked === 1);
    signal.abort(new Error('dropped'));
    assert.notEqual((await result).ok, true);
    await until('nothing is open', () => silent.connections() + server.connections() === 0);
    assert.equal(server.accepted(), 1);
    await Promise.all([silent.close(), server.close()]);
  });
});

it('the verdict is that of the first that did not pass, and nobody is asked after it', async () => {
  const verdict = fc.constantFrom<Verdict>(true, true, true, false, null);
  await fc.assert(
    fc.asyncProperty(verdict, fc.array(verdict, { maxLength: 6 }), async (ordinary, others) => {
      const all = [ordinary, ...others];
      const further = others.length === 0 ? null : others.map((_, index) => furtherOf({ port: index + 1 }));
      const asked: number[] = [];
      let under = 0;
      const { ok, reason, duration } = await runCheck(
        checkOf({ port: 0, further }),
        'negotiate',
        new CheckSignal(),
        async ({ port }): Promise<ProbeResult> => {
          under += 1;
          assert.equal(under, 1, 'one at a time');
          await null;
          under -= 1;
          asked.push(port);
          return { ok: all[port] ?? null, reason: `said ${port}`, duration: 1 };
        },
      );
      const first = all.findIndex((one) => one !== true);
      const count = first < 0 ? all.length : first + 1;
      assert.deepEqual(asked, [...all.keys()].slice(0, count));
      assert.equal(ok, first < 0 ? true : all[first]);
      assert.equal(duration, count);
      assert.ok(reason.includes(`said ${Math.max(first, 0)}`), reason);
      assert.equal(/^require /.test(reason), first > 0);
    }),
  );
});
