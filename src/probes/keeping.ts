/** How many descriptors this thread keeps for the checks to come. */

/** More of them serve no purpose, however many there may be. */
const most = { connections: 16_384, spareSockets: 256 } as const;

export interface Keeping {
  /** Connections that outlive their check; one beyond is closed after its check. */
  readonly connections: number;
  /** Sockets of each family that wait for the next check: as many as begin and end within some milliseconds. */
  readonly spareSockets: number;
}

let keeping: Keeping = most;

export function keepAtMost({ connections, spareSockets }: Keeping): void {
  keeping = {
    connections: Math.min(connections, most.connections),
    spareSockets: Math.min(spareSockets, most.spareSockets),
  };
}

export function keepingBound(): Keeping {
  return keeping;
}
