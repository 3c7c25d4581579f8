/** Puts the program where systems have theirs, and takes it away. */

import { chmod, mkdir, readFile, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { entries, library } from './entries.js';
import { command } from './own.js';
import { makeFolder, stageLibrary, writeWhole } from './place.js';
import { enabledUnits, indexManuals, outOfReach, processesOf } from './running.js';

export type Say = (line: string) => void;

const manifest = `${library}/installed`;
/** What daemons keep over a reboot, as the units have it too. Nobody else need read what people asked for. */
const state = { path: 'var/lib/ldirectord', mode: 0o700 };
/** Where the programs of the system are, and its manuals. */
export const system = '/';

/** Says what it writes. Rejects, with nothing written, where a file of another program is in the way. */
export async function install(prefix: string, say: Say): Promise<void> {
  const root = resolve(prefix);
  const before = await readInstalled(root);
  for (const { path, isSetting } of await entries()) {
    const place = join(root, path);
    if (isSetting || before.has(path) || !(await exists(place)) || (await isOwn(place))) continue;
    const remedy = 'remove it; Debian’s package ldirectord is replaced, while it serves, with --take-over';
    throw new Error(`${place} is another program's: ${remedy}`);
  }
  await (await prepare(root))(say);
}

/** Does what takes long; gives what then puts everything in its place, over whatever is there. */
export async function prepare(root: string): Promise<(say: Say) => Promise<void>> {
  const files = await entries();
  const placeLibrary = await stageLibrary(join(root, library));
  return async (say) => {
    await placeLibrary();
    say(`${join(root, library)}/`);
    for (const entry of files) {
      const path = join(root, entry.path);
      if (entry.isSetting && (await exists(path))) {
        say(`${path} (kept as it is)`);
        continue;
      }
      await writeWhole(path, entry);
      say(path);
    }
    await writeWhole(join(root, manifest), { text: files.map(({ path }) => `${path}\n`).join('') });
    await makeFolder(join(root, 'etc/ha.d'));
    say(`${join(root, 'etc/ha.d')}/`);
    await makeStateFolder(join(root, state.path));
    say(`${join(root, state.path)}/`);
    await indexPages(
      root,
      files.map(({ path }) => path),
    );
    const barrier = await outOfReach(process.execPath);
    if (barrier === null) return;
    const remedy = 'let everybody in there, or install with a Node that is in /usr/local or /opt';
    say(`warning: the units cannot run ${process.execPath}: ${barrier} is closed to them; ${remedy}`);
  };
}

/** Takes away what `install` wrote. Settings that were changed stay, and it says so. Rejects while it runs. */
export async function uninstall(prefix: string, say: Say): Promise<void> {
  const root = resolve(prefix);
  const written = await readInstalled(root);
  if (written.size === 0) throw new Error(`${join(root, manifest)} is not there: nothing was installed here`);
  const running = await processesOf(root);
  if (running.length > 0) {
    const remedy =
      'end it first: systemctl disable --now ldirectord, and each ldirectord@NAME; or ldirectord CONFIG stop';
    throw new Error(`it runs, as process ${running.join(', ')}; ${remedy}`);
  }
  const settings = new Map(
    (await entries()).filter(({ isSetting }) => isSetting).map(({ path, text }) => [path, text]),
  );
  for (const name of written) {
    const path = join(root, name);
    const setting = settings.get(name);
    if (setting !== undefined && (await readFile(path, 'utf8').catch(() => setting)) !== setting) {
      say(`${path} (kept: it was changed)`);
      continue;
    }
    await rm(path, { force: true });
    say(path);
  }
  for (const link of await enabledUnits(root)) {
    await rm(link, { force: true });
    say(link);
  }
  await rm(join(root, library), { recursive: true });
  say(`${join(root, library)}/`);
  // Where something else stands in it, it stays.
  for (const folder of ['usr/lib/ocf/resource.d/ldirectord', 'etc/ha.d', state.path])
    await rmdir(join(root, folder)).catch(() => {});
  if (await exists(join(root, state.path))) say(`${join(root, state.path)}/ (kept: what daemons knew is in it)`);
  await indexPages(root, [...written]);
}

/** One that is there keeps its mode. */
async function makeStateFolder(path: string): Promise<void> {
  await makeFolder(dirname(path));
  // Whatever the umask of who installs.
  if (await mkdir(path).then(() => true, ignoreExisting)) await chmod(path, state.mode);
}

function ignoreExisting(error: NodeJS.ErrnoException): false {
  if (error.code !== 'EEXIST') throw error;
  return false;
}

/** Manuals elsewhere than the system's have no index. */
async function indexPages(root: string, paths: readonly string[]): Promise<void> {
  if (root !== system) return;
  await indexManuals(paths.filter((path) => path.startsWith('usr/share/man/')).map((path) => join(root, path)));
}

async function readInstalled(root: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(root, manifest), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether it is the program that runs: where npm has its links in the folder of the system's programs. */
async function isOwn(path: string): Promise<boolean> {
  return (await realpath(path)) === (await realpath(command));
}
