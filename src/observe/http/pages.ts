/** Everything that one open listener serves, and what lives only as long as it: streams, measures. */

import type { Actions } from '../../status/actions.js';
import type { Chronicle } from '../../status/chronicle.js';
import type { Status } from '../../status/model.js';
import type { Counters } from '../metrics/counters.js';
import { ProcessMeter } from '../metrics/process-sample.js';
import { scrapeInSlices } from '../metrics/scrape.js';
import { type PageFile, readPageFiles } from '../page/files.js';
import { actionNames } from './action-routes.js';
import { EventStream } from './event-stream.js';
import { type History, historyStep } from './history.js';
import type { Handle } from './listener.js';
import { routesOf, type Site } from './routes.js';
import { handlerFor } from './server.js';
import type { ActionName } from './shapes.js';
import { Shared } from './shared.js';
import { Turns } from './turns.js';

export interface PagesOptions {
  readonly version: string;
  readonly backend: string;
  readonly describe: () => Promise<Status>;
  readonly chronicle: Chronicle;
  readonly history: History;
  readonly actions: Actions | null;
  /** Null where nobody may act. */
  readonly token: () => string | null;
  readonly unready: () => readonly string[];
  readonly counters: Counters;
  /** Whether the listener is for this machine alone. */
  readonly isLoopback: boolean;
}

export class Pages implements Site {
  readonly #options: PagesOptions;
  readonly handle: Handle;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly events: EventStream;
  readonly #meter = new ProcessMeter();
  readonly turns = new Turns();
  readonly #status = new Shared<Status>();
  readonly #sampling: NodeJS.Timeout;

  private constructor(options: PagesOptions, files: ReadonlyMap<string, PageFile>) {
    this.#options = options;
    this.files = files;
    this.events = new EventStream(options.chronicle, this.turns);
    this.#sampling = setInterval(() => void this.#sample(), historyStep);
    this.handle = handlerFor(routesOf(this), options.isLoopback);
    void this.#sample();
  }

  static async open(options: PagesOptions): Promise<Pages> {
    return new Pages(options, await readPageFiles());
  }

  get version(): string {
    return this.#options.version;
  }

  get chronicle(): Chronicle {
    return this.#options.chronicle;
  }

  get history(): History {
    return this.#options.history;
  }

  readonly unready = (): readonly string[] => this.#options.unready();
  readonly status = (): Promise<Status> => this.#status.get('status', this.#options.describe);
  readonly actionNames = (): readonly ActionName[] => (this.steering() === null ? [] : actionNames);

  readonly steering = (): { readonly actions: Actions; readonly token: string } | null => {
    const { actions } = this.#options;
    const token = this.#options.token();
    return actions === null || token === null ? null : { actions, token };
  };

  close(): void {
    clearInterval(this.#sampling);
    this.events.close();
    this.#meter.close();
  }

  /** Where the table cannot be read, what is known without it is told all the same. */
  async metrics(): Promise<readonly Buffer[]> {
    const { version, backend, chronicle, counters } = this.#options;
    const status = await this.status().catch(() => null);
    return this.turns.run(
      scrapeInSlices({ version, backend, chronicle, counters, status, process: this.#meter.take() }),
    );
  }

  /** A moment at which the table cannot be read stays unknown. */
  async #sample(): Promise<void> {
    const status = await this.status().catch(() => null);
    if (status !== null) await this.turns.run(this.history.takeInSlices(status));
  }
}
