/** The control socket over the life of a director: opened, moved to other settings, closed. */

import type { Settings } from '../config/settings/rows.js';
import { groupId } from '../system/group.js';
import type { Handler } from './connection.js';
import { ControlServer } from './server.js';

export interface ControlOptions {
  readonly path: string;
  readonly handle: Handler;
  /** The socket cannot be had, or not by the group; it is tried again with the next settings. */
  readonly onFailure: (reason: string) => void;
}

type ControlSettings = Pick<Settings, 'control' | 'controlGroup'>;

/** Milliseconds for what goes on over a socket that is to go. */
const answerPatience = 30_000;

export class Control {
  readonly #options: ControlOptions;
  #server: ControlServer | null = null;
  /** One that goes as soon as what is carried out over it is. */
  #former: ControlServer | null = null;
  /** One change at a time. */
  #changing: Promise<void> = Promise.resolve();
  #closed = false;
  #trouble: string | null = null;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** Why the socket is not as the settings say it is to be; null where it is. */
  async trouble(): Promise<string | null> {
    await this.#changing;
    return this.#trouble;
  }

  /** Settles when the socket is as these settings say, or it was told why not. Never rejects. */
  configure({ control, controlGroup }: ControlSettings): Promise<void> {
    return this.#inTurn(async () => {
      if (!control || this.#closed) {
        this.#letGo();
        return;
      }
      const { path, handle } = this.#options;
      this.#server ??= await ControlServer.open({ path, handle });
      await share(this.#server, controlGroup);
    });
  }

  /** Settles when the socket is gone, and who was connected. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#former?.close(), this.#server?.close()]);
    await this.#inTurn(async () => this.#server?.close());
    this.#server = null;
  }

  /** Not waited for: one of its connections may be the one that asked for the reload. */
  #letGo(): void {
    this.#former = this.#server ?? this.#former;
    void this.#server?.close(answerPatience);
    this.#server = null;
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    this.#changing = this.#changing.then(change).then(
      () => {
        this.#trouble = null;
      },
      ({ message }: Error) => {
        this.#trouble = message;
        this.#options.onFailure(message);
      },
    );
    return this.#changing;
  }
}

/** Whoever runs the daemon can steer it even where the group cannot. */
async function share(server: ControlServer, groupName: string | null): Promise<void> {
  try {
    await server.share(groupName === null ? null : await groupId(groupName), answerPatience);
  } catch (error) {
    // Another group's members, from before, are not to stay.
    await server.share(null, answerPatience);
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' || syscall !== 'chown') throw error;
    const remedy = `under systemd, let the unit have Group=${groupName} (systemctl edit)`;
    throw new Error(`controlgroup = ${groupName}: this process may not give the socket to it; ${remedy}`, {
      cause: error,
    });
  }
}
