/** Hands one mail over: to a mail server, or to the local sendmail. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { runCommand } from './command.js';
import type { Mail } from './mail.js';

export interface DeliverySettings {
  readonly smtpPort: number;
  /** The program, a path. */
  readonly sendmail: string;
  /** Milliseconds for everything. */
  readonly timeout: number;
}

/** Why a mail was not taken. */
export class DeliveryError extends Error {
  /** Whether to try again is in vain. */
  readonly permanent: boolean;

  constructor(message: string, permanent: boolean) {
    super(message);
    this.permanent = permanent;
  }
}

/** Settles within the timeout, or when the signal aborts; by then its socket or process is gone. Rejects with a DeliveryError. */
export async function deliver(mail: Mail, settings: DeliverySettings, signal: AbortSignal): Promise<void> {
  if (mail.smtp === null) await throughSendmail(mail, settings, signal);
  else await throughServer(mail, mail.smtp, settings, signal);
}

async function throughServer(
  mail: Mail,
  host: string,
  { smtpPort, timeout }: DeliverySettings,
  cancel: AbortSignal,
): Promise<void> {
  const signal = AbortSignal.any([cancel, AbortSignal.timeout(timeout)]);
  const place = `smtp ${host}:${smtpPort}`;
  const socket = connect({ host, port: smtpPort });
  // Destroying the socket is the only end that every state of a conversation knows.
  const onAbort = (): void => void socket.destroy(new Error(cancel.aborted ? 'the daemon stops' : 'timeout'));
  signal.addEventListener('abort', onAbort);
  try {
    await once(socket, 'connect');
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      host,
      port: smtpPort,
      name: hostname(),
      connection: socket,
      // Encrypted without a name to trust is better than in the clear, which is the other choice.
      tls: { rejectUnauthorized: false },
    });
    const { rejected } = await transport.sendMail(message(mail));
    if (rejected.length > 0) throw new DeliveryError(`${place}: refused for ${rejected.join(', ')}`, true);
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    const { message: what, responseCode = 0 } = error as Error & { readonly responseCode?: number };
    const cause = signal.aborted && !cancel.aborted ? `no answer within ${timeout / 1000} s` : what;
    throw new DeliveryError(`${place}: ${cause}`, responseCode >= 500);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

async function throughSendmail(
  mail: Mail,
  { sendmail, timeout }: DeliverySettings,
  signal: AbortSignal,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const compiler = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { message: input } = await compiler.sendMail(message(mail));
  if (!Buffer.isBuffer(input)) throw new DeliveryError('the mail could not be put together', true);
  // `-t`: recipients are those of the header, as the reference calls it.
  const { ok, how, output } = await runCommand(
    { command: quoted(sendmail), args: ['-i', '-t'], input, timeout },
    signal,
  );
  if (!ok) throw new DeliveryError([`${sendmail}: ${how}`, ...output].join(': '), false);
}

/** One word to the shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function message({ from, to, subject, text }: Mail) {
  const own = `${userInfo().username}@${hostname()}`;
  return { from: from ?? own, to: [...to], subject, text, envelope: { from: own, to: [...to] } };
}
