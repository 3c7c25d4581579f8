/** The page of a director that has more than a page is to be given at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBackend } from '../../../src/ipvs/memory.js';
import { browserMissing, openBrowser, openPage } from '../../helpers/browser.js';
import { startDaemon } from '../../helpers/daemon.js';
import { until } from '../../helpers/deadline.js';
import { freePort } from '../../helpers/free-port.js';

const desktop = { width: 1280, height: 900, colorScheme: 'light' } as const;

test('of a large director what is shown is asked for, and all of it can be found', {
  skip: browserMissing,
}, async (t) => {
  const many = Array.from({ length: 250 }, (_, at) => `\treal=10.1.0.${at}:80 masq\n`).join('');
  const others = Array.from({ length: 240 }, (_, at) => {
    return `virtual=192.0.2.${at}:80\n\treal=10.0.0.${at}:80 masq\n\tchecktype=${at === 230 ? 'off' : 'on'}\n`;
  });
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const { daemon } = await startDaemon(t, `virtual=198.51.100.1:80\n${many}\tchecktype=on\n${others.join('')}`, {
    backend: new MemoryBackend(),
    settings: `http = 127.0.0.1:${port}\n`,
  });
  await daemon.missing();
  await until('it listens', async () => (await fetch(`${base}/healthz`).catch(() => null))?.ok === true);
  const context = await openBrowser(t);
  const { page, complaints } = await openPage(context, base, desktop);
  await page.locator('.service').first().waitFor();
  assert.equal(await page.locator('.service').count(), 100);
  await page.getByText('of 241').first().waitFor();
  await page.locator('.service').first().getByText('250/250 up').waitFor();
  await page.getByRole('button', { name: 'Show 100 more services of 141' }).click();
  await until('there are more', async () => (await page.locator('.service').count()) === 200);
  await page.locator('.service button').first().click();
  await page.getByRole('button', { name: /Show 100 more servers of 150/ }).click();
  await until('more servers', async () => (await page.locator('.service tbody tr').count()) === 200);
  await page.getByRole('searchbox').fill('10.0.0.235:80');
  await page.getByText('1 service of 241 found.').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByLabel(/problems/i).check();
  await page.getByText('1 service of 241 found.').waitFor();
  await page.locator('.service').getByText('192.0.2.230:80').waitFor();
  const linked = await openPage(context, `${base}/#server=tcp/192.0.2.239:80/10.0.0.239:80`, desktop);
  await linked.page.locator('dialog .facts').waitFor();
  assert.deepEqual([...complaints, ...linked.complaints], []);
});
