/**
 * SIGUSR1 makes Node listen for a debugger, which lets every local user run what they like as this process' user. Many
 * send it to a daemon for it to open its log anew. A listener takes Node's place: it is to stand before anything else
 * is loaded, and holds for worker threads as well. Until then only Node itself can be told.
 */

process.on('SIGUSR1', () => {});

const flag = '--disable-sigusr1';

/** For the command line of what this process starts with the same Node. Others may not know it, and would not start. */
export function withoutDebugger(): readonly string[] {
  return process.allowedNodeEnvironmentFlags.has(flag) ? [flag] : [];
}
