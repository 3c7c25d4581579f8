/** Tells when a file may have changed, whichever way an editor or a deployment saves it. */

import { type FSWatcher, watch } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';

export interface FileWatchOptions {
  /** Called when the file's identity, time or size differ from when they were last looked at. */
  readonly onTouch: () => void;
  /** Milliseconds without a further event before a change counts as complete. */
  readonly settle?: number;
  /** Milliseconds between looks that need no event, for file systems that send none. */
  readonly poll?: number;
}

const deepestLinks = 40;

/**
 * Watches the folders in which the file and each symbolic link on the way to it stand, not the file
 * itself: an editor that renames a new file over the old one, or a deployment that swaps a link, leaves a
 * watch on the file behind on the old inode.
 */
export class FileWatch {
  readonly #path: string;
  readonly #options: Required<FileWatchOptions>;
  #watchers = new Map<string, FSWatcher>();
  #names = new Map<string, ReadonlySet<string>>();
  #settling: NodeJS.Timeout | null = null;
  #polling: NodeJS.Timeout | null = null;
  #signature = '';
  #closed = false;

  private constructor(path: string, options: FileWatchOptions) {
    this.#path = resolve(path);
    this.#options = { settle: 50, poll: 1_000, ...options };
  }

  static async open(path: string, options: FileWatchOptions): Promise<FileWatch> {
    const self = new FileWatch(path, options);
    self.#signature = await signature(self.#path);
    await self.#place();
    self.#pollLater();
    return self;
  }

  close(): void {
    this.#closed = true;
    if (this.#settling) clearTimeout(this.#settling);
    if (this.#polling) clearTimeout(this.#polling);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Watches what the path leads through now. A folder that cannot be watched is left to the polling. */
  async #place(): Promise<void> {
    this.#names = await namesOnTheWay(this.#path);
    if (this.#closed) return;
    for (const [folder, watcher] of this.#watchers) {
      if (this.#names.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of this.#names.keys()) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_, name) => {
          if (name === null || this.#names.get(folder)?.has(name)) this.#touch();
        });
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(folder);
        });
        this.#watchers.set(folder, watcher);
      } catch {}
    }
  }

  #touch(): void {
    if (this.#closed) return;
    if (this.#settling) clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#look(), this.#options.settle);
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#polling = setTimeout(async () => {
      // While events keep coming they decide when the file is complete.
      if (this.#settling === null) await this.#look();
      this.#pollLater();
    }, this.#options.poll);
    this.#polling.unref();
  }

  async #look(): Promise<void> {
    this.#settling = null;
    const now = await signature(this.#path);
    if (this.#closed || now === this.#signature) return;
    this.#signature = now;
    await this.#place();
    if (!this.#closed) this.#options.onTouch();
  }
}

/** Changes with every save: inode, size and both times to the nanosecond. */
async function signature(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** The folders that a change can show in, and under which names: for each link, and for the file itself. */
async function namesOnTheWay(path: string): Promise<Map<string, Set<string>>> {
  const names = new Map<string, Set<string>>();
  const note = (at: string): void => {
    const folder = dirname(at);
    names.set(folder, (names.get(folder) ?? new Set()).add(basename(at)));
  };
  let walked: string = sep;
  let ahead = path.split(sep).filter(Boolean);
  for (let links = 0; ahead.length > 0; ) {
    const at = join(walked, ahead[0] ?? '');
    ahead = ahead.slice(1);
    const link = (await lstat(at).catch(() => null))?.isSymbolicLink() ? await readlink(at).catch(() => null) : null;
    if (link === null) {
      walked = at;
      continue;
    }
    note(at);
    links += 1;
    if (links > deepestLinks) break;
    if (isAbsolute(link)) walked = sep;
    ahead = [...link.split(sep).filter(Boolean), ...ahead];
  }
  note(walked);
  return names;
}
