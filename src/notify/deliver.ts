/** Hands one mail over: to a mail server, or to the local sendmail. */

import { connect, type Socket } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { helloNames } from '../system/hello-names.js';
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

/** Recipients who did not get a mail that others may have got. */
export interface MailRefusal {
  readonly recipients: readonly string[];
  readonly reason: string;
  /** Whether to try again is in vain. */
  readonly permanent: boolean;
}

/** What nodemailer's errors carry: of the whole mail, or of one recipient. */
interface SmtpError extends Error {
  readonly recipient?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly rejectedErrors?: readonly SmtpError[] | undefined;
}

/** Replies from this one on are for good: RFC 5321, section 4.2.1. */
const permanentFrom = 500;

/**
 * Settles within the timeout, or when the signal aborts; by then its socket or process is gone. Gives those who were
 * refused; rejects with a DeliveryError where nobody got it.
 */
export async function deliver(
  mail: Mail,
  settings: DeliverySettings,
  signal: AbortSignal,
): Promise<readonly MailRefusal[]> {
  if (mail.smtp !== null) return throughServer(mail, mail.smtp, settings, signal);
  await throughSendmail(mail, settings, signal);
  return [];
}

async function throughServer(
  mail: Mail,
  host: string,
  { smtpPort: port, timeout }: DeliverySettings,
  stop: AbortSignal,
): Promise<readonly MailRefusal[]> {
  const { createTransport } = await import('nodemailer');
  const signal = AbortSignal.any([stop, AbortSignal.timeout(timeout)]);
  const place = `smtp ${host}:${port}`;
  const sockets: Socket[] = [];
  const transport = createTransport({
    host,
    port,
    // Encrypted without a name to trust is better than in the clear, which is the other choice.
    tls: { rejectUnauthorized: false },
    // Asked for when the mail is ready: nodemailer has its listeners on the socket before `done` returns.
    getSocket: (_, done) => {
      const socket = connect({ host, port });
      sockets.push(socket);
      socket.once('connect', () => {
        // Nodemailer greets by this one, and tries no other.
        const [name] = helloNames(hostname(), socket.localAddress ?? '');
        done(null, { connection: socket, name });
      });
      // For the socket's whole life: nodemailer takes its own off, and an error that nobody hears ends the process.
      socket.on('error', (error) => done(error));
    },
  });
  try {
    const { rejectedErrors } = await transport.sendMail({ ...messageOf(mail), signal });
    return refusals(place, rejectedErrors ?? []);
  } catch (error) {
    const { message, responseCode = 0, rejectedErrors = [] } = error as SmtpError;
    if (signal.aborted) {
      throw new DeliveryError(
        `${place}: ${stop.aborted ? 'the daemon stops' : `no answer within ${timeout / 1000} s`}`,
        false,
      );
    }
    if (rejectedErrors.length > 0) return refusals(place, rejectedErrors);
    throw new DeliveryError(`${place}: ${message}`, responseCode >= permanentFrom);
  } finally {
    // Destroying the socket is the only end that every state of a conversation knows.
    for (const socket of sockets) socket.destroy();
  }
}

/** One for those who may be taken later, greylisted or with a full mailbox, and one for those who never will. */
function refusals(place: string, errors: readonly SmtpError[]): MailRefusal[] {
  return [false, true].flatMap((permanent) => {
    const those = errors.filter(({ responseCode = 0 }) => responseCode >= permanentFrom === permanent);
    if (those.length === 0) return [];
    const recipients = those.map(({ recipient = '' }) => recipient);
    const said = [...new Set(those.map(({ response, message }) => response ?? message))].join('; ');
    return [{ recipients, reason: `${place}: refused for ${recipients.join(', ')}: ${said}`, permanent }];
  });
}

async function throughSendmail(
  mail: Mail,
  { sendmail, timeout }: DeliverySettings,
  signal: AbortSignal,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const compiler = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { message: input, envelope } = await compiler.sendMail(messageOf(mail));
  if (!Buffer.isBuffer(input)) throw new DeliveryError('the mail could not be put together', true);
  // Without `-f` the sender is the user who runs it, whatever the header says.
  const sender = mail.from === null || !envelope.from ? [] : ['-f', envelope.from];
  // `-t`: recipients are those of the header, as the reference calls it.
  const { ok, how, output } = await runCommand(
    { command: quote(sendmail), args: ['-i', '-t', ...sender], input, timeout },
    signal,
  );
  if (!ok) throw new DeliveryError([`${sendmail}: ${how}`, ...output].join(': '), false);
}

/** One word to the shell. */
function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/** Who sends is said twice, for people and for mail servers: many of these refuse a sender whose domain is not known. */
function messageOf({ from, to, subject, text }: Mail) {
  const sender = from ?? `${userName()}@${hostname()}`;
  return { from: sender, to: [...to], subject, text, envelope: { from: sender, to: [...to] } };
}

/** In a container the user can be a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'ldirectord';
  }
}
