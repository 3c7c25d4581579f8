/**
 * What the daemon shows over HTTP: metrics, the API, events and the status page. Opened, moved and closed as the
 * settings say; it reads what others make and decides nothing.
 */

import { isLoopback, type ListenAddress, listenAddressText } from '../../config/settings/listen-address.js';
import type { Settings } from '../../config/settings/rows.js';
import { isToken, shortestToken } from '../../config/settings/values.js';
import type { Event, EventBus } from '../../events.js';
import type { Actions } from '../../status/actions.js';
import type { Chronicle } from '../../status/chronicle.js';
import type { Page, Selection } from '../../status/selection.js';
import type { StatusStream } from '../../status/streamed.js';
import { readBounded } from '../../system/bounded-file.js';
import { Counters } from '../metrics/counters.js';
import type { History } from './history.js';
import type { HttpListener } from './listener.js';
import type { Pages } from './pages.js';

export interface WebOptions {
  readonly bus: EventBus;
  readonly version: string;
  readonly backend: string;
  readonly stream: (selection: Selection, page?: Page) => Promise<StatusStream>;
  readonly chronicle: Chronicle;
  readonly history: History;
  /** Null where there are none. */
  readonly actions: Actions | null;
  /** Why this director could not take over from another one, a sentence each; none where it could. */
  readonly unready: () => readonly string[];
}

/** Milliseconds until an address that could not be had is tried again. */
const tryAgainAfter = 10_000;
/** Bytes of the file of the token. */
const largestToken = 4096;

interface Open {
  readonly text: string;
  readonly listener: HttpListener;
  readonly pages: Pages;
}

export class Web {
  readonly #options: WebOptions;
  /** Counts from the start on, listener or not: a scrape that begins later finds everything. */
  readonly #counters = new Counters();
  readonly #unsubscribe: () => void;
  #settings: Pick<Settings, 'http' | 'httpToken' | 'httpTokenFile' | 'metrics'> = {
    http: null,
    httpToken: null,
    httpTokenFile: null,
    metrics: 'servers',
  };
  #token: string | null = null;
  #open: Open | null = null;
  /** So that a port that stays taken is told once. */
  readonly #told = new Set<string>();
  #again: NodeJS.Timeout | null = null;
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WebOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(this.#counters.listener);
  }

  /** Takes over what the settings say. Settles when that is done or has failed, which is told; never rejects. */
  configure(settings: Settings): Promise<void> {
    this.#settings = settings;
    this.#told.clear();
    return this.#change();
  }

  /** Ends what is under way, and lets go of the address. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#change();
    this.#unsubscribe();
  }

  /** One change at a time; each goes by the settings of its own moment. */
  #change(): Promise<void> {
    if (this.#again !== null) clearTimeout(this.#again);
    this.#again = null;
    this.#changing = this.#changing.then(() => this.#adapt());
    return this.#changing;
  }

  async #adapt(): Promise<void> {
    const address = this.#closed ? null : this.#settings.http;
    const text = address === null ? null : listenAddressText(address);
    if (address !== null) await this.#readToken(listenAddressText(address));
    if (text === (this.#open?.text ?? null)) return;
    await this.#shut();
    if (address !== null) await this.#listen(address);
  }

  async #listen(address: ListenAddress): Promise<void> {
    const text = listenAddressText(address);
    let pages: Pages | null = null;
    try {
      // Loaded where there is an address: most directors have none, and would keep a server of HTTP in memory for years.
      const [{ HttpListener }, own] = await Promise.all([import('./listener.js'), import('./pages.js')]);
      pages = await own.Pages.open({
        ...this.#options,
        counters: this.#counters,
        isLoopback: isLoopback(address),
        token: () => this.#token,
        measured: () => this.#settings.metrics,
      });
      this.#open = { text, pages, listener: await HttpListener.open(address, pages.handle, pages.turns) };
      this.#told.clear();
      this.#publish({ type: 'http-opened', address: text });
    } catch (error) {
      pages?.close();
      this.#fail(text, because(error as NodeJS.ErrnoException));
      if (!this.#closed) this.#again = setTimeout(() => void this.#change(), tryAgainAfter);
    }
  }

  async #shut(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    open?.pages.close();
    await open?.listener.close();
  }

  /** The file is read anew at each reload; while it cannot be read nobody may act. */
  async #readToken(address: string): Promise<void> {
    const { httpToken, httpTokenFile } = this.#settings;
    this.#token = httpToken;
    if (httpTokenFile === null) return;
    this.#token = null;
    try {
      const token = (await readBounded(httpTokenFile, largestToken)).toString('utf8').trim();
      if (!isToken(token))
        throw new Error(`it must hold a token of at least ${shortestToken} letters, digits or ._~+/-`);
      this.#token = token;
    } catch (error) {
      this.#fail(address, `no actions: httptokenfile ${httpTokenFile}: ${(error as Error).message}`);
    }
  }

  #fail(address: string, reason: string): void {
    const told = `${address} ${reason}`;
    if (this.#told.has(told)) return;
    this.#told.add(told);
    this.#publish({ type: 'http-failed', address, reason });
  }

  #publish(event: Event): void {
    this.#options.bus.publish(event);
  }
}

function because({ code, message }: NodeJS.ErrnoException): string {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the address is taken; stop who has it, or set another',
    EADDRNOTAVAIL: 'this machine does not have the address; set one that it has',
    EACCES: 'permission denied; set a port above 1023, or a folder that this user may write to',
    ENOENT: 'its folder is not there; make it, or set another path',
  };
  return `${advice[code ?? ''] ?? message}${code === undefined ? '' : ` (${code})`}; tried again every ${tryAgainAfter / 1000} s`;
}
