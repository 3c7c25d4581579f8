/** A connection to a host that has shown a known key, and has let us in. */

import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import { type Deadline, type Over, startDeadline } from '../../system/deadline.js';
import type { Running } from '../conversation.js';
import { overFault } from '../faults.js';
import type { ShellFault } from '../shell.js';
import type { Access } from './access.js';
import { OwnAgent } from './agent.js';
import { algorithmsFor } from './algorithms.js';
import { Channels } from './channels.js';
import { handshakeFault, hostKeyFault, loginFault, lostFault, noSession, notForwarded } from './faults.js';
import { readGreeting } from './greeting.js';
import { isFault, type SshHost, type Way, whereOf } from './host.js';
import { judgeHostKey } from './known-hosts.js';
import { loginBy, newCourse } from './login.js';
import { runningOn } from './running.js';

export interface Connection {
  /** Resolves when it is no more, whoever ended it. */
  readonly closed: Promise<void>;
  /** Never rejects. */
  exec(command: string, signal: AbortSignal): Promise<Running | ShellFault>;
  /** A stream to another host, from there. */
  readonly forward: Way;
  /** At once; the server is told where it listens. */
  end(): void;
}

/** Milliseconds. */
const keepaliveInterval = 5000;
/** Milliseconds for a goodbye to be sent. */
const goodbye = 200;

/** Within the time that logging in has, and as long as the signal allows. Never rejects. */
export async function openConnection(
  host: SshHost,
  access: Access,
  way: Way,
  limits: { readonly deadline: number; readonly signal: AbortSignal },
): Promise<Connection | ShellFault> {
  const deadline = startDeadline(limits);
  const opening = new Opening(host, access, deadline);
  try {
    return await opening.run(way);
  } finally {
    deadline.release();
  }
}

class Opening {
  readonly #host: SshHost;
  readonly #access: Access;
  readonly #deadline: Deadline;
  #phase = 'connect';

  constructor(host: SshHost, access: Access, deadline: Deadline) {
    this.#host = host;
    this.#access = access;
    this.#deadline = deadline;
  }

  async run(way: Way): Promise<Connection | ShellFault> {
    const { signal } = this.#deadline;
    const stream = await way(this.#host, signal);
    if (isFault(stream)) return signal.aborted ? this.#over() : stream;
    this.#phase = 'greeting of the server';
    const greeted = await readGreeting(stream, this.#host, signal);
    if (greeted !== null) {
      stream.destroy();
      return signal.aborted ? this.#over() : greeted;
    }
    this.#phase = 'exchange of keys';
    return this.#logIn(stream);
  }

  #logIn(stream: Duplex): Promise<Connection | ShellFault> {
    const host = this.#host;
    const { credentials, knownHosts } = this.#access;
    const { signal } = this.#deadline;
    const client = new ssh2.Client();
    const course = newCourse(credentials);
    const agent = credentials.agent === null ? null : new OwnAgent(credentials.agent);
    let wrongKey: ShellFault | null = null;

    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (outcome: Connection | ShellFault): void => {
        // What is wrong is told several times by those who see it.
        if (isSettled) return;
        isSettled = true;
        signal.removeEventListener('abort', onAbort);
        agent?.release();
        if (isFault(outcome)) endStream(client, stream);
        resolve(outcome);
      };
      const fail = (error: Error | null): void => {
        if (signal.aborted) settle(this.#over());
        else if (wrongKey !== null) settle(wrongKey);
        else if (this.#phase === 'login') settle(loginFault(host, course, error));
        else settle(handshakeFault(host, this.#phase, error));
      };
      const onAbort = (): void => fail(null);
      signal.addEventListener('abort', onAbort);
      client.on('error', (error: Error & { level?: string }) => {
        // With the next key it goes on.
        const isOfKey = error.level === 'agent' || (error.level === 'client-authentication' && !course.isExhausted);
        if (isOfKey) course.notes.push(error.message);
        else fail(error);
      });
      client.once('close', () => fail(null));
      client.once('end', () => fail(null));
      client.once('handshake', () => {
        this.#phase = 'login';
      });
      client.once('change password', () => fail(new Error('the password has expired')));
      client.once('ready', () => settle(connectionOn(client, stream, host)));
      try {
        client.connect({
          sock: stream as NonNullable<ssh2.ConnectConfig['sock']>,
          username: host.user,
          algorithms: algorithmsFor(knownHosts, host),
          hostVerifier: (key: Buffer) => {
            const judgement = judgeHostKey(knownHosts, host, key);
            if (judgement.is === 'known') return true;
            wrongKey = hostKeyFault(host, key, judgement, this.#access.knownHostsFiles);
            return false;
          },
          authHandler: loginBy(host.user, credentials, agent, course),
          // The deadline is the only clock.
          readyTimeout: 0,
          // A host that is gone without a word, as one that has no power any more.
          keepaliveInterval,
          keepaliveCountMax: 3,
        });
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  #over(): ShellFault {
    const over: Over = this.#deadline.over();
    return overFault(whereOf(this.#host), this.#phase, over);
  }
}

function endStream(client: ssh2.Client, stream: Duplex): void {
  try {
    client.end();
  } catch {
    // It has ended.
  }
  const timer = setTimeout(() => stream.destroy(), goodbye);
  stream.once('close', () => clearTimeout(timer));
  if (stream.destroyed) clearTimeout(timer);
}

function connectionOn(client: ssh2.Client, stream: Duplex, host: SshHost): Connection {
  let why: Error | null = null;
  client.on('error', (error) => {
    why = error;
  });
  let isGone = false;
  const closed = new Promise<void>((resolve) => {
    const onGone = (): void => {
      isGone = true;
      resolve();
    };
    // A peer that is gone ends the stream, which may then stay half open.
    client.once('end', onGone).once('close', onGone);
  });
  void closed.then(() => stream.destroy());
  const lost = (): ShellFault => lostFault(host, why);
  const channels = new Channels(closed, (error) => (error === null || isGone ? lost() : error));
  return {
    closed,
    async exec(command, signal) {
      const channel = await channels.open((done) => client.exec(command, done), signal);
      if (channel instanceof Error) return noSession(host, channel);
      return isFault(channel) ? channel : runningOn(channel, closed, lost);
    },
    async forward(to, signal) {
      const channel = await channels.open((done) => {
        client.forwardOut('127.0.0.1', 0, to.address, to.port, done);
      }, signal);
      return channel instanceof Error ? notForwarded(to, host, channel) : channel;
    },
    end: () => endStream(client, stream),
  };
}
