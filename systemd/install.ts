/** `npm run install:system -- [--prefix DIR] [--uninstall]`: puts the program where a system has its programs. */

import { chmod, cp, mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodeFlags } from '../src/process/heap.js';
import { bashCompletion, zshCompletion } from '../src/verbs/completion.js';
import { manualPages } from './manual.js';
import { neededPackages } from './packages.js';

/** From the compiled program to the repository. */
const repository = fileURLToPath(new URL('../../', import.meta.url));

/** The compiled program, its packages and the list of what was installed. */
const library = 'usr/lib/ldirectord';
const manifest = `${library}/installed`;

interface Entry {
  /** Below the prefix. */
  readonly path: string;
  readonly text: string;
  readonly isProgram?: boolean;
  /** Whether it is the administrator's as soon as it is there. */
  readonly isSetting?: boolean;
}

/** Finds the program beside itself, so that it runs wherever the prefix is. A link to it may be one of ipvsadm's. */
const launcher = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
case \${0##*/} in ipvsadm|ipvsadm-save|ipvsadm-restore) set -- "\${0##*/}" "$@" ;; esac
exec node ${nodeFlags.join(' ')} "$here/../lib/ldirectord/dist/cli.js" "$@"
`;

async function entries(): Promise<Entry[]> {
  const ours = (name: string): Promise<string> => readFile(join(repository, 'systemd', name), 'utf8');
  const manual = await manualPages();
  return [
    { path: 'usr/sbin/ldirectord', text: launcher, isProgram: true },
    ...(await Promise.all(
      ['ldirectord.service', 'ldirectord@.service'].map(async (name) => ({
        path: `usr/lib/systemd/system/${name}`,
        text: await ours(name),
      })),
    )),
    { path: 'usr/share/bash-completion/completions/ldirectord', text: bashCompletion() },
    { path: 'usr/share/zsh/vendor-completions/_ldirectord', text: zshCompletion() },
    { path: 'usr/lib/ocf/resource.d/ldirectord/ldirectord', text: await ours('ldirectord.ocf'), isProgram: true },
    ...[...manual].map(([name, text]) => ({ path: `usr/share/man/man${name.slice(-1)}/${name}`, text })),
    { path: 'etc/default/ldirectord', text: await ours('ldirectord.default'), isSetting: true },
    { path: 'etc/logrotate.d/ldirectord', text: await ours('ldirectord.logrotate'), isSetting: true },
  ];
}

/** Says what it writes. Rejects, with nothing written, where a file of another program is in the way. */
export async function install(prefix: string, say: (line: string) => void): Promise<void> {
  const files = await entries();
  const before = await installed(prefix);
  for (const { path, isSetting } of files) {
    if (isSetting || before.has(path) || !(await exists(join(prefix, path)))) continue;
    const remedy = 'remove its package first (apt remove ldirectord), or the file';
    throw new Error(`${join(prefix, path)} is another program's: ${remedy}`);
  }
  await installLibrary(prefix);
  say(`${join(prefix, library)}/`);
  for (const entry of files) {
    const path = join(prefix, entry.path);
    if (entry.isSetting && (await exists(path))) {
      say(`${path} (kept as it is)`);
      continue;
    }
    await writeWhole(path, entry);
    say(path);
  }
  await writeFile(join(prefix, manifest), files.map(({ path }) => `${path}\n`).join(''));
  await mkdir(join(prefix, 'etc/ha.d'), { recursive: true });
  say(`${join(prefix, 'etc/ha.d')}/`);
}

/** Takes away what `install` wrote. Settings that were changed stay, and it says so. */
export async function uninstall(prefix: string, say: (line: string) => void): Promise<void> {
  const written = await installed(prefix);
  if (written.size === 0) throw new Error(`${join(prefix, manifest)} is not there: nothing was installed here`);
  const settings = new Map(
    (await entries()).filter(({ isSetting }) => isSetting).map(({ path, text }) => [path, text]),
  );
  for (const name of written) {
    const path = join(prefix, name);
    const setting = settings.get(name);
    if (setting !== undefined && (await readFile(path, 'utf8').catch(() => setting)) !== setting) {
      say(`${path} (kept: it was changed)`);
      continue;
    }
    await rm(path, { force: true });
    say(path);
  }
  await rm(join(prefix, library), { recursive: true });
  say(`${join(prefix, library)}/`);
  // Where something else stands in it, it stays.
  for (const folder of ['usr/lib/ocf/resource.d/ldirectord', 'etc/ha.d'])
    await rmdir(join(prefix, folder)).catch(() => {});
}

/** Beside the old one, then in its place: a daemon that starts meanwhile finds one or the other. */
async function installLibrary(prefix: string): Promise<void> {
  const place = join(prefix, library);
  const fresh = `${place}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  const isCode = (source: string): boolean => !source.endsWith('.map');
  await cp(join(repository, 'build/src'), join(fresh, 'dist'), { recursive: true, filter: isCode });
  await cp(join(repository, 'package.json'), join(fresh, 'package.json'));
  for (const path of await neededPackages(repository)) {
    // Those inside it that are needed come by themselves.
    const filter = (source: string): boolean => !source.slice(join(repository, path).length).includes('/node_modules');
    await cp(join(repository, path), join(fresh, path), { recursive: true, filter });
  }
  await rm(place, { recursive: true, force: true });
  await rename(fresh, place);
}

async function writeWhole(path: string, { text, isProgram }: Entry): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.new`;
  await writeFile(fresh, text);
  await chmod(fresh, isProgram ? 0o755 : 0o644);
  await rename(fresh, path);
}

async function installed(prefix: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(prefix, manifest), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { prefix: { type: 'string', default: '/' }, uninstall: { type: 'boolean', default: false } },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  await (values.uninstall ? uninstall : install)(values.prefix, say);
  say(`\n${values.uninstall ? 'Taken away.' : 'Installed.'} Now: systemctl daemon-reload`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`install:system: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
