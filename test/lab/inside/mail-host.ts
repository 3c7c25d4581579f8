/** Postfix as the guest's own mail server, on port 25 and behind sendmail(1), with a mailbox that can be read. */

import { chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parsed, type ReceivedMail } from '../../helpers/mail-server.js';
import { Program } from '../../helpers/process.js';
import { acceptsConnection } from '../../helpers/servers/server-program.js';
import { run } from './command.js';
import { eventually } from './eventually.js';

const domain = 'example.com';
const boxes = '/var/mail/lab';
const box = 'all';
const master = '/usr/lib/postfix/sbin/master';
/** The mailbox is nobody's. */
const owner = 65_534;

/** Every mail for the domain lands in one mailbox, in a file of its own. The guest's settings are its own. */
const settings = [
  'myhostname = mail.example.com',
  'mydestination =',
  'mynetworks = 127.0.0.0/8',
  'inet_interfaces = 127.0.0.1',
  'inet_protocols = ipv4',
  'alias_maps =',
  'alias_database =',
  'maillog_file = /dev/stdout',
  `virtual_mailbox_domains = ${domain}`,
  `virtual_mailbox_base = ${boxes}`,
  `virtual_mailbox_maps = static:${box}/`,
  `virtual_uid_maps = static:${owner}`,
  `virtual_gid_maps = static:${owner}`,
];

type DeliveredMail = Pick<ReceivedMail, 'headers' | 'body'>;

export interface MailHost {
  readonly address: string;
  /** Everything delivered to this recipient so far, in that order. */
  readonly mailsTo: (recipient: string) => Promise<DeliveredMail[]>;
}

/** Ends with the test. */
export async function startMailHost(t: TestContext): Promise<MailHost> {
  const address = '127.0.0.1';
  await run('postconf', '-e', ...settings);
  // A change of root would need a copy of parts of /etc.
  await run('postconf', '-F', '*/*/chroot = n');
  await mkdir(boxes, { recursive: true });
  await chown(boxes, owner, owner);
  const program = new Program(t, master, ['-d']);
  await eventually('the mail server is there', async () => {
    if (program.child.exitCode !== null) throw new Error(`the mail server ended:\n${program.text}`);
    return acceptsConnection({ address, port: 25 });
  });
  return {
    address,
    mailsTo: async (recipient) => {
      const mails = await delivered();
      return mails.filter(({ headers }) => headers.get('delivered-to') === recipient);
    },
  };
}

async function delivered(): Promise<DeliveredMail[]> {
  const folder = join(boxes, box, 'new');
  const names = await readdir(folder).catch(() => []);
  const inOrder = names.toSorted((a, b) => timeOf(a) - timeOf(b));
  return Promise.all(inOrder.map(async (name) => parsed(await readFile(join(folder, name), 'utf8'))));
}

/** Microseconds since 1970: `SECONDS.V…M…MICROSECONDS.HOST`. */
function timeOf(name: string): number {
  const [, seconds, microseconds] = /^(\d+)\.\w*M(\d+)\./.exec(name) ?? [];
  return Number(seconds) * 1_000_000 + Number(microseconds);
}
