/** The private keys that are offered to a server. */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { loginImpossible } from './login-faults.js';
import { type Read, readSecretFile } from './secret-file.js';

export interface PrivateKey {
  readonly file: string;
  readonly key: ssh2.ParsedKey;
}

/** Those that ssh(1) takes by itself, of the kinds that the package knows. */
const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** What of them is there, can be read and needs no passphrase, or this one; the rest is said. */
export async function readUsualKeys(
  home: string,
  passphrase: string | null,
): Promise<{ readonly keys: readonly PrivateKey[]; readonly left: readonly string[] }> {
  const keys: PrivateKey[] = [];
  const left: string[] = [];
  for (const name of usual) {
    const file = join(home, '.ssh', name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const read = await readKey(file, passphrase);
    if (read.ok) keys.push(read.value);
    else left.push(read.fault.message);
  }
  return { keys, left };
}

export async function readKey(file: string, passphrase: string | null): Promise<Read<PrivateKey>> {
  const read = await readSecretFile(file, 'private key');
  if (!read.ok) return read;
  const parsed: ssh2.ParsedKey | Error | (ssh2.ParsedKey | Error)[] = ssh2.utils.parseKey(
    read.value,
    passphrase ?? undefined,
  );
  // The newer format of OpenSSH could have several, and has one.
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) return unusable(file, key?.message ?? '', passphrase !== null);
  if (!key.isPrivateKey()) return loginImpossible(`private key: ${file} is a public one`, 'name the file without .pub');
  return { ok: true, value: { file, key } };
}

/** The package has no codes for it. */
function unusable(file: string, message: string, isPassphraseGiven: boolean): Read<never> {
  if (/no passphrase given/i.test(message)) {
    return loginImpossible(
      `private key: ${file} is encrypted, and there is no passphrase for it`,
      'set keypassphrasefile in [ssh] of ldirectord.ini, or add the key to an agent by ssh-add',
    );
  }
  if (isPassphraseGiven && /passphrase|integrity|malformed|decrypt/i.test(message)) {
    return loginImpossible(
      `private key: the passphrase does not fit ${file}`,
      'correct the file that keypassphrasefile names',
    );
  }
  return loginImpossible(
    `private key: ${file} is none that can be used (${message})`,
    `write it anew in the format of OpenSSH: ssh-keygen -p -f ${file}`,
  );
}
