/** Whose key a server shows: the files of ssh(1) that say it, in the format that sshd(8) describes. */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A line of such a file. */
export interface KnownKey {
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly isAbout: (name: string) => boolean;
  /** `ssh-ed25519`. */
  readonly type: string;
  readonly key: Buffer;
  /** `/root/.ssh/known_hosts:12`. */
  readonly place: string;
}

export interface HostName {
  /** Those that it is known under, as `web1.example.com` and `10.0.0.1`. */
  readonly names: readonly string[];
  readonly port: number;
}

/** Lines that are not understood are about nobody, as ssh(1) has it. */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/[ \t]+/);
    const [first = ''] = words;
    if (first === '' || first.startsWith('#')) return [];
    const marker = first.startsWith('@') ? markers.get(first) : 'none';
    if (marker === undefined) return [];
    const [hosts = '', type = '', base64 = ''] = marker === 'none' ? words : words.slice(1);
    const key = Buffer.from(base64, 'base64');
    // A line of protocol 1 has numbers there.
    if (typeOf(key) !== type) return [];
    return [
      {
        marker,
        isAbout: hosts.startsWith('|') ? hashed(hosts) : listed(hosts),
        type,
        key,
        place: `${file}:${index + 1}`,
      },
    ];
  });
}

const markers: ReadonlyMap<string, KnownKey['marker']> = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'cert-authority'],
]);

/** `|1|SALT|HASH`, both in base64. */
function hashed(text: string): KnownKey['isAbout'] {
  const [, version, salt = '', hash = ''] = text.split('|');
  const wanted = Buffer.from(hash, 'base64');
  const secret = Buffer.from(salt, 'base64');
  return (name) => {
    if (version !== '1') return false;
    const found = createHmac('sha1', secret).update(name).digest();
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  };
}

/** Patterns with `*` and `?`, separated by commas; one with `!` that fits excludes. */
function listed(text: string): KnownKey['isAbout'] {
  const patterns = text
    .toLowerCase()
    .split(',')
    .map((word) => ({ isExcluded: word.startsWith('!'), fits: fitting(word.replace(/^!/, '')) }));
  return (name) => {
    const fit = patterns.filter(({ fits }) => fits(name));
    return fit.length > 0 && !fit.some(({ isExcluded }) => isExcluded);
  };
}

function fitting(pattern: string): (name: string) => boolean {
  if (!/[*?]/.test(pattern)) return (name) => name === pattern;
  // Several asterisks in a row are one, and cost no more.
  const source = pattern
    .replaceAll(/\*+/g, '*')
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (name) => expression.test(name);
}

/** The first word of a public key; empty where it is none (RFC 4253, section 6.6). */
export function typeOf(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > key.length - 4 ? '' : key.toString('latin1', 4, 4 + length);
}

/** As ssh-keygen(1) shows it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

export type HostKeyJudgement =
  | { readonly is: 'known' }
  | { readonly is: 'unknown'; readonly authorities: readonly KnownKey[] }
  | { readonly is: 'other'; readonly known: readonly KnownKey[] }
  | { readonly is: 'revoked'; readonly by: KnownKey };

/** One that is revoked is so under whichever name; with another port than usual a key of the host itself serves, too. */
export function judgeHostKey(all: readonly KnownKey[], host: HostName, key: Buffer): HostKeyJudgement {
  const about = linesAbout(all, host);
  const plain = host.port === usualPort ? [] : linesAbout(all, { ...host, port: usualPort });
  const revoked = [...about, ...plain].find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) return { is: 'revoked', by: revoked };
  const isThis = (line: KnownKey): boolean => line.marker === 'none' && line.key.equals(key);
  if (about.some(isThis) || plain.some(isThis)) return { is: 'known' };
  const known = about.filter(({ marker }) => marker === 'none');
  if (known.length > 0) return { is: 'other', known };
  return { is: 'unknown', authorities: about.filter(({ marker }) => marker === 'cert-authority') };
}

/** The types of the keys that are known of a host: of those it is asked for first, since it may have several. */
export function knownTypes(all: readonly KnownKey[], host: HostName): string[] {
  const plain = linesAbout(all, { ...host, port: usualPort });
  const lines = [...linesAbout(all, host), ...plain].filter(({ marker }) => marker === 'none');
  return [...new Set(lines.map(({ type }) => type))];
}

export const usualPort = 22;

function linesAbout(all: readonly KnownKey[], { names, port }: HostName): KnownKey[] {
  const wanted = names.map((name) => nameInFile(name, port));
  return all.filter(({ isAbout }) => wanted.some(isAbout));
}

/** How a host is called in such a file. */
export function nameInFile(name: string, port: number): string {
  const lower = name.toLowerCase();
  return port === usualPort ? lower : `[${lower}]:${port}`;
}
