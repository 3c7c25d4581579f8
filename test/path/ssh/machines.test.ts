import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import {
  type KeyPair,
  type LoginSshd,
  loginSshdMissing,
  makeKey,
  startLoginSshd,
} from '../../helpers/servers/login-sshd.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { ample, faultOf, knownHosts, linesOf, once, opened, usual } from './scene.js';

/** Each address of loopback is a machine. */
const machinesCalled = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    address: `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`,
    names: [`web${index}`],
  }));

describe('many machines', { skip: loginSshdMissing }, () => {
  const releases: (() => Promise<void>)[] = [];
  let directory: string;
  let key: KeyPair;
  let server: LoginSshd;
  let settings: SshSettings;
  before(async () => {
    directory = await temporaryDirectory({ after: (release) => releases.push(release) });
    key = await makeKey(directory, 'key');
    server = await startLoginSshd({ authorized: [key.line], settings: ['LogLevel VERBOSE'] });
    settings = {
      ...usual,
      port: server.port,
      key: key.file,
      knownHosts: [await knownHosts(directory, 'known', linesOf(server, '*'))],
    };
  });
  after(async () => {
    await server?.close();
    for (const release of releases) await release();
  });

  const ofEach = 'echo "$SSH_CONNECTION" | cut -d " " -f 3; head -c 50000 /dev/zero | tr "\\0" x';

  it('five hundred, so many at once, in order', async () => {
    const all = machinesCalled(500);
    const limit = 8;
    const progress: number[] = [];
    let [running, most] = [0, 0];
    await withoutLeaks(async () => {
      const machines = await opened({ ...settings, limit });
      const results = await machines.each(
        all,
        async (shell, { address }, signal) => {
          running += 1;
          most = Math.max(most, running);
          const result = await shell.run(ofEach, { deadline: 10 * ample, asRoot: false, signal });
          running -= 1;
          return [address, result] as const;
        },
        {
          signal: new AbortController().signal,
          onProgress: (done, total) => {
            assert.equal(total, 500);
            progress.push(done);
          },
        },
      );
      for (const [index, { address }] of all.entries()) {
        const [asked, result] = results[index] ?? [];
        assert.equal(asked, address);
        assert.ok(result?.ok, `${address}: ${JSON.stringify(result)}\n${server.log()}`);
        assert.equal(result.stdout, `${address}\n${'x'.repeat(50_000)}`);
      }
      assert.equal(results.length, 500);
      await machines.close();
    });
    assert.equal(most, limit);
    assert.deepEqual(
      progress,
      all.map((_, index) => index + 1),
    );
  });

  it('one hangs, one refuses, and the others are well', async () => {
    const all = machinesCalled(6);
    const machines = await opened({ ...settings, limit: 2 });
    const results = await machines.each(
      all,
      (shell, { names: [name = ''] }) => {
        const script = name === 'web1' ? 'sleep 300' : name === 'web4' ? 'exit 9' : 'echo well';
        return shell.run(script, { deadline: name === 'web1' ? 3000 : ample, asRoot: false });
      },
      { signal: new AbortController().signal },
    );
    await machines.close();
    assert.deepEqual(
      results.map((result) => (result.ok ? result.status : result.fault.code)),
      [0, 'timed-out', 0, 0, 9, 0],
    );
  });

  it('are given up together: those that run, and those that have not begun', async () => {
    const stop = new AbortController();
    const all = machinesCalled(30);
    await withoutLeaks(async () => {
      const machines = await opened({ ...settings, limit: 4 });
      let begun = 0;
      const results = machines.each(
        all,
        async (shell, _machine, signal) => {
          await shell.run('true', { deadline: ample, asRoot: false, signal });
          begun += 1;
          return shell.run('sleep 300', { deadline: ample, asRoot: false, signal });
        },
        { signal: stop.signal },
      );
      await until('four run', () => begun === 4);
      stop.abort();
      const codes = (await results).map((result) => faultOf(result).code);
      assert.deepEqual(
        codes,
        all.map(() => 'aborted'),
      );
      await machines.close();
    });
  });

  it('none at all', async () => {
    const machines = await opened(settings);
    const results = await machines.each([], async () => assert.fail(), { signal: new AbortController().signal });
    assert.deepEqual(results, []);
    await machines.close();
  });

  it('a piece of work that throws ends the rest, and is told', async () => {
    const machines = await opened({ ...settings, limit: 3 });
    const begun: string[] = [];
    const work = machines.each(
      machinesCalled(20),
      async (shell, { address, names: [name = ''] }, signal) => {
        begun.push(address);
        if (name === 'web2') throw new Error('a defect');
        return shell.run('sleep 300', { deadline: ample, asRoot: false, signal });
      },
      { signal: new AbortController().signal },
    );
    await assert.rejects(work, /^Error: a defect$/);
    assert.equal(begun.length, 3);
    await machines.close();
  });

  describe('by a jump host', () => {
    let gate: LoginSshd;
    before(async () => {
      gate = await startLoginSshd({ authorized: [key.line], settings: ['LogLevel VERBOSE'] });
    });
    after(() => gate?.close());
    const through = async (changes: Partial<SshSettings> = {}): Promise<SshSettings> => ({
      ...settings,
      jumpHost: { user: 'admin', host: '127.0.0.1', port: gate.port },
      knownHosts: [...settings.knownHosts, await knownHosts(directory, 'gate', linesOf(gate))],
      ...changes,
    });
    const accepted = () => gate.log().match(/Accepted publickey for admin/g)?.length ?? 0;

    it('all share one connection to it', async () => {
      const before = accepted();
      await withoutLeaks(async () => {
        const machines = await opened(await through({ limit: 5 }));
        const all = machinesCalled(40);
        const results = await machines.each(all, (shell) => shell.run(ofEach, { deadline: ample, asRoot: false }), {
          signal: new AbortController().signal,
        });
        assert.deepEqual(
          results.map((result) => (result.ok ? result.stdout.split('\n')[0] : result.fault)),
          all.map(({ address }) => address),
        );
        await machines.close();
      });
      await until('the log of the jump host is there', () => accepted() > before);
      assert.equal(accepted(), before + 1);
    });

    it('is connected to anew where it has died', async () => {
      const machines = await opened(await through());
      const shell = machines.shell({ address: '127.0.1.1', names: [] });
      assert.ok((await shell.run('true', { deadline: ample, asRoot: false })).ok);
      const pids = await shell.run('pgrep -f "^sshd: admin"', { deadline: ample, asRoot: false });
      assert.ok(pids.ok && pids.stdout !== '', JSON.stringify(pids));
      const running = shell.run('sleep 300', { deadline: ample, asRoot: false });
      // All of them are looked for first: one whose parent has ended belongs to nobody.
      const its = pids.stdout.trim().split('\n').map(Number);
      for (const pid of its.filter((pid) => isBelow(pid, gate))) process.kill(pid, 'SIGKILL');
      assert.equal(faultOf(await running).code, 'lost');
      const result = await shell.run('echo again', { deadline: ample, asRoot: false });
      assert.ok(result.ok && result.stdout === 'again\n', JSON.stringify(result));
      await machines.close();
    });

    it('has to show its own key', async () => {
      const fault = faultOf(
        await once(await through({ knownHosts: [await knownHosts(directory, 'none', [])] }), 'true'),
      );
      assert.equal(fault.code, 'host-key-unknown');
      assert.match(fault.message, /^root@\[127\.0\.0\.1\]:\d+: by the jump host: admin@\[127\.0\.0\.1\]:\d+: its key /);
    });

    it('and so has the machine behind it', async () => {
      const fault = faultOf(await once(await through({ knownHosts: [`${directory}/gate`] }), 'true'));
      assert.equal(fault.code, 'host-key-unknown');
      assert.match(fault.message, /^root@\[127\.0\.0\.1\]:\d+: its key /);
      assert.match(fault.remedy, /ssh admin@127\.0\.0\.1 -p \d+ ssh-keyscan -p \d+ 127\.0\.0\.1 >> /);
    });

    it('does not reach it', async () => {
      const port = await freePort('127.0.0.1');
      const fault = faultOf(await once(await through({ port }), 'true'));
      assert.equal(fault.code, 'unreachable');
      assert.match(fault.message, /: not reached from the jump host admin@\[127\.0\.0\.1\]:\d+: .*Connection refused/);
    });

    it('is not there, and is asked once for all', async () => {
      const port = await freePort('127.0.0.1');
      const machines = await opened(await through({ jumpHost: { user: null, host: '127.0.0.1', port }, limit: 3 }));
      const results = await machines.each(
        machinesCalled(50),
        (shell) => shell.run('true', { deadline: ample, asRoot: false }),
        {
          signal: new AbortController().signal,
        },
      );
      await machines.close();
      for (const result of results) {
        assert.match(faultOf(result).message, /: by the jump host: root@\[127\.0\.0\.1\]:\d+: connect to .* refused/);
      }
    });

    it('hangs', async () => {
      const machines = await opened(await through());
      const shell = machines.shell({ address: '127.0.1.1', names: [] });
      gate.freeze();
      try {
        const fault = faultOf(await shell.run('true', { deadline: 1000, asRoot: false }));
        assert.equal(fault.code, 'timed-out');
        await withoutLeaks(() => machines.close());
      } finally {
        gate.thaw();
      }
    });
  });
});

/** Whether a process is one that a server has started. */
function isBelow(pid: number, server: LoginSshd): boolean {
  let at = pid;
  while (at > 1) {
    const command = readFileSync(`/proc/${at}/cmdline`, 'latin1');
    if (command.includes(server.directory)) return true;
    at = Number(
      readFileSync(`/proc/${at}/stat`, 'latin1')
        .replace(/^.*\) /s, ') ')
        .split(' ')[2],
    );
  }
  return false;
}
