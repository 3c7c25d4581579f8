/**
 * The status page in a real browser, of a real daemon over real servers. With SCREENSHOTS=FOLDER in the environment
 * it leaves pictures there to look at.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Daemon } from '../../../src/daemon.js';
import { EventBus } from '../../../src/events.js';
import { openBackend } from '../../../src/ipvs/open.js';
import { readConfiguration } from '../../../src/reload/read.js';
import { accessibilityViolations, browserMissing, type Look, openBrowser, openPage } from '../../helpers/browser.js';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';
import { fallbackStatus, serverStatus, statusOf, usualStatus, virtualStatus } from '../../helpers/status.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';
import { httpOpened, webSite } from '../../helpers/web-site.js';

const skip = browserMissing;
const looks: readonly Look[] = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
];
/** Who is asked beside a browser that takes the processor is slow and not down; who is down refuses at once. */
const patience = 'checktimeout=20\nnegotiatetimeout=20\n';
const desktop = looks[0] ?? assert.fail();
/** How a check finds a server that ends: it is not there any more, or goes while it is asked. */
const gone = /refused \(ECONNREFUSED\)|reset or closed by the server|closed by the server/;
const markup = '<img src=x onerror=document.title="broken">';

async function webServer(t: TestContext, port = 0): Promise<Server> {
  const server = createServer((_, response) => response.end('up'));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A daemon with two services: one of three servers, whose name is markup, one that has none left. */
async function director(t: TestContext) {
  const servers = [await webServer(t), await webServer(t), await webServer(t)];
  const ports = servers.map(portOf);
  const [first, second, dead, http] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'web.cf');
  const reals = ports.map((port) => `\treal=127.0.0.1:${port} masq 2\n`).join('');
  const common = '\tservice=http\n\tscheduler=wlc\n';
  await writeFile(
    file,
    `checkinterval=1\n${patience}virtual=127.0.0.1:${first}\n${reals}${common}\tservicename=${markup}\n
virtual=127.0.0.1:${second}\n\treal=127.0.0.1:${dead} masq\n\tfallback=127.0.0.1:${ports[0]} masq\n\tquiescent=yes\n${common}`,
  );
  await writeFile(join(folder, 'ldirectord.ini'), `http = ${http}\n`);
  const loaded = await readConfiguration(file, { strict: false });
  assert.ok(loaded.config, JSON.stringify(loaded.diagnostics));
  const bus = new EventBus();
  const backend = await openBackend('userspace');
  const options = { file, strict: false, bus, version: '1.2.3', backend };
  const opened = httpOpened(bus);
  const daemon = await Daemon.start(options, { ...loaded, config: loaded.config });
  t.after(() => daemon.stop('end of the test'));
  await opened;
  return { servers, ports, base: `http://127.0.0.1:${http}`, bus };
}

