/** The section `[store]` of the settings file: what directors share, and where. One row a key; the manual prints them. */

import type { settingCodes } from '../diagnostics/codes.js';
import { type Row, row } from './row.js';
import * as read from './values.js';

export interface StoreSettings {
  /** `http://…` or `https://…`, with a port and nothing behind it; empty is no store. */
  readonly endpoints: readonly string[];
  /** Null is the name of the host. */
  readonly name: string | null;
  /** With a slash at its beginning, and none at its end; null is that of the instance. */
  readonly prefix: string | null;
  readonly user: string | null;
  /** Secrets stand in files, and nowhere else. */
  readonly passwordFile: string | null;
  /** Null is the authorities that Node knows. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** Whose checks decide whether a server is up: this director's, or those of most. */
  readonly healthVote: 'own' | 'majority';
  /** In the words of sh(1). */
  readonly splitBrain: string | null;
}

/** What there is to say of a section that takes effect, and of which key. */
export interface SectionAdvice {
  readonly code: keyof typeof settingCodes;
  readonly key: string;
  readonly message: string;
}

const none = { words: 'none' } as const;

export const storeRows: { readonly [K in keyof StoreSettings]: Row<StoreSettings[K]> } = {
  endpoints: row(
    'endpoints',
    [],
    'where etcd answers clients, separated by commas: `https://HOST:2379`; they are members of one cluster, and one is asked at a time',
    endpoints,
    { words: 'none, so that nothing is shared' },
  ),
  name: row('name', null, 'what this director is called among the others, which are called otherwise', directorName, {
    words: 'the name of the host',
  }),
  prefix: row(
    'prefix',
    null,
    'what all keys begin with: the same on all directors that share, and nobody else’s',
    keyPrefix,
    { words: '`/ldirectord/` and the name of the configuration file, without `.cf`' },
  ),
  user: row(
    'user',
    null,
    'who logs in to etcd, where it has users; needs `passwordfile`',
    read.name('the name of a user'),
    {
      words: 'nobody',
    },
  ),
  passwordFile: row('passwordfile', null, 'a file with the password of the user', read.path, none),
  caFile: row(
    'cafile',
    null,
    'a file with the certificates of the authorities that etcd’s certificate may be from',
    read.path,
    {
      words: 'the authorities that Node.js comes with',
    },
  ),
  certFile: row(
    'certfile',
    null,
    'a file with a client certificate, where etcd asks for one (`--client-cert-auth`); needs `keyfile`',
    read.path,
    none,
  ),
  keyFile: row('keyfile', null, 'a file with its private key', read.path, none),
  healthVote: row(
    'healthvote',
    'own',
    'whose checks decide whether a server is up: `own`, or those of the `majority` of directors that are there',
    read.oneOf('own', 'majority'),
  ),
  splitBrain: row(
    'splitbrain',
    null,
    'a command that is run where others are active for an address of this director, too, and have been for some seconds: with the address and their names',
    read.command,
    none,
  ),
};

/** What keeps the store from being reached; null where nothing does. */
export function storeFault({ user, passwordFile, certFile, keyFile }: StoreSettings): string | null {
  if ((user === null) !== (passwordFile === null)) return 'user and passwordfile need each other';
  return (certFile === null) === (keyFile === null) ? null : 'certfile and keyfile need each other';
}

/** Where a password is read by whoever is on the way; null where it is not. */
export function storeAdvice({ endpoints, user }: StoreSettings): SectionAdvice | null {
  const open = user === null ? [] : endpoints.filter((endpoint) => !isSecret(endpoint));
  if (open.length === 0) return null;
  const message = `the password of ${user} goes in the clear to ${open.join(', ')}: take https://, with cafile, or another way that nobody reads`;
  return { code: 'open-password', key: 'endpoints', message };
}

/** Encrypted, or never on a wire. */
function isSecret(endpoint: string): boolean {
  const { protocol, hostname } = new URL(endpoint);
  return (
    protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
  );
}

const usualPort = 2379;
/** More members than a cluster of etcd has. */
const mostEndpoints = 16;

function endpoints(text: string): read.Value<readonly string[]> {
  const words = text.split(',').map((word) => word.trim());
  const value = words.filter((word) => word !== '').map(endpointOf);
  const fault = 'must be http://HOST:PORT or https://HOST:PORT, separated by commas, each once, 16 at most';
  if (value.length === 0 || value.length > mostEndpoints || new Set(value).size < value.length) return { fault };
  return value.every((one) => one !== null) ? { value } : { fault };
}

/** Null for what is none. */
function endpointOf(text: string): string | null {
  const match = /^(https?):\/\/(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const [, scheme = '', host = '', digits] = match ?? [];
  const port = digits === undefined ? usualPort : Number(digits);
  if (match === null || port < 1 || port > 65_535) return null;
  const endpoint = `${scheme.toLowerCase()}://${host.toLowerCase()}:${port}`;
  return URL.canParse(endpoint) ? endpoint : null;
}

function directorName(text: string): read.Value<string> {
  return /^[\w.-]{1,64}$/.test(text)
    ? { value: text }
    : { fault: 'must have 1 to 64 letters, digits, dots, hyphens or underlines' };
}

function keyPrefix(text: string): read.Value<string> {
  const value = text.replace(/\/+$/, '');
  return /^(?:\/[\w.:@-]+)+$/.test(value) && value.length <= 200
    ? { value }
    : { fault: 'must be a path as /ldirectord/web, of letters, digits and any of ._:@-' };
}
