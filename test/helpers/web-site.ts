/** The HTTP side of a director for tests: a real listener, over a status that the test makes up. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defaultSettings, type Settings } from '../../src/config/settings/rows.js';
import { type Event, EventBus } from '../../src/events.js';
import { History } from '../../src/observe/http/history.js';
import { Web } from '../../src/observe/http/web.js';
import type { Actions } from '../../src/status/actions.js';
import { type Before, Chronicle } from '../../src/status/chronicle.js';
import type { Status } from '../../src/status/model.js';
import type { StatusStream } from '../../src/status/streamed.js';
import { within } from './deadline.js';
import { freePort } from './free-port.js';
import { streamOf, usualStatus } from './status.js';

export interface SiteOptions {
  readonly settings?: Partial<Settings>;
  readonly actions?: Actions;
  readonly describe?: () => Promise<Status>;
  /** Instead of that. */
  readonly stream?: () => Promise<StatusStream>;
  /** What is known of a run before. */
  readonly before?: Before;
  /** Why it is not ready. */
  readonly unready?: () => readonly string[];
}

/** Opens at a free port of 127.0.0.1 unless the settings say otherwise. */
export async function webSite(t: TestContext, options: SiteOptions = {}) {
  const port = await freePort();
  const { describe = async () => ({ ...usualStatus, at: Date.now() }) } = options;
  const bus = new EventBus();
  const chronicle = new Chronicle();
  if (options.before) chronicle.resume(options.before);
  const events: Event[] = [];
  bus.subscribe(chronicle.listener);
  bus.subscribe((event) => events.push(event));
  const web = new Web({
    bus,
    version: '1.2.3',
    backend: 'memory',
    stream: options.stream ?? (async () => streamOf(await describe())),
    chronicle,
    history: new History(),
    actions: options.actions ?? null,
    unready: options.unready ?? (() => ['the first table does not stand yet']),
  });
  t.after(() => web.close());
  const settings: Settings = { ...defaultSettings, http: { host: '127.0.0.1', port }, ...options.settings };
  await web.configure(settings);
  return { web, bus, chronicle, events, port, settings, base: `http://127.0.0.1:${port}` };
}

/** Settles when a daemon with this bus has opened its listener. To be asked for before it starts. */
export function httpOpened(bus: EventBus): Promise<void> {
  const opened = new Promise<void>((resolve) => {
    const leave = bus.subscribe(({ type }) => {
      if (type !== 'http-opened') return;
      leave();
      resolve();
    });
  });
  return within('the listener', opened, 60_000);
}

/** What an address answers; fails where the status is another. */
export async function fetched(url: string, status = 200, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  assert.equal(response.status, status, `${url}: ${text.slice(0, 500)}`);
  return text;
}
