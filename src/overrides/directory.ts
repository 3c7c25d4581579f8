/** The names in a directory, and what its files say, kept up to date by a watch. */

import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { type Note, notesAmong } from './drain-files.js';

export interface DirectoryOptions {
  /** Called when the names, or what the files say, differ from before. */
  readonly onChange: () => void;
  /** Milliseconds between looks at the directory itself: it may come and go, or tell of nothing. */
  readonly poll?: number;
}

/** Names that are looked at; a directory of more is not one for this purpose. */
const mostNames = 65_536;
/** Milliseconds for events that come together. */
const settle = 20;

export class Directory {
  readonly path: string;
  readonly #options: Required<DirectoryOptions>;
  #names: ReadonlySet<string> = new Set();
  #notes: ReadonlyMap<string, Note> = new Map();
  #signature = '';
  #watcher: FSWatcher | null = null;
  #settling: NodeJS.Timeout | null = null;
  readonly #polling: NodeJS.Timeout;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  private constructor(path: string, options: DirectoryOptions) {
    this.path = path;
    this.#options = { poll: 1_000, ...options };
    this.#polling = setInterval(() => void this.#poll(), this.#options.poll).unref();
  }

  /** Settles when the names are known, within `deadline` milliseconds; a file system that is away is left to later looks. */
  static async open(path: string, options: DirectoryOptions, deadline = 2_000): Promise<Directory> {
    const self = new Directory(path, options);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadline);
    });
    await Promise.race([self.#poll(), late]);
    clearTimeout(timer);
    return self;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** What the files say, by their names. */
  get notes(): ReadonlyMap<string, Note> {
    return this.#notes;
  }

  /** Settles when what stood in the directory at the time of the call is known. */
  async refresh(): Promise<void> {
    await this.#look();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#polling);
    if (this.#settling) clearTimeout(this.#settling);
    this.#watcher?.close();
  }

  /** A look at the directory alone: the names are read only where its time, or it, is another. */
  async #poll(): Promise<void> {
    const signature = await stat(this.path, { bigint: true }).then(
      ({ dev, ino, mtimeNs }) => [dev, ino, mtimeNs].join(),
      (error: NodeJS.ErrnoException) => String(error.code),
    );
    if (this.#closed || signature === this.#signature) return;
    const moved = signature.split(',', 2).join() !== this.#signature.split(',', 2).join();
    this.#signature = signature;
    if (moved || this.#watcher === null) this.#place();
    await this.#look();
  }

  #place(): void {
    this.#watcher?.close();
    this.#watcher = null;
    try {
      const watcher = watch(this.path, { persistent: false }, () => this.#touch());
      watcher.on('error', () => {
        watcher.close();
        if (this.#watcher === watcher) this.#watcher = null;
      });
      this.#watcher = watcher;
    } catch {
      // Left to the polling.
    }
  }

  #touch(): void {
    if (this.#closed) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = null;
      void this.#look();
    }, settle);
  }

  /** One look at a time; what changes meanwhile is looked at once more. */
  #look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookWhileAsked();
    return this.#looking;
  }

  async #lookWhileAsked(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const names = await this.#read();
      const notes = await notesAmong(this.path, names);
      if (this.#closed || (sameNames(names, this.#names) && sameNotes(notes, this.#notes))) continue;
      this.#names = names;
      this.#notes = notes;
      this.#options.onChange();
    }
    this.#looking = null;
  }

  async #read(): Promise<ReadonlySet<string>> {
    try {
      return new Set((await readdir(this.path)).slice(0, mostNames));
    } catch (error) {
      // A directory that is gone names nobody; one that cannot be read just now says what it said before.
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? new Set() : this.#names;
    }
  }
}

function sameNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

function sameNotes(a: ReadonlyMap<string, Note>, b: ReadonlyMap<string, Note>): boolean {
  return a.size === b.size && [...a].every(([name, note]) => isSameNote(note, b.get(name)));
}

function isSameNote(one: Note, other: Note | undefined): boolean {
  if (other === undefined || one.isDrain !== other.isDrain) return false;
  return one.who === other.who && one.since === other.since && one.why === other.why;
}
