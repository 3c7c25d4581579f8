/** Tells the service manager how this process is doing, as sd_notify(3) and sd_watchdog_enabled(3) describe. */

import { UnixDatagramSocket } from './unix-datagram.js';

/** Signs of life for each one that is due: one may come late on a busy machine. */
const signsPerInterval = 2;
const microsecondsPerMillisecond = 1_000;
/** Characters; status lines are for people, and a datagram has a bound. */
const longestStatus = 500;

export class ServiceManager {
  readonly #socket: UnixDatagramSocket | null;
  #watchdog: NodeJS.Timeout | null = null;

  private constructor(socket: UnixDatagramSocket | null) {
    this.#socket = socket;
  }

  /**
   * Silent where no service manager asks for anything. The variables are taken out of the environment: what this
   * process starts must not speak for it.
   */
  static open(environment: NodeJS.ProcessEnv): ServiceManager {
    const { NOTIFY_SOCKET: path, WATCHDOG_USEC: watchdog, WATCHDOG_PID: watched } = environment;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
    const self = new ServiceManager(openSocket(path));
    const isMeant = watched === undefined || watched === String(process.pid);
    if (isMeant && watchdog !== undefined) self.#startWatchdog(Number(watchdog));
    return self;
  }

  /** Whether anybody listens. */
  get isThere(): boolean {
    return this.#socket !== null;
  }

  /** The service is up; from here on what depends on it may start. */
  ready(status: string): void {
    this.#send('READY=1', `MAINPID=${process.pid}`, `STATUS=${oneLine(status)}`);
  }

  /** A reload is over. The line for `systemctl status` comes when it is known: it is about every server. */
  tellReloaded(): void {
    this.#send('READY=1', `MAINPID=${process.pid}`);
  }

  /** A reload begins; `tellReloaded` ends it. */
  tellReloading(): void {
    const now = process.hrtime.bigint() / 1_000n; // CLOCK_MONOTONIC, in microseconds
    this.#send('RELOADING=1', `MONOTONIC_USEC=${now}`);
  }

  tellStopping(): void {
    this.#send('STOPPING=1');
  }

  /** A line for `systemctl status`. */
  status(text: string): void {
    this.#send(`STATUS=${oneLine(text)}`);
  }

  close(): void {
    if (this.#watchdog) clearInterval(this.#watchdog);
    this.#socket?.close();
  }

  /** Sent from the main loop, so that a loop which hangs is noticed. */
  #startWatchdog(microseconds: number): void {
    const interval = microseconds / microsecondsPerMillisecond / signsPerInterval;
    if (!(interval >= 1)) return;
    this.#watchdog = setInterval(() => this.#send('WATCHDOG=1'), interval);
    this.#watchdog.unref();
  }

  /** A message that cannot be sent is lost: the service goes on without its manager. */
  #send(...assignments: string[]): void {
    this.#socket?.send(assignments.join('\n'));
  }
}

function openSocket(path: string | undefined): UnixDatagramSocket | null {
  // Other kinds of addresses (vsock:) are for virtual machines.
  if (!path?.startsWith('/') && !path?.startsWith('@')) return null;
  try {
    return UnixDatagramSocket.open(path);
  } catch {
    return null;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, longestStatus);
}
