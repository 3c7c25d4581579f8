/** The page's buttons in a real browser, of a daemon that runs as a process of its own and balances connections. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Status } from '../../../src/status/model.js';
import { browserMissing, openBrowser, openPage } from '../../helpers/browser.js';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { Instances } from '../../helpers/instance.js';

const skip = browserMissing;
const token = 'correct-horse-battery';
const look = { width: 1280, height: 900, colorScheme: 'light' } as const;

/** Answers each request with its name, on a connection of its own. */
async function webServer(t: TestContext, name: string): Promise<string> {
  const server = createServer({ keepAlive: false }, (_, response) => response.end(name));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A service of two servers of weight 3 and 2, and what can be seen of it from the command line. */
async function director(t: TestContext) {
  const [first, second] = [await webServer(t, 'first'), await webServer(t, 'second')];
  const [service, http] = [`127.0.0.1:${await freePort()}`, await freePort()];
  const instances = await Instances.open(t);
  await writeFile(join(instances.folder, 'http.token'), `${token}\n`, { mode: 0o600 });
  await writeFile(
    join(instances.folder, 'ldirectord.ini'),
    `http = ${http}\nhttptokenfile = ${join(instances.folder, 'http.token')}\n`,
  );
  const web = await instances.create(
    'web.cf',
    `checkinterval=1\nvirtual=${service}\n\treal=${first} masq 3\n\treal=${second} masq 2\n\tservice=http\n`,
  );
  assert.equal((await web.run('start')).code, 0);
  await web.logged(/(Added real server[\s\S]*){2}/);
  const server = async (name: string) => {
    const { stdout } = await web.ask('list', name, '--json');
    const [virtual] = (JSON.parse(stdout) as Status).virtuals;
    return virtual?.servers[0] ?? assert.fail(stdout);
  };
  /** Who answers some connections to the service, a turn of the scheduler at least. */
  const answering = async (): Promise<string[]> => {
    const names = new Set<string>();
    for (let turn = 0; turn < 10; turn += 1) {
      const headers = { connection: 'close' };
      names.add(await (await fetch(`http://${service}/`, { headers, signal: AbortSignal.timeout(10_000) })).text());
    }
    return [...names].sort();
  };
  return { web, first, service, base: `http://127.0.0.1:${http}`, server, answering };
}

test('a click drains a server and another brings it back, with the token alone', { skip }, async (t) => {
  const { web, first, service, base, server, answering } = await director(t);
  const { page, complaints } = await openPage(await openBrowser(t), `${base}/#server=tcp/${service}/${first}`, look);
  const row = (state: string) => page.locator(`tr[data-state="${state}"]`, { hasText: first });
  const [drain, undrain] = ['Drain', 'Take back into use'].map((name) => page.getByRole('button', { name }));
  const lead = page.locator('dialog .lead');
  assert.ok(drain && undrain);
  await row('up').waitFor({ state: 'attached' });
  assert.deepEqual(await answering(), ['first', 'second']);

  for (const wrong of ['correct-horse-batterx', token.slice(0, -1), `${token}${token}`]) {
    await page.getByLabel('Token').fill(wrong);
    await drain.click();
    await page.getByText('Not done: the token is wrong.').waitFor();
    const { held, weight } = await server(first);
    assert.deepEqual([held, weight], [null, 3], wrong);
    // So that the next one is heard to fail by itself.
    await page.getByLabel('Token').fill('');
    await drain.click();
    await page.getByText('Not done: it needs the token.').waitFor();
  }
  assert.doesNotMatch(await web.log(), /Weight set to 0|drained/);
  assert.match((await lead.textContent()) ?? '', / is up for /);

  await page.getByLabel('Token').fill(token);
  await drain.click();
  await page.getByText('Drained.').waitFor();
  const drained = await server(first);
  assert.deepEqual([drained.wanted, drained.weight, drained.configured], [0, 0, 3]);
  assert.match(
    (await web.ask('list', first)).stdout,
    new RegExp(`^ {2}${first} +drained +0 +0 .* drained by hand`, 'm'),
  );
  assert.deepEqual(await answering(), ['second'], 'no new connection');
  await row('drained').waitFor({ state: 'attached' });
  await until('the page says so', async () =>
    /held out of use: drained by hand/.test((await lead.textContent()) ?? ''),
  );
  assert.match((await row('drained').textContent()) ?? '', /0 of 3/);

  await undrain.click();
  await page.getByText('Taken back into use.').waitFor();
  const back = await server(first);
  assert.deepEqual([back.held, back.wanted, back.weight], [null, 3, 3]);
  assert.match((await web.ask('list', first)).stdout, new RegExp(`^ {2}${first} +up +3 +3 `, 'm'));
  assert.deepEqual(await answering(), ['first', 'second']);
  await row('up').waitFor({ state: 'attached' });
  await until('the page says so', async () => / is up for /.test((await lead.textContent()) ?? ''));

  // The browser tells of each answer that is no success; the page itself complains of nothing.
  assert.deepEqual(
    complaints.filter((text) => !/status of 401/.test(text)),
    [],
  );
  assert.equal(complaints.length, 3);
  assert.equal((await web.run('stop')).code, 0);
});

test('a drain has a reason, and the last server is drained by a second click', { skip }, async (t) => {
  const { web, first, service, base, server } = await director(t);
  const { servers } = (JSON.parse((await web.ask('list', '--json')).stdout) as Status).virtuals[0] ?? assert.fail();
  const second = servers.find(({ name }) => name !== first)?.name ?? assert.fail();
  const { page } = await openPage(await openBrowser(t), `${base}/#server=tcp/${service}/${first}`, look);
  await page.getByLabel('Token').fill(token);
  await page.getByLabel('Reason, for a drain').fill('replacing a disk');
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByText('Drained.').waitFor();
  const { hold } = await server(first);
  assert.deepEqual([hold?.who, hold?.why], ['status page', 'replacing a disk']);
  const lead = page.locator('dialog .lead');
  await until('the page says so', async () =>
    /held out of use: drained by hand by status page \d+ s ago: replacing a disk, for /.test(
      (await lead.textContent()) ?? '',
    ),
  );

  await page.goto(`${base}/#server=tcp/${service}/${second}`);
  await page.getByLabel('Token').fill(token);
  const sure = page.getByRole('button', { name: 'Drain it all the same' });
  await page.getByRole('button', { name: 'Drain', exact: true }).click();
  await page.getByText(`Not done: ${second} is the last server in use of ${service}; nobody would answer.`).waitFor();
  assert.equal((await server(second)).held, null);
  await sure.click();
  await page.getByText('Drained.').waitFor();
  assert.equal((await server(second)).hold?.who, 'status page');
  await sure.waitFor({ state: 'hidden' });
  assert.equal((await web.run('stop')).code, 0);
});
