/** Debian's Chromium, driven as a person would: a fresh profile, gone with the test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { lacks } from './programs.js';

export const browserMissing = lacks('chromium');

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Milliseconds to start, and for whatever is waited for: a browser is many processes, and so are the others' tests. */
const patience = 120_000;

export async function openBrowser(t: TestContext): Promise<BrowserContext> {
  const profile = await mkdtemp(join(tmpdir(), 'ldirectord-test-'));
  const options = { executablePath: '/usr/bin/chromium', args: flags, timeout: patience };
  const context = await chromium.launchPersistentContext(profile, options);
  context.setDefaultTimeout(patience);
  t.after(async () => {
    await context.close();
    // Some of its processes write still while they end.
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  return context;
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A page with everything that it complains about. */
export async function openPage(context: BrowserContext, url: string, { width, height, colorScheme }: Look) {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.goto(url);
  return { page, complaints };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe finds. It comes in past the page's own policy, which forbids foreign scripts. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  const { source }: { source: string } = createRequire(import.meta.url)('axe-core');
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
    awaitPromise: true,
    returnByValue: true,
  });
  const violations = JSON.parse(String(result.value)) as Violation[];
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
