/** OpenSSH's agent with keys in it. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../deadline.js';

export interface SshAgent {
  readonly socket: string;
  freeze(): void;
  close(): Promise<void>;
}

export async function startSshAgent(directory: string, ...keys: readonly string[]): Promise<SshAgent> {
  const socket = join(directory, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  await until('the agent is there', () => existsSync(socket));
  for (const key of keys) {
    await promisify(execFile)('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  }
  return {
    socket,
    freeze: () => agent.kill('SIGSTOP'),
    async close() {
      agent.kill('SIGKILL');
      if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
    },
  };
}
