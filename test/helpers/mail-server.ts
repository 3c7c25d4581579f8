/** A real SMTP server on loopback that keeps what it is given. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { until } from './deadline.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly encrypted: boolean;
  /** The name that the client gives itself. */
  readonly hello: string;
  /** Header fields in lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Refuses the next mails with this reply; null takes them again. */
  refuseWith(code: number | null): void;
  /** Refuses a recipient with this reply; null takes it again. */
  refuseRecipient(address: string, code: number | null): void;
  /** Waits for a mail whose subject matches. */
  mail(subject: RegExp): Promise<ReceivedMail>;
}

export async function startMailServer(
  context: { after(release: () => void | Promise<void>): void },
  tls?: { readonly key: string; readonly cert: string },
): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let refusal: number | null = null;
  const refused = new Map<string, number>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', ...(tls ? [] : ['STARTTLS'])],
    ...(tls && { key: tls.key, cert: tls.cert }),
    onRcptTo: ({ address }, _, done) => {
      const responseCode = refused.get(address);
      done(responseCode === undefined ? null : Object.assign(new Error('not this one'), { responseCode }));
    },
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        if (refusal !== null) {
          done(Object.assign(new Error('not now'), { responseCode: refusal }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          ...parsed(raw),
          from: mailFrom ? mailFrom.address : '',
          encrypted: session.secure,
          hello: session.hostNameAppearsAs,
          to: rcptTo.map(({ address }) => address),
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  context.after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    refuseWith: (code) => {
      refusal = code;
    },
    refuseRecipient: (address, code) => {
      if (code === null) refused.delete(address);
      else refused.set(address, code);
    },
    mail: async (subject) => {
      const find = () => mails.find(({ headers }) => subject.test(headers.get('subject') ?? ''));
      await until(
        () => `a mail ${subject} comes; there are: ${mails.map(({ headers }) => headers.get('subject')).join('; ')}`,
        () => find() !== undefined,
      );
      const found = find();
      if (found === undefined) throw new Error('it was there');
      return found;
    },
  };
}

/** A message of one plain part; quoted-printable is decoded. */
export function parsed(raw: string): Pick<ReceivedMail, 'headers' | 'body'> {
  const [head = '', ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n');
  const fields = head.replaceAll(/\n[ \t]+/g, ' ').split('\n');
  const headers = new Map(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const body = rest.join('\n\n');
  const encoded = headers.get('content-transfer-encoding') === 'quoted-printable';
  const decoded = body
    .replaceAll(/=\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { headers, body: encoded ? decoded : body };
}
