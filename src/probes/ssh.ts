/**
 * Whether an SSH server greets and agrees on keys (RFC 4253); with `login`, whether it takes the password (RFC 4252,
 * section 8); with `request` too, whether that command ends with status 0. `receive` is looked for in the output of
 * the command or, without one, in the server's greeting. Whose key the server shows is not judged.
 */

import type net from 'node:net';
import ssh2 from 'ssh2';
import type { Answer, Check } from './probe.js';
import { withConnection } from './wire/dial.js';
import { answer, failureOf, type Phase, ProbeFailure, printable } from './wire/failure.js';
import { requireMatch } from './wire/match.js';
import { ownRequest } from './wire/text-protocol.js';

/** Bytes of a command's output. */
const outputBound = 1024 * 1024;
/** Bytes of a greeting that are searched; its last line has 255 at most (RFC 4253, section 4.2). */
const greetingBound = 4096;
/** Other lines may come before it (RFC 4253, section 4.2). */
const identification = /^SSH-(?:2\.0|1\.99)-[^\n]*\n/m;
/** The package wants a name, though without a login nobody is authenticated. */
const nobody = 'ldirectord';

export function probeSsh(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(() =>
    withConnection({ ...check, tls: null }, signal, ({ socket }) => new Session(check, socket, signal).run()),
  );
}

class Session {
  readonly #check: Check;
  readonly #socket: net.Socket;
  readonly #signal: AbortSignal;
  readonly #client = new ssh2.Client();
  #phase: Phase = 'greeting';
  #greeting: Buffer = Buffer.alloc(0);

  constructor(check: Check, socket: net.Socket, signal: AbortSignal) {
    this.#check = check;
    this.#socket = socket;
    this.#signal = signal;
  }

  async run(): Promise<string> {
    const { login, receive } = this.#check;
    const command = ownRequest(this.#check);
    if (command !== '' && login === '') throw new ProbeFailure('request', 'a command needs a user: set login');
    await this.#reached(login === '' ? 'handshake' : 'ready');
    const output = command === '' ? this.#greeting : await this.#output(command);
    requireMatch({ quoted: printable }, output, receive, this.#phase);
    if (command !== '') return `command: exit status 0${receive === null ? '' : ', the output matches'}`;
    return login === '' ? 'key exchange: done' : 'login: accepted';
  }

  /** Connects and goes as far as keys that are agreed on, or a login that is taken. */
  #reached(goal: 'handshake' | 'ready'): Promise<void> {
    return this.#settled((resolve, reject) => {
      this.#client.once('handshake', () => {
        if (goal === 'ready') this.#phase = 'login';
        else resolve();
      });
      this.#client.once('ready', resolve);
      this.#client.once('change password', () => reject(new ProbeFailure('login', 'the password has expired')));
      this.#client.connect(this.#options());
      const gather = (chunk: Buffer) => {
        const said = Buffer.concat([this.#greeting, chunk]).subarray(0, greetingBound);
        const found = identification.exec(said.toString('latin1'));
        this.#greeting = found === null ? said : said.subarray(0, found.index + found[0].length);
        if (found === null) return;
        this.#phase = 'key exchange';
        this.#socket.off('data', gather);
      };
      this.#socket.on('data', gather);
    });
  }

  #options(): ssh2.ConnectConfig {
    const { login, passwd } = this.#check;
    return {
      sock: this.#socket,
      username: login || nobody,
      password: passwd,
      // By this alone, once: no agent, no keys of the director's, no questions.
      authHandler: ['password'],
      hostVerifier: () => true,
      // The signal is the only clock.
      readyTimeout: 0,
      keepaliveInterval: 0,
    };
  }

  #output(command: string): Promise<Buffer> {
    this.#phase = 'command';
    const chunks: Buffer[] = [];
    let size = 0;
    return this.#settled((resolve, reject) => {
      const take = (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > outputBound) reject(new ProbeFailure('command', `more than ${outputBound} bytes of output`));
      };
      this.#client.exec(command, (error, stream) => {
        if (error) {
          reject(error);
          return;
        }
        let end = 'no exit status';
        // Nothing for it to read.
        stream.end();
        stream.on('data', take).stderr.on('data', take);
        stream.on('exit', (code: number | null, killedBy?: string) => {
          end = code === null ? `killed by ${printable(String(killedBy))}` : `exit status ${code}`;
        });
        stream.on('close', () => {
          const output = Buffer.concat(chunks);
          if (end === 'exit status 0') resolve(output);
          else reject(new ProbeFailure('command', withLastLine(end, output)));
        });
      });
    });
  }

  /** Also rejects, with a ProbeFailure, where the session fails or closes; it does so when the signal aborts. */
  #settled<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(this.#explained(error));
      this.#client.on('error', fail);
      this.#client.on('close', () => fail(null));
      start(resolve, fail);
    });
  }

  #explained(error: unknown): ProbeFailure {
    if (error instanceof ProbeFailure || this.#signal.aborted) return failureOf(this.#phase, error, this.#signal);
    const { errored } = this.#socket;
    if (errored !== null) return failureOf(this.#phase, errored, this.#signal);
    if (!(error instanceof Error)) return new ProbeFailure(this.#phase, 'closed by the server');
    if ('level' in error && error.level === 'client-authentication') {
      return new ProbeFailure('login', 'the server refuses this user with this password');
    }
    if (this.#socket.readableEnded) return new ProbeFailure(this.#phase, 'closed by the server');
    return new ProbeFailure(this.#phase, printable(error.message));
  }
}

function withLastLine(end: string, output: Buffer): string {
  const last = printable(output.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
  return last === '' ? end : `${end}: ${last}`;
}
