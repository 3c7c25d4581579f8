/** `monitorfile`: a line for each result of a virtual's checks. */

import type { Event } from '../events.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { hostText } from '../model/names.js';
import { subjectKey, subjectOf } from '../model/subject.js';

export interface LineFile {
  write(line: string): void;
  close(): Promise<void>;
}

/** Opens a file whose lines begin with date and process. */
export type OpenLineFile = (path: string) => LineFile;

interface MonitoredHost {
  readonly file: LineFile;
  readonly id: string;
}

export class MonitorFiles {
  readonly #open: OpenLineFile;
  #files = new Map<string, LineFile>();
  #targets: ReadonlyMap<string, MonitoredHost> = new Map();
  #closing: Promise<unknown> = Promise.resolve();

  constructor(open: OpenLineFile) {
    this.#open = open;
  }

  /** Takes over a configuration. Files that stay are kept open. */
  configure(config: Config): void {
    const files = new Map<string, LineFile>();
    const targets = new Map<string, MonitoredHost>();
    for (const virtual of config.virtuals) {
      const path = virtual.monitorfile;
      if (path === null) continue;
      const file = files.get(path) ?? this.#files.get(path) ?? this.#open(path);
      files.set(path, file);
      for (const real of virtual.realServers)
        targets.set(subjectKey(subjectOf(virtual, real)), { file, id: checkId(virtual, real) });
    }
    const gone = [...this.#files].filter(([path]) => !files.has(path)).map(([, file]) => file.close());
    this.#closing = Promise.all([this.#closing, ...gone]);
    this.#files = files;
    this.#targets = targets;
  }

  record(event: Extract<Event, { type: 'checked' }>): void {
    const target = this.#targets.get(subjectKey(event));
    if (target === undefined) return;
    const said = event.held ? 'Server in maintenance' : event.reason;
    target.file.write(`${target.id} [${event.ok && !event.held ? 'up' : 'down'}] ${escapeName(said)}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#closing, ...[...this.#files.values()].map((file) => file.close())]);
  }
}

/** What the reference tells checks apart by, in its order; its colons and those in the values are blanks. */
function checkId(virtual: Virtual, real: RealServer): string {
  const { checktype, service, endpoint, checkport, virtualhost, request, receive } = virtual;
  return [
    checktype,
    service,
    endpoint.protocol,
    hostText(real.host),
    real.port,
    checkport ?? '',
    virtualhost ?? '',
    real.weight,
    real.forward,
    real.request ?? request,
    (real.receive ?? receive)?.source ?? '',
  ]
    .join(':')
    .replaceAll(/:+/g, ' ');
}

function escapeName(text: string): string {
  return text.replaceAll(/[%|\r\n]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
