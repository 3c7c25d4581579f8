/** An agent that holds keys, for one login: the package leaves its connections open where a login is given up. */

import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';

export class OwnAgent extends ssh2.OpenSSHAgent {
  readonly #streams = new Set<Duplex>();
  #isReleased = false;

  override getStream(done: ssh2.GetStreamCallback): void {
    super.getStream((error, stream) => {
      if (stream !== undefined) {
        this.#streams.add(stream);
        stream.once('close', () => this.#streams.delete(stream));
        if (this.#isReleased) stream.destroy();
      }
      done(error, stream);
    });
  }

  release(): void {
    this.#isReleased = true;
    for (const stream of this.#streams) stream.destroy();
  }
}