/** The row of a server, by its state. */
function rowOf(page: Page, port: number, state: string) {
  return page.locator(`tr[data-state="${state}"]`, { hasText: `127.0.0.1:${port}` });
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

test('a server dies and comes back, and the page shows it: at each width and in each light', { skip }, async (t) => {
  const { servers, ports, base } = await director(t);
  const context = await openBrowser(t);
  const [mortal = assert.fail(), port = assert.fail()] = [servers[0], ports[0]];
  const opened = [];
  for (const look of looks) opened.push({ look, ...(await openPage(context, base, look)) });
  for (const { page } of opened) {
    await page.locator('#connection[data-state="live"]').waitFor();
    await rowOf(page, port, 'up').waitFor();
  }
  stop(mortal);
  await Promise.all(opened.map(({ page }) => rowOf(page, port, 'down').waitFor({ state: 'attached' })));
  const revived = await webServer(t, port);
  await Promise.all(opened.map(({ page }) => rowOf(page, port, 'up').waitFor({ state: 'attached' })));
  stop(revived);
  for (const { page, look, complaints } of opened) {
    await page.bringToFront();
    await rowOf(page, port, 'down').waitFor();
    const name = `${look.width}-${look.colorScheme}`;
    assert.match((await page.locator('.service').first().textContent()) ?? '', /<img src=x/);
    assert.match((await page.locator('#events').textContent()) ?? '', gone);
    const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(widest <= look.width, `${name}: ${widest} pixels wide`);
    assert.deepEqual(await accessibilityViolations(page), [], name);
    await screenshot(page, name);
    await page.locator('tr[data-state="down"] a').first().click();
    await page.locator('dialog[open]').waitFor();
    assert.match((await page.locator('dialog').textContent()) ?? '', /is down for /);
    assert.match((await page.locator('dialog').textContent()) ?? '', gone);
    assert.deepEqual(await accessibilityViolations(page), [], `${name}, explanation`);
    await screenshot(page, `${name}-server`);
    await page.keyboard.press('Escape');
    await page.locator('dialog:not([open])').waitFor({ state: 'attached' });
    await until('the address has forgotten the server', () => !page.url().includes('#server'));
    assert.equal(await page.title(), 'ldirectord');
    assert.deepEqual(complaints, [], name);
  }
});

test('from the event of a death to the page it takes less than two seconds', { skip }, async (t) => {
  const { servers, ports, base, bus } = await director(t);
  const { page } = await openPage(await openBrowser(t), base, desktop);
  const [mortal = assert.fail(), port = assert.fail()] = [servers[1], ports[1]];
  await page.locator('#connection[data-state="live"]').waitFor();
  await rowOf(page, port, 'up').waitFor();
  let died = 0;
  bus.subscribe(({ type }) => {
    if (type === 'server-down') died ||= performance.now();
  });
  stop(mortal);
  await rowOf(page, port, 'down').waitFor();
  const took = performance.now() - died;
  t.diagnostic(`${Math.round(took)} ms`);
  // Two seconds on a machine that has nothing else to do.
  assert.ok(took < 10_000, `${took} ms`);
});

test('what a person types is a filter and nothing else; a link leads to a server', { skip }, async (t) => {
  const { ports, base } = await director(t);
  const context = await openBrowser(t);
  const { page, complaints } = await openPage(context, base, desktop);
  await rowOf(page, ports[2] ?? 0, 'up').waitFor();
  await page.getByRole('searchbox').fill(String(ports[2]));
  await until('one server is found', async () => (await page.locator('tbody tr').count()) === 1);
  await page.getByRole('searchbox').fill(markup);
  await until('one service is found', async () => (await page.locator('.service').count()) === 1);
  await page.getByRole('searchbox').fill('nothing like this');
  await page.getByText('Nothing matches the filter.').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByLabel('Problems only').check();
  await until('one service is found', async () => (await page.locator('.service').count()) === 1);
  const href = await page.locator('tbody a').first().getAttribute('href');
  const linked = await openPage(context, `${base}/${href}`, desktop);
  await linked.page.locator('dialog[open]').waitFor();
  await linked.page.getByRole('button', { name: 'Close', exact: true }).click();
  const strange = await openPage(context, `${base}/#server=${encodeURIComponent(markup)}%zz`, desktop);
  await strange.page.getByText('No virtual service has this server any more').waitFor();
  assert.deepEqual([...complaints, ...linked.complaints, ...strange.complaints], []);
});

test('when the daemon is gone the page says so, and goes on when it is back; a store that is away is told', {
  skip,
}, async (t) => {
  const state = { endpoint: 'http://a:2379', since: 0, revision: 12, entries: 3, reconnects: 2, isUp: false } as const;
  const fault = 'http://a:2379: no answer within 5 s (timed-out)';
  const store = { ...state, lastAnswer: null, latency: null, fault, writeFault: null };
  const site = await webSite(t, { describe: async () => ({ ...usualStatus, store, at: Date.now() }) });
  const { page } = await openPage(await openBrowser(t), site.base, desktop);
  await page.locator('#connection[data-state="live"]').waitFor();
  await page.getByText(`The store is away: ${fault}`).waitFor();
  await site.web.configure({ ...site.settings, http: null });
  await page.getByText('Connection lost, trying again').waitFor();
  await page.getByRole('link', { name: '10.0.0.2:80' }).first().waitFor();
  await site.web.configure(site.settings);
  await page.locator('#connection[data-state="live"]').waitFor();
});

test('without a place at the stream of events the page looks again and again', { skip }, async (t) => {
  let rounds = 0;
  const describe = async () => {
    rounds += 1;
    return statusOf([virtualStatus({ title: `round ${rounds}` })]);
  };
  const { base } = await webSite(t, { describe });
  const leaving = new AbortController();
  t.after(() => leaving.abort());
  // Held on to: with its response the connection of one would go.
  const readers: Response[] = [];
  for (let reader = 0; reader < 64; reader += 1) {
    readers.push(await fetch(`${base}/events`, { signal: leaving.signal }));
  }
  const { page } = await openPage(await openBrowser(t), base, desktop);
  await page.locator('#connection[data-state="polling"]').waitFor();
  const title = page.locator('.service .who');
  const first = await title.textContent();
  await until('the page has looked again', async () => (await title.textContent()) !== first, 20_000);
  assert.deepEqual(new Set(readers.map(({ status }) => status)), new Set([200]));
});

test('what happened to a server is told, however much happened to others since', { skip }, async (t) => {
  const { base, bus } = await webSite(t);
  const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  bus.publish({ type: 'server-up', ...subject, server: '10.0.0.1:80', reason: 'long ago' });
  for (let at = 0; at < 400; at += 1) bus.publish({ type: 'config-changed', file: `/${at}` });
  const { page, complaints } = await openPage(
    await openBrowser(t),
    `${base}/#server=tcp/192.0.2.1:80/10.0.0.1:80`,
    desktop,
  );
  const dialog = page.locator('dialog[open]');
  await dialog.locator('.events li', { hasText: 'long ago' }).waitFor();
  bus.publish({ type: 'server-up', ...subject, server: '10.0.0.1:80', reason: 'just now' });
  await dialog.locator('.events li', { hasText: 'just now' }).waitFor();
  await page.goto(`${base}/#server=tcp/192.0.2.1:80/10.0.0.2:80`);
  await dialog.getByText('None among the last thousand of all.').waitFor();
  assert.deepEqual(complaints, []);
});

test('what happened to a server is asked for again where the answer is lost', { skip }, async (t) => {
  const { base, bus } = await webSite(t);
  const server = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
  bus.publish({ type: 'server-up', ...server, reason: 'long ago' });
  const { page } = await openPage(await openBrowser(t), `${base}/#server=tcp/192.0.2.1:80/10.0.0.1:80`, desktop);
  const items = page.locator('dialog[open]').locator('.events li');
  await items.filter({ hasText: 'long ago' }).waitFor();
  let lost = 0;
  await page.route('**/api/v1/servers/**', async (route) => {
    lost += 1;
    await (lost === 1 ? route.abort() : route.continue());
  });
  bus.publish({ type: 'server-up', ...server, reason: 'just now' });
  await items.filter({ hasText: 'just now' }).waitFor();
  assert.ok(lost > 1);
});

test('servers are shown by the names of the file, their addresses below, and counted as in the listing', {
  skip,
}, async (t) => {
  const servers = [
    serverStatus({ called: 'web1.example.com:80' }),
    serverStatus({ name: '10.0.0.2:80', called: `${'a-long-name.'.repeat(6)}example.com:80`, up: false, weight: null }),
    serverStatus({ name: '10.0.0.3:80', held: 'drained by hand', wanted: 0, weight: 0 }),
  ];
  const fallbacks = [
    fallbackStatus({ called: 'sorry1:80', asked: true, up: false, reason: 'connect: refused' }),
    fallbackStatus({ name: '127.0.0.2:80', inUse: true, wanted: 1, weight: 1 }),
  ];
  const status = statusOf([virtualStatus({ called: 'shop.example.com:80', servers, fallbacks })]);
  const { base, bus } = await webSite(t, { describe: async () => ({ ...status, at: Date.now() }) });
  const inFile = { virtual: 'shop.example.com:80', server: 'web1.example.com:80' };
  const subject = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80', inFile } as const;
  bus.publish({ type: 'server-up', ...subject, reason: 'status 200' });
  const context = await openBrowser(t);
  for (const look of looks) {
    const { page, complaints } = await openPage(context, base, look);
    const row = page.locator('tbody tr', { hasText: 'web1.example.com:80' });
    await row.waitFor();
    assert.equal(await row.locator('.address').textContent(), '10.0.0.1:80');
    assert.match((await page.locator('.service .who').textContent()) ?? '', /shop\.example\.com:80.*192\.0\.2\.1:80/);
    assert.match((await page.locator('#figures').textContent()) ?? '', /Servers up1of 3Down1and 1 drained/);
    await page
      .locator('#events li', { hasText: 'Check passed: web1.example.com:80 (tcp:shop.example.com:80)' })
      .waitFor();
    const [dead, serving] = await page.locator('tfoot tr').allTextContents();
    assert.match(dead ?? '', /^downsorry1:80127\.0\.0\.1:80.*fallback: connect: refused$/);
    assert.match(serving ?? '', /^in use127\.0\.0\.2:80.*fallback$/);
    const widest = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(widest <= look.width, `${widest} pixels wide`);
    assert.deepEqual(await accessibilityViolations(page), []);
    await screenshot(page, `names-${look.width}-${look.colorScheme}`);
    await row.locator('a').click();
    await page.locator('dialog[open]', { hasText: '10.0.0.1:80' }).waitFor();
    assert.equal(await page.locator('#server-title').textContent(), 'web1.example.com:80');
    await page.locator('dialog .events li', { hasText: 'web1.example.com:80' }).waitFor();
    assert.deepEqual(complaints, []);
  }
});

test('actions are offered where there are any, and need the token', { skip }, async (t) => {
  const done: string[] = [];
  const actions = {
    drain: async (server: string) => void done.push(`drain ${server}`),
    undrain: async () => {
      throw new Error('it is held by <b>a file</b>');
    },
  };
  const site = await webSite(t, { actions, settings: { httpToken: 'correct-horse-battery' } });
  const context = await openBrowser(t);
  const { page } = await openPage(context, `${site.base}/#server=tcp/192.0.2.1:80/10.0.0.1:80`, desktop);
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByText('Not done: it needs the token.').waitFor();
  await page.getByLabel('Token').fill('correct-horse-battery');
  await page.getByRole('button', { name: 'Drain' }).click();
  await page.getByText('Drained.').waitFor();
  await page.getByRole('button', { name: 'Take back into use' }).click();
  await page.getByText('Not done: it is held by <b>a file</b>.').waitFor();
  assert.deepEqual(done, ['drain 10.0.0.1:80']);
  assert.deepEqual(await accessibilityViolations(page), []);
  assert.equal(
    await page.evaluate('JSON.stringify([document.cookie, { ...localStorage, ...sessionStorage }])'),
    '["",{}]',
  );
  const plain = await webSite(t);
  const without = await openPage(context, `${plain.base}/#server=tcp/192.0.2.1:80/10.0.0.1:80`, desktop);
  await without.page.locator('dialog .facts').waitFor();
  assert.equal(await without.page.getByRole('button', { name: 'Drain' }).count(), 0);
});

test('ten thousand servers are there to find, and a hundred at a time to see', { skip }, async (t) => {
  const all = Array.from({ length: 10 }, (_, service) => {
    const servers = Array.from({ length: 1000 }, (_, at) =>
      serverStatus({ name: `10.${service}.${at >> 8}.${at & 255}:80` }),
    );
    return virtualStatus({ name: `192.0.2.${service}:80`, servers });
  });
  const site = await webSite(t, { describe: async () => ({ ...statusOf(all), at: Date.now() }) });
  const { page, complaints } = await openPage(await openBrowser(t), site.base, desktop);
  await page.locator('.service').first().waitFor();
  await page.locator('.service button').first().click();
  await page.locator('tbody tr').first().waitFor();
  assert.equal(await page.locator('tbody tr').count(), 100);
  await page.getByRole('button', { name: /Show 100 more servers/ }).click();
  assert.equal(await page.locator('tbody tr').count(), 200);
  await page.getByRole('searchbox').fill('10.7.3.200:80');
  await page.getByText('1 service of 10 found.').waitFor();
  assert.deepEqual(complaints, []);
});
