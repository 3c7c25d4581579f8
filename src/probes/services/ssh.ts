/**
 * Up means that the SSH server greets and names its algorithms for the exchange of keys, and keys are agreed on where
 * the check knows one of them (RFC 4253); with `login`, that it takes the password, by itself or as the answer to the one
 * question that it asks (RFC 4252, RFC 4256); with `request` too, that this command ends with status 0; and that the
 * output of the command or, without one, the greeting matches `receive`. Whose key the server shows is not judged.
 */

import type net from 'node:net';
import ssh2 from 'ssh2';
import { answer, failureOf, type Phase, ProbeFailure, printable } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { plainCheck } from '../server-check.js';
import { type Connection, withConnection } from '../sockets/dial.js';
import { Dialogue } from '../wire/dialogue.js';
import { requireMatch } from '../wire/match.js';
import { ownRequest } from '../wire/own-request.js';
import { passwordLogin } from '../wire/ssh-login.js';

/** Bytes of a command's output. */
const outputBound = 1024 * 1024;
/** Bytes of a greeting that are searched; its last line has 255 at most (RFC 4253, section 4.2). */
const greetingBound = 4096;
/** Other lines may come before it (RFC 4253, section 4.2). */
const identification = /^SSH-[^\n]*\n/m;
const known = /^SSH-(?:2\.0|1\.99)-/;
/** What the package says when it has read the server's list: it has no code for it. */
const unmatched = /^Handshake failed: no matching /i;
/** The package wants a name, though without a login nobody is authenticated. */
const nobody = 'ldirectord';

/**
 * Behind what the package offers by default all else that it has: old servers know nothing else, and as long as nobody
 * judges whose key a server shows, no better one protects either. Its types do not know that it takes patterns.
 */
const all = { append: /./ } as unknown as { append: never; prepend: never; remove: never };
const algorithms: ssh2.Algorithms = { kex: all, cipher: all, serverHostKey: all, hmac: all };

/** Nothing of what the server offers is known here: a fault of neither. */
class NothingInCommon extends ProbeFailure {}

export function probeSsh(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withConnection({ ...plainCheck(check), tls: null }, signal, (connection) =>
      new Session(check, connection, signal).run(),
    ),
  );
}

class Session {
  readonly #check: Check;
  readonly #dialogue: Dialogue;
  readonly #socket: net.Socket;
  readonly #signal: AbortSignal;
  readonly #client = new ssh2.Client();
  #phase: Phase = 'greeting';
  #greeting: Buffer = Buffer.alloc(0);

  constructor(check: Check, connection: Connection, signal: AbortSignal) {
    this.#check = check;
    this.#dialogue = new Dialogue(connection, signal);
    this.#socket = connection.socket;
    this.#signal = signal;
  }

  async run(): Promise<string> {
    const { login, receive } = this.#check;
    const command = ownRequest(this.#check);
    if (command !== '' && login === '') throw new ProbeFailure('request', 'a command needs a user: set login');
    await this.#greet();
    const reached = login === '' ? await this.#exchange() : await this.#logIn();
    const output = command === '' ? this.#greeting : await this.#output(command);
    requireMatch({ quoted: printable }, output, receive, this.#phase);
    return command === '' ? reached : `command: exit status 0${receive === null ? '' : ', the output matches'}`;
  }

  /** Gives the greeting on in one piece, with what has come behind it: the package loses the third piece of one. */
  async #greet(): Promise<void> {
    const isWhole = (said: Buffer) => identification.test(said.toString('latin1'));
    const said = await this.#dialogue.until(isWhole, this.#phase, greetingBound);
    this.#socket.unshift(said);
    const [line = ''] = identification.exec(said.toString('latin1')) ?? [];
    this.#greeting = said.subarray(0, said.indexOf(line, 'latin1') + line.length);
    if (known.test(line)) this.#phase = 'key exchange';
  }

  async #exchange(): Promise<string> {
    try {
      await this.#reach('handshake');
      return 'key exchange: done';
    } catch (error) {
      if (!(error instanceof NothingInCommon)) throw error;
      return `key exchange: offered, ${error.what}`;
    }
  }

  async #logIn(): Promise<string> {
    await this.#reach('ready');
    return 'login: accepted';
  }

  /** Connects and goes as far as keys that are agreed on, or a login that is taken. */
  #reach(goal: 'handshake' | 'ready'): Promise<void> {
    return this.#settle((resolve, reject) => {
      this.#client.once('handshake', () => {
        if (goal === 'ready') this.#phase = 'login';
        else resolve();
      });
      this.#client.once('ready', resolve);
      this.#client.once('change password', () => reject(new ProbeFailure('login', 'the password has expired')));
      this.#client.connect(this.#options(reject));
    });
  }

  #options(fail: (failure: ProbeFailure) => void): ssh2.ConnectConfig {
    const { login, passwd } = this.#check;
    const username = login || nobody;
    return {
      sock: this.#socket,
      username,
      algorithms,
      authHandler: passwordLogin(username, passwd, fail),
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
    return this.#settle((resolve, reject) => {
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
  #settle<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(this.#explain(error));
      this.#client.on('error', fail);
      this.#client.on('close', () => fail(null));
      try {
        start(resolve, fail);
      } catch (error) {
        // The package throws where the session has ended since the last that was heard of it.
        fail(error);
      }
    });
  }

  #explain(error: unknown): ProbeFailure {
    if (error instanceof ProbeFailure || this.#signal.aborted) return failureOf(this.#phase, error, this.#signal);
    const { errored } = this.#socket;
    if (errored !== null) return failureOf(this.#phase, errored, this.#signal);
    if (!(error instanceof Error)) return new ProbeFailure(this.#phase, 'closed by the server');
    if ('level' in error && error.level === 'client-authentication') {
      return new ProbeFailure('login', 'the server refuses this user with this password');
    }
    if (unmatched.test(error.message)) return new NothingInCommon('key exchange', error.message.replace(/^.*: /, ''));
    if (this.#socket.readableEnded) return new ProbeFailure(this.#phase, 'closed by the server');
    return new ProbeFailure(this.#phase, printable(error.message));
  }
}

function withLastLine(end: string, output: Buffer): string {
  const last = printable(output.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
  return last === '' ? end : `${end}: ${last}`;
}
