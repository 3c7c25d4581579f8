import { spawnSync } from 'node:child_process';
import { lacks } from '../../helpers/programs.js';

/** False where a machine apart can be had; otherwise why not. */
export function apart(): string | false {
  const missing = lacks('ip') || lacks('unshare') || lacks('nsenter') || lacks('flock');
  if (missing !== false) return missing;
  const made = spawnSync('unshare', ['--net', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/etc']);
  return made.status === 0 ? false : 'no networks and mounts of its own can be had (unshare)';
}
