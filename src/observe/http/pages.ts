/** Everything that one open listener serves, and what lives only as long as it: streams, measures. */

import type { Actions } from '../../status/actions.js';
import type { Chronicle } from '../../status/chronicle.js';
import type { Page, Selection } from '../../status/selection.js';
import type { StatusStream } from '../../status/streamed.js';
import type { Counters } from '../metrics/counters.js';
import type { Sources } from '../metrics/director-metrics.js';
import { contentType, Exposition } from '../metrics/exposition.js';
import { ProcessMeter } from '../metrics/process-sample.js';
import { type MeasuredServers, Samples } from '../metrics/samples.js';
import { writeScrape } from '../metrics/scrape.js';
import { type PageFile, readPageFiles } from '../page/files.js';
import { actionNames } from './action-routes.js';
import type { HttpAnswer } from './answer.js';
import { EventStream } from './event-stream.js';
import { answerOf, type Flow, partsOf } from './flow.js';
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
  readonly stream: (selection: Selection, page?: Page) => Promise<StatusStream>;
  /** Of which servers there are metrics. */
  readonly measured: () => MeasuredServers;
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
  readonly #sources = new Shared<Omit<Sources, 'process'>>();
  #isSampling = false;
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
  readonly stream = (selection: Selection, page?: Page): Promise<StatusStream> => this.#options.stream(selection, page);
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
  async metrics(): Promise<HttpAnswer | Flow> {
    const sources = await this.#sources.get('metrics', () => this.#measure());
    const servers = sources.samples.servers.labels.size;
    return answerOf(contentType, servers, () =>
      partsOf(this.turns, new Exposition(), (to) => writeScrape(to, { ...sources, process: this.#meter.take() })),
    );
  }

  async #measure(): Promise<Omit<Sources, 'process'>> {
    const { version, backend, chronicle, counters, measured } = this.#options;
    const common = { version, backend, chronicle, counters };
    const samples = new Samples();
    try {
      const { head, virtuals } = await this.stream({});
      for await (const virtual of virtuals) await this.turns.run(samples.take(virtual, counters, measured()));
      return { ...common, status: head, samples };
    } catch {
      return { ...common, status: null, samples: new Samples() };
    }
  }

  /** A moment at which the table cannot be read stays unknown. */
  async #sample(): Promise<void> {
    if (this.#isSampling) return;
    this.#isSampling = true;
    const stream = await this.stream({}).catch(() => null);
    if (stream !== null) {
      await this.history.takeAsItComes(stream, (work) => this.turns.run(work)).catch(() => {});
    }
    this.#isSampling = false;
  }
}
