/** The straight way to a host: TCP. */

import { connect } from 'node:net';
import { causeOf } from '../../probes/failure.js';
import { isFault, type Way, whereOf } from './host.js';

export const straightWay: Way = (host, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host: host.address, port: host.port });
    const settle = (outcome: Awaited<ReturnType<Way>>): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('connect', onConnect);
      if (isFault(outcome)) socket.on('error', () => {}).destroy();
      resolve(outcome);
    };
    const onConnect = (): void => settle(socket.setNoDelay(true));
    const onError = (error: Error): void =>
      settle({
        code: 'unreachable',
        message: `${whereOf(host)}: connect to ${host.address} port ${host.port}: ${cause(error)}`,
        remedy: 'see whether the machine runs, sshd on it, and what filters packets between; or set port in [ssh]',
      });
    // Whoever has aborted knows why.
    const onAbort = (): void => onError(new Error('given up'));
    signal.addEventListener('abort', onAbort);
    socket.once('connect', onConnect).once('error', onError);
    if (signal.aborted) onAbort();
  });

function cause(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `no address is known for this name (${code})`;
  return causeOf(error);
}
