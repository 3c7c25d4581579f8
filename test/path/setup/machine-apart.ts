/** A machine to be set up: networks and files of its own, with a shell that runs scripts as the real ones do. */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { wholeScript } from '../../../src/path/script.js';
import type { Fleet } from '../../../src/path/setup/fleet.js';
import type { Shell } from '../../../src/path/shell.js';
import { until } from '../../helpers/deadline.js';

export interface MachineApart {
  readonly pid: number;
  readonly shell: Shell;
  readonly fleet: Fleet;
  readonly run: (command: string) => string;
  /** All that a set-up could change, as text. */
  readonly snapshot: () => string;
  readonly stop: () => Promise<void>;
}

/** With v0, a link that is up and has 10.9.0.1/24, and t0, one that is down. */
export async function machineApart(): Promise<MachineApart> {
  const child = spawn('unshare', ['--net', '--mount', 'sleep', '600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const own = readlinkSync('/proc/self/ns/mnt');
  await until('it has mounts of its own', () => readlinkSync(`/proc/${pid}/ns/mnt`) !== own);
  const run = (command: string): string => {
    return execFileSync('nsenter', [...into(pid), 'sh', '-ec', command], { encoding: 'utf8' });
  };
  run(`
    mount -t tmpfs tmpfs /etc
    mkdir -p /etc/sysctl.d /etc/network/if-up.d /etc/NetworkManager/dispatcher.d /etc/systemd
    ip link set lo up
    ip link add v0 type veth peer name v1
    ip address add 10.9.0.1/24 dev v0
    ip link set v0 up; ip link set v1 up
    ip link add t0 type veth peer name t1
    ip link set t0 up; ip link set t0 down
  `);
  await until('its links have their addresses', () => {
    return ['v0', 'v1'].every((name) => run(`ip -6 -o addr show scope link -tentative dev ${name}`).includes('fe80'));
  });
  const stop = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const shell = shellInto(pid);
  return { pid, shell, fleet: fleetOf(shell), run, snapshot: () => run(snapshotCommand), stop };
}

/** Without what the kernel counts by itself. */
const snapshotCommand = `
  ip -j address; ip -j link; ip -j rule; ip -j -6 rule; ip -j route show table all; ip -j -6 route show table all
  sysctl -a 2>/dev/null | grep '^net\\.' | grep -v '_count \\|mem\\b'
  find /etc -mindepth 1 -printf '%M %p %l\\n' | sort
  find /etc -type f -exec sha256sum {} + | sort
`;

function into(pid: number): string[] {
  return ['-t', String(pid), '--net', '--mount', '--wd=/'];
}

/** As that over SSH: what is left of a script ends with its input. */
export function shellInto(pid: number): Shell {
  return {
    run: async (script, { deadline, signal }) => {
      const child = spawn('nsenter', [...into(pid), 'sh'], { stdio: ['pipe', 'pipe', 'pipe'], timeout: deadline });
      const outputs = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          outputs[name] += text;
        });
      }
      const onAbort = (): void => void child.stdin.end();
      signal?.addEventListener('abort', onAbort);
      child.stdin.on('error', () => {});
      child.stdin.write(wholeScript(script));
      const [status] = await once(child, 'close');
      signal?.removeEventListener('abort', onAbort);
      if (typeof status === 'number') return { ok: true, status, ...outputs };
      return { ok: false, fault: { code: 'lost', message: 'the shell was killed', remedy: 'try again' } };
    },
    close: async () => {},
  };
}

/** All of its machines are this one. */
export function fleetOf(shell: Shell): Fleet {
  return { each: (sites, work) => Promise.all(sites.map((site) => work(shell, site))) };
}
