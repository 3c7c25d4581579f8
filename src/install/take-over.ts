/**
 * In the place of Debian's package with Perl's ldirectord, while it serves. Its removal would stop what runs, and that
 * empties the table; here what runs is killed first, so that the table stands until the new daemon adopts it.
 */

import { readFile, stat } from 'node:fs/promises';
import { command } from './own.js';
import { lastingSettings, packageOf, purge } from './package.js';
import { type Instance, kill, runningInstances } from './perl.js';
import { type Failure, run, succeeds } from './run.js';

type Say = (line: string) => void;

const program = '/usr/sbin/ldirectord';
const unit = 'ldirectord.service';
const startUnit = ['systemctl', 'start', unit] as const;
/** What the new unit reads, and Debian's does not. */
const unitSettings = '/etc/default/ldirectord';

/**
 * Rejects, with everything as it was, where the package is not there, other packages need it, or the new program does
 * not take a file that rules now. What `prepare` gives installs the new program.
 */
export async function takeOver(prepare: () => Promise<(say: Say) => Promise<void>>, say: Say): Promise<void> {
  const owner = await packageOf(program);
  if (owner === null) throw new Error(`--take-over: no package has ${program}; install without it`);
  await run('dpkg', '--no-act', '--purge', owner);
  const isManaged = await stat('/run/systemd/system').then(
    () => true,
    () => false,
  );
  const mainProcess = isManaged ? Number(await run('systemctl', 'show', '--value', '-p', 'MainPID', unit)) : 0;
  const isEnabled = isManaged && (await succeeds('systemctl', 'is-enabled', unit));
  const instances = await runningInstances(program);
  for (const instance of instances) await assertTaken(instance, instance.pid === mainProcess);
  const lasting = await lastingSettings(owner);
  const install = await prepare();

  const startAll = async (): Promise<void> => {
    for (const { pid, words } of instances) {
      const [first, ...rest] = pid === mainProcess ? startUnit : ([program, ...words, 'start'] as const);
      say([first, ...rest].join(' '));
      await run(first, ...rest);
    }
  };
  for (const instance of instances) await kill(instance);
  try {
    await purge(owner, lasting);
  } catch (error) {
    await startAll();
    throw error;
  }
  say(`dpkg --purge ${owner} (kept: the table${lasting.map((path) => `, ${path}`).join('')})`);
  await install(say);
  if (isManaged) await run('systemctl', 'daemon-reload');
  if (isEnabled) await run('systemctl', 'enable', unit);
  await startAll();
  say('\nTaken over. Daemons that ran before run now; nothing is left of the package.');
}

/** Says what is wrong with its file where there is something. */
async function assertTaken({ words }: Instance, isOfUnit: boolean): Promise<void> {
  await run(process.execPath, command, ...words, 'check').catch(({ stdout, stderr }: Failure) => {
    throw new Error(
      `--take-over: a file that rules now would be turned down, so nothing was done:\n${stderr}${stdout}`,
    );
  });
  const settings = isOfUnit ? await readFile(unitSettings, 'utf8').catch(() => '') : '';
  if (!/^\s*CONFIG_FILE=/m.test(settings)) return;
  throw new Error(`--take-over: ${unit} would take CONFIG_FILE of ${unitSettings}, which it does not now: take it out`);
}
