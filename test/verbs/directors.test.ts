/** Directors as programs that share a store: what `directors` and `plan --director` say of them, and the log. */

import assert from 'node:assert/strict';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { until } from '../helpers/deadline.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { type Etcd, etcdMissing, startEtcd } from '../helpers/servers/etcd.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** Exit status: there are differences. */
const changes = 4;

describe('directors', { skip: etcdMissing && 'etcd is not installed', concurrency: true }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd?.close());

  interface Running {
    readonly web: Instance;
    /** What the program finds of it in its environment, as DIRECTOR. */
    readonly folder: string;
  }

  /** One that runs. The log is another one for each, and no part of the configuration that they compare. */
  async function start(t: TestContext, prefix: string, name: string, text: string): Promise<Running> {
    const instances = await Instances.open(t);
    const { folder, environment } = instances;
    environment['DIRECTOR'] = folder;
    const web = await instances.create('web.cf', '');
    await writeFile(web.file, `logfile="/dev/null"\n${text}`);
    await writeFile(
      join(folder, 'ldirectord.ini'),
      `[store]\nendpoints = ${etcd.endpoint}\nprefix = /${prefix}\nname = ${name}\n`,
    );
    const started = await web.run('start', '--backend', 'memory');
    assert.equal(started.code, 0, started.stderr);
    return { web, folder };
  }

  async function says(web: Instance, verb: string, words: readonly string[], pattern: RegExp): Promise<number | null> {
    let last = await web.ask(verb, ...words);
    await until(
      () => `${verb} says ${pattern}:\n${last.stdout}${last.stderr}`,
      async () => {
        last = await web.ask(verb, ...words);
        return pattern.test(last.stdout);
      },
    );
    return last.code;
  }

  test('another weight and another server are a difference, with its exit status, and planned', async (t) => {
    const text = (...reals: readonly string[]): string =>
      `virtual=192.0.2.1:80\n${reals.map((real) => `\treal=${real}\n`).join('')}\tchecktype=on\n`;
    const a = await start(t, 'plan', 'lb1', text('10.0.0.1:80 gate', '10.0.0.2:80 gate 2'));
    const b = await start(t, 'plan', 'lb2', text('10.0.0.1:80 gate', '10.0.0.2:80 gate 2'));
    assert.equal(await says(a.web, 'directors', [], /^lb2 +ready/m), 0);
    assert.equal((await a.web.ask('plan', '--director', 'lb2')).code, 0);
    await writeFile(b.web.file, `logfile="/dev/null"\n${text('10.0.0.2:80 gate 5', '10.0.0.3:80 gate')}`);
    assert.equal((await b.web.run('reload')).code, 0);
    assert.equal(await says(a.web, 'directors', [], /^lb2 differs in configuration: /m), changes);
    const plan = await a.web.ask('plan', '--director', 'lb2');
    assert.equal(plan.code, changes, plan.stderr);
    for (const line of [/10\.0\.0\.1:80/, /10\.0\.0\.2:80.*2.*5/, /10\.0\.0\.3:80/]) assert.match(plan.stdout, line);
    assert.equal((await b.web.run('stop')).code, 0);
    assert.equal(await says(a.web, 'directors', [], /^lb2 +absent/m), changes);
    const gone = await a.web.ask('plan', '--director', 'lb2');
    assert.match(gone.stderr, /lb2 is not there/);
    assert.notEqual(gone.code, 0);
  });

  test('two that are called alike are told', async (t) => {
    const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n';
    const [a, b] = [await start(t, 'alike', 'lb1', text), await start(t, 'alike', 'lb1', text)];
    await until('one of them says so', async () => {
      const events = await Promise.all([a, b].map(({ web }) => web.ask('events')));
      return events.some(({ stdout }) => /another director is called lb1, too/i.test(stdout));
    });
  });

  test('one that alone sees its servers down says so, and is not ready until that is over', async (t) => {
    const command = join(await temporaryDirectory(t), 'check');
    await writeFile(command, '#!/bin/sh\n[ ! -e "$DIRECTOR/broken" ]\n');
    await chmod(command, 0o755);
    const reals = ['10.0.0.1', '10.0.0.2'].map((address) => `\treal=${address}:80 gate\n`).join('');
    const text = `checkinterval=2\nvirtual=192.0.2.1:80\n${reals}\tchecktype=external\n\tcheckcommand=${command}\n`;
    const [a, b] = [await start(t, 'alone', 'lb1', text), await start(t, 'alone', 'lb2', text)];
    for (const [one, other] of [
      [a, 'lb2'],
      [b, 'lb1'],
    ] as const) {
      await says(one.web, 'directors', [], new RegExp(`^${other} +ready`, 'm'));
    }
    const cable = join(b.folder, 'broken');
    await writeFile(cable, '');
    const why = /only this director sees 2 of 2 servers down/i;
    assert.equal(await says(b.web, 'events', [], why), 0);
    assert.equal(await says(a.web, 'directors', [], /^lb2 +not ready/m), changes);
    const ready = await b.web.ask('status', '--ready');
    assert.notEqual(ready.code, 0);
    assert.match(`${ready.stdout}${ready.stderr}`, why);
    assert.equal((await a.web.ask('status', '--ready')).code, 0);
    await rm(cable);
    await says(a.web, 'directors', [], /^lb2 +ready/m);
    assert.equal((await b.web.ask('status', '--ready')).code, 0);
  });
});
