/** A node of a cluster of Pacemaker's: corosync, Pacemaker and our program by its resource agent, with files of their own. */

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { until } from '../../helpers/deadline.js';
import { cli, Program } from '../../helpers/process.js';
import { repository } from '../../helpers/repository.js';
import { run } from './command.js';
import type { Machine } from './machines.js';
import type { Director } from './pair.js';

/** What nodes of one machine must not have in common. */
const own = ['/run', '/dev/shm', '/var/lib/pacemaker', '/var/lib/corosync', '/var/log', '/etc/corosync', '/etc/ha.d'];
/** What Pacemaker’s package makes for its user. */
const pacemakers = ['/run/crm', '/var/log/pacemaker'];
const states = ['cib', 'pengine', 'cores', 'blackbox'].map((name) => `/var/lib/pacemaker/${name}`);

/** Milliseconds: an action of the agent starts our program several times, beside much else on one slow processor. */
const patience = 200_000;

/** The agent and the program, for all nodes. */
export async function installAgent(): Promise<void> {
  const folder = '/usr/lib/ocf/resource.d/ldirectord';
  await mkdir(folder, { recursive: true });
  await copyFile(`${repository}systemd/ldirectord.ocf`, `${folder}/ldirectord`);
  const program = '/usr/sbin/ldirectord';
  await writeFile(`${program}.ours`, `#!/bin/sh\nexec '${process.execPath}' '${cli}' --backend kernel "$@"\n`);
  await run('mv', `${program}.ours`, program);
  for (const file of [`${folder}/ldirectord`, program]) await chmod(file, 0o755);
}

export class ClusterNode {
  readonly machine: Machine;
  readonly director: Director;
  readonly #t: TestContext;
  /** Whose namespaces are the node’s. */
  readonly #holder: Program;

  private constructor(t: TestContext, director: Director, holder: Program) {
    this.#t = t;
    this.machine = director.machine;
    this.director = director;
    this.#holder = holder;
  }

  /** `director` has the files. */
  static async open(t: TestContext, director: Director, key: Buffer): Promise<ClusterNode> {
    const { folder, machine } = director;
    await writeFile(join(folder, 'authkey'), key, { mode: 0o400 });
    const script = [
      'mount --make-rprivate /',
      ...own.map((path) => `mkdir -p ${path} && mount -t tmpfs tmpfs ${path}`),
      `mkdir -p ${[...pacemakers, ...states].join(' ')} /run/lock /var/log/crmsh`,
      `chown -R hacluster:haclient /var/lib/pacemaker ${pacemakers.join(' ')}`,
      `cp ${folder}/corosync.conf ${folder}/authkey /etc/corosync/`,
      `cp ${folder}/ldirectord.cf ${folder}/ldirectord.ini /etc/ha.d/`,
      `hostname ${machine.name}`,
      'echo ready',
      'exec sleep 100000',
    ].join('\n');
    const holder = new Program(t, ...director.inside('unshare', '--mount', '--uts', 'sh', '-ec', script));
    await holder.line(/^ready$/);
    return new ClusterNode(t, director, holder);
  }

  /** Starts the cluster's programs. */
  start(): void {
    for (const program of [['corosync', '-f'], ['pacemakerd']]) new Program(this.#t, ...this.#inside(program));
  }

  async run(...command: readonly string[]): Promise<string> {
    const [program, args] = this.#inside(command);
    return run(program, ...args);
  }

  /** Corosync has its members, so that Pacemaker can be started. */
  async isQuorate(): Promise<boolean> {
    return this.run('corosync-quorumtool', '-s').then(
      (text) => /^Total votes: +2$/m.test(text),
      () => false,
    );
  }

  async eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
    await until(what, holds, patience).catch(async (error: Error) => {
      const state = await this.run('crm_mon', '-1rA').catch(({ message }: Error) => message);
      const log = await this.run('tail', '-n', '60', '/var/log/pacemaker/pacemaker.log').catch(() => '');
      throw new Error(`${error.message}\n${state}\n${log}`);
    });
  }

  #inside(command: readonly string[]): [string, string[]] {
    return ['nsenter', ['-t', String(this.#holder.child.pid), '-n', '-m', '-u', ...command]];
  }
}
