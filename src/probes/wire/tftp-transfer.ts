/** Reading a file over TFTP (RFC 1350), in blocks of 512 bytes. */

import dgram from 'node:dgram';
import net from 'node:net';
import { failureOf, type Phase, ProbeFailure, printable } from '../failure.js';

export interface RemoteFile {
  /** A literal address. */
  readonly address: string;
  readonly port: number;
  /** The address that requests come from; null is the kernel's choice. */
  readonly source: string | null;
  /** Without a null character. */
  readonly name: string;
  /** Milliseconds until the deadline; what is not answered is sent again after a third of it. */
  readonly timeout: number;
}

const opcodes = { read: 1, data: 3, acknowledgement: 4, error: 5 } as const;
const headerLength = 4;
const blockLength = 512;
/** Milliseconds after which what is not answered is sent again, at most. */
const longestPatience = 10_000;
/** Datagrams that are passed over: a handful can be late or forged, more are a flood. */
const strayBound = 100;

/**
 * Reads until `enough` of what has been read so far, or to the end of the file. Rejects with a ProbeFailure; by
 * the time it settles the sockets are gone.
 */
export async function readRemoteFile(
  file: RemoteFile,
  enough: (soFar: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Buffer> {
  const family = net.isIP(file.address);
  if (family === 0) throw new ProbeFailure('connect', 'no address to ask');
  if (signal.aborted) throw failureOf('query', signal.reason, signal);
  const transfer = new Transfer(file, enough, family === 6 ? 'udp6' : 'udp4');
  const abort = () => transfer.fail(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await transfer.run();
  } catch (error) {
    throw failureOf(transfer.phase, error, signal);
  } finally {
    signal.removeEventListener('abort', abort);
    await transfer.close();
  }
}

/**
 * Data comes from another port than the one that was asked (RFC 1350, section 4), where no connected socket
 * would take it from; but only a connected one hears of ICMP errors. So there are two at one local port: the
 * kernel gives what comes from the asked port to the connected one and the rest to the other.
 */
class Transfer {
  readonly #file: RemoteFile;
  readonly #enough: (soFar: Buffer) => boolean;
  readonly #asking: dgram.Socket;
  readonly #reading: dgram.Socket;
  readonly #closed: Promise<unknown>;
  #finish: (read: Buffer) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #retry: NodeJS.Timeout | undefined;
  /** The server's port for this transfer. */
  #peer: number | null = null;
  #awaited = 1;
  #read: Buffer = Buffer.alloc(0);
  #strays = 0;

  constructor(file: RemoteFile, enough: (soFar: Buffer) => boolean, type: dgram.SocketType) {
    this.#file = file;
    this.#enough = enough;
    this.#asking = dgram.createSocket({ type, reuseAddr: true });
    this.#reading = dgram.createSocket({ type, reuseAddr: true });
    const both = [this.#asking, this.#reading];
    this.#closed = Promise.all(both.map((socket) => new Promise((gone) => socket.once('close', gone))));
    for (const socket of both) {
      socket.on('error', (error) => this.fail(error));
      socket.on('message', (message, from) => {
        try {
          this.#take(message, from);
        } catch (error) {
          this.fail(error);
        }
      });
    }
  }

  get phase(): Phase {
    return this.#peer === null ? 'query' : 'response';
  }

  /** Once. */
  run(): Promise<Buffer> {
    const { address, port, source } = this.#file;
    const from = source === null ? {} : { address: source };
    return new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      this.#asking.bind({ port: 0, ...from }, () =>
        this.#reading.bind({ port: this.#asking.address().port, ...from }, () =>
          this.#asking.connect(port, address, (error?: Error) => (error ? this.fail(error) : this.#begin())),
        ),
      );
    });
  }

  fail(error: unknown): void {
    this.#fail(error);
  }

  async close(): Promise<void> {
    clearInterval(this.#retry);
    this.#asking.close();
    this.#reading.close();
    await this.#closed;
  }

  #begin(): void {
    this.#send();
    this.#retry = setInterval(() => this.#send(), Math.min(this.#file.timeout / 3, longestPatience));
  }

  /** Asks for the block that is awaited. */
  #send(): void {
    if (this.#peer === null) this.#asking.send(requestOf(this.#file.name));
    else this.#tell(acknowledgementOf(this.#awaited - 1));
  }

  #tell(packet: Buffer, then?: () => void): void {
    if (this.#peer !== null) this.#reading.send(packet, this.#peer, this.#file.address, then);
  }

  #take(message: Buffer, from: dgram.RemoteInfo): void {
    if (
      from.address !== this.#file.address ||
      message.length < headerLength ||
      from.port !== (this.#peer ?? from.port)
    ) {
      this.#stray();
      return;
    }
    const [opcode, number] = [message.readUInt16BE(0), message.readUInt16BE(2)];
    if (opcode === opcodes.error) this.fail(refusalOf(number, message));
    else if (opcode === opcodes.data && number === this.#awaited)
      this.#block(message.subarray(headerLength), from.port);
    // A block that came before is repeated where its acknowledgement was lost; the timer sends that again.
    else this.#stray();
  }

  #block(data: Buffer, peer: number): void {
    if (data.length > blockLength) {
      this.fail(new ProbeFailure('response', `a block of ${data.length} bytes`));
      return;
    }
    this.#peer = peer;
    this.#read = Buffer.concat([this.#read, data]);
    this.#awaited += 1;
    const finished = () => this.#finish(this.#read);
    if (data.length < blockLength) this.#tell(acknowledgementOf(this.#awaited - 1), finished);
    // The server would go on for half a minute.
    else if (this.#enough(this.#read)) this.#tell(errorOf('enough'), finished);
    else {
      this.#send();
      this.#retry?.refresh();
    }
  }

  #stray(): void {
    this.#strays += 1;
    if (this.#strays > strayBound) {
      this.fail(new ProbeFailure(this.phase, `${this.#strays} datagrams that are no answer`));
    }
  }
}

function requestOf(name: string): Buffer {
  return Buffer.concat([Buffer.from([0, opcodes.read]), Buffer.from(`${name}\0octet\0`)]);
}

function acknowledgementOf(block: number): Buffer {
  return Buffer.from([0, opcodes.acknowledgement, block >> 8, block & 0xff]);
}

function errorOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([0, opcodes.error, 0, 0]), Buffer.from(`${text}\0`)]);
}

function refusalOf(code: number, message: Buffer): ProbeFailure {
  const text = printable(message.toString('latin1', headerLength));
  return new ProbeFailure('response', `the server says "${text}" (error ${code})`);
}
