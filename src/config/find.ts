/** Which file the CONFIG of the command line means. */

import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

const defaultDirectories = ['/etc/ha.d', '/etc/ha.d/conf'];
const defaultFile = 'ldirectord.cf';
const defaultInstance = 'ldirectord';

export interface Found {
  /** Exists, unless CONFIG is nowhere: then it is CONFIG as a path, for an error that names it. */
  readonly file: string;
  /** What pid file and log call this instance: the last component of CONFIG, ending included. */
  readonly name: string;
}

/** Looks in the directories and then for CONFIG as a path; without CONFIG only for the first directory's ldirectord.cf. */
export async function findConfiguration(
  config: string | undefined,
  directories: readonly string[] = defaultDirectories,
): Promise<Found> {
  if (config === undefined) {
    return { file: join(directories[0] ?? '', defaultFile), name: defaultInstance };
  }
  const name = basename(config);
  for (const directory of directories) {
    const file = join(directory, config);
    if (await exists(file)) {
      return { file, name };
    }
  }
  return { file: config, name };
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
