/** Another version of this program, made from its commit in a folder of its own: what changed is measured in turns. */

import { execFile } from 'node:child_process';
import { lstat, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../helpers/repository.js';

const execute = promisify(execFile);
/** Milliseconds for what takes longest, the packages. */
const patience = 600_000;

export interface Other {
  /** Its program. */
  readonly cli: string;
  remove(): Promise<void>;
}

/** Rejects where there is no such commit, or nothing can be made of it. */
export async function makeOther(revision: string, tell: (text: string) => void): Promise<Other> {
  const { stdout } = await run(
    'git',
    ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`],
    repository,
  );
  const commit = stdout.trim();
  const folder = await mkdtemp(join(tmpdir(), 'ldirectord-against-'));
  const tree = join(folder, 'tree');
  const remove = async (): Promise<void> => {
    await run('git', ['worktree', 'remove', '--force', tree], repository).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run('git', ['worktree', 'add', '--detach', tree, commit], repository);
    if (await hasSamePackages(tree)) {
      await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
    } else {
      tell(`${revision} has other packages: installing them`);
      await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], tree);
    }
    tell(`building ${revision}, ${commit.slice(0, 12)}`);
    await run('npm', ['run', '--silent', 'build'], tree);
    const names = await readdir(join(tree, 'dist'));
    const cli = join(tree, 'dist', names.includes('cli.cjs') ? 'cli.cjs' : 'cli.js');
    await lstat(cli);
    return { cli, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function hasSamePackages(tree: string): Promise<boolean> {
  const [theirs, own] = await Promise.all(
    [tree, repository].map((folder) => readFile(join(folder, 'package-lock.json'), 'utf8')),
  );
  return theirs === own;
}

function run(program: string, args: readonly string[], cwd: string) {
  return execute(program, args, { cwd, timeout: patience, maxBuffer: 64 * 1024 * 1024 });
}
