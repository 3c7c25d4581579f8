/** What is needed to log in anywhere, read once: keys, secrets and known hosts of [ssh]. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SshSettings } from '../../config/settings/ssh-rows.js';
import { readBounded, unreadableBecause } from '../../system/bounded-file.js';
import { type PrivateKey, readKey, readUsualKeys } from './keys.js';
import { type KnownKey, parseKnownHosts } from './known-hosts.js';
import { loginImpossible } from './login-faults.js';
import { type Read, readSecretLine } from './secret-file.js';

export interface Access {
  readonly credentials: Credentials;
  readonly sudoPassword: string | null;
  readonly knownHosts: readonly KnownKey[];
  /** Of them, for people. */
  readonly knownHostsFiles: readonly string[];
}

export interface Credentials {
  readonly keys: readonly PrivateKey[];
  /** Whether the agent comes behind the keys, or before them: the ones that somebody named go first. */
  readonly areKeysNamed: boolean;
  /** Its socket. */
  readonly agent: string | null;
  readonly password: string | null;
  /** What could not be used, and why. */
  readonly left: readonly string[];
}

/** Whoever runs this. */
export interface Surroundings {
  readonly home: string;
  /** SSH_AUTH_SOCK. */
  readonly agent: string | null;
}

export function ownSurroundings(): Surroundings {
  return { home: homedir(), agent: process.env['SSH_AUTH_SOCK'] || null };
}

/** Bytes. */
const largestKnownHosts = 16 * 1024 * 1024;

export async function readAccess(settings: SshSettings, surroundings: Surroundings): Promise<Read<Access>> {
  const secrets = await readSecrets(settings);
  if (!secrets.ok) return secrets;
  const { passphrase, password, sudoPassword } = secrets.value;
  const agent = typeof settings.agent === 'string' ? settings.agent : settings.agent ? surroundings.agent : null;
  const areKeysNamed = settings.key !== null;
  const found = await readKeys(settings.key, passphrase, surroundings.home);
  const others = agent !== null || password !== null;
  if (!found.ok && !(others && passphrase === null)) return found;
  const { keys, left } = found.ok ? found.value : { keys: [], left: [found.fault.message] };
  if (keys.length === 0 && !others) return nothingToShow(left);
  const known = await readKnownHosts(settings.knownHosts, surroundings.home);
  if (!known.ok) return known;
  return {
    ok: true,
    value: { credentials: { keys, areKeysNamed, agent, password, left }, sudoPassword, ...known.value },
  };
}

interface Secrets {
  readonly passphrase: string | null;
  readonly password: string | null;
  readonly sudoPassword: string | null;
}

async function readSecrets(settings: SshSettings): Promise<Read<Secrets>> {
  const line = (file: string | null, what: string): Promise<Read<string | null>> =>
    file === null ? Promise.resolve({ ok: true, value: null }) : readSecretLine(file, what);
  const passphrase = await line(settings.keyPassphraseFile, 'keypassphrasefile');
  if (!passphrase.ok) return passphrase;
  const password = await line(settings.passwordFile, 'passwordfile');
  if (!password.ok) return password;
  const sudoPassword = await line(settings.sudoPasswordFile, 'sudopasswordfile');
  if (!sudoPassword.ok) return sudoPassword;
  return {
    ok: true,
    value: { passphrase: passphrase.value, password: password.value, sudoPassword: sudoPassword.value },
  };
}

interface FoundKeys {
  readonly keys: readonly PrivateKey[];
  readonly left: readonly string[];
}

async function readKeys(file: string | null, passphrase: string | null, home: string): Promise<Read<FoundKeys>> {
  if (file === null) return { ok: true, value: await readUsualKeys(home, passphrase) };
  const read = await readKey(file, passphrase);
  return read.ok ? { ok: true, value: { keys: [read.value], left: [] } } : read;
}

function nothingToShow(left: readonly string[]): Read<never> {
  const why = left.length === 0 ? 'no key, no agent and no password' : left.join('; ');
  return loginImpossible(
    `nothing to log in with: ${why}`,
    'set key, passwordfile or agent in [ssh] of ldirectord.ini, or make a key by ssh-keygen',
  );
}

type KnownHosts = Pick<Access, 'knownHosts' | 'knownHostsFiles'>;

/** Those that nobody has named need not be there. */
async function readKnownHosts(named: readonly string[], home: string): Promise<Read<KnownHosts>> {
  const usual = [join(home, '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'];
  const knownHostsFiles = named.length > 0 ? named : usual;
  const knownHosts: KnownKey[] = [];
  for (const file of knownHostsFiles) {
    try {
      const text = (await readBounded(file, largestKnownHosts)).toString('utf8');
      for (const line of parseKnownHosts(text, file)) knownHosts.push(line);
    } catch (error) {
      if (named.length === 0 && (error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      const why = unreadableBecause(error, largestKnownHosts);
      return loginImpossible(
        `known hosts: cannot read ${file}: ${why}`,
        'correct knownhosts in [ssh] of ldirectord.ini',
      );
    }
  }
  return { ok: true, value: { knownHosts, knownHostsFiles } };
}
