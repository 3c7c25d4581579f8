/** The control socket over the life of a director: opened, moved to other settings, closed. */

import type { Settings } from '../config/setting-rows.js';
import type { Handler } from './connection.js';
import { groupId } from './group.js';
import { ControlServer } from './server.js';

export interface ControlOptions {
  readonly path: string;
  readonly handle: Handler;
  /** The socket cannot be had; it is tried again with the next settings. */
  readonly onFailure: (reason: string) => void;
}

type ControlSettings = Pick<Settings, 'control' | 'controlGroup'>;

/** Milliseconds for what goes on over a socket that is to go. */
const answerPatience = 30_000;

export class Control {
  readonly #options: ControlOptions;
  #server: ControlServer | null = null;
  /** What the server was opened with, as text; null while there is none. */
  #opened: string | null = null;
  /** One change at a time. */
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** Settles when the socket is as these settings say, or it was told why not. Never rejects. */
  configure(settings: ControlSettings): Promise<void> {
    return this.#inTurn(async () => {
      const wanted = settings.control && !this.#closed ? (settings.controlGroup ?? '') : null;
      if (wanted === this.#opened) return;
      // One of the connections may be the one that asked for the reload.
      await this.#server?.close(answerPatience);
      this.#server = null;
      this.#opened = null;
      if (wanted === null) return;
      this.#server = await this.#open(settings.controlGroup);
      this.#opened = wanted;
    });
  }

  /** Settles when the socket is gone. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    // Not in turn: a change of settings may be waiting for its connections.
    await this.#server?.close();
    await this.#inTurn(async () => {
      await this.#server?.close();
      this.#server = null;
    });
  }

  async #open(groupName: string | null): Promise<ControlServer> {
    const { path, handle } = this.#options;
    const group = groupName === null ? null : await groupId(groupName);
    try {
      return await ControlServer.open({ path, group, handle });
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code !== 'EPERM' || syscall !== 'chown') throw error;
      const remedy = `under systemd, let the unit have Group=${groupName} (systemctl edit)`;
      throw new Error(`controlgroup = ${groupName}: this process may not give the socket to it; ${remedy}`, {
        cause: error,
      });
    }
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change).catch((error: Error) => this.#options.onFailure(error.message));
    return this.#changing;
  }
}
