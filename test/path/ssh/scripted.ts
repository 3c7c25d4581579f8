/** A server of SSH that fails where a test wants it to. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import ssh2 from 'ssh2';

export interface Script {
  readonly login?: 'stall' | 'hang up';
  readonly session?: 'stall' | 'refuse';
  readonly exec?: (channel: ssh2.ServerChannel, command: string) => void;
}

export interface ScriptedSsh {
  readonly port: number;
  /** As known_hosts has it. */
  readonly hostKey: string;
  close(): Promise<void>;
}

export async function startScriptedSsh({ login, session, exec }: Script): Promise<ScriptedSsh> {
  const { private: key, public: hostKey } = ssh2.utils.generateKeyPairSync('ed25519');
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (context.method === 'none') context.reject(['password']);
      else if (login === 'hang up') client.end();
      else if (login !== 'stall') context.accept();
    });
    client.on('session', (accept, reject) => {
      if (session === 'refuse') reject();
      if (session !== undefined) return;
      accept().on('exec', (acceptExec, _reject, { command }) => exec?.(acceptExec(), command));
    });
  });
  // The sockets are ours: the package waits for clients that stall.
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    server.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    hostKey: hostKey.trim().split(' ').slice(0, 2).join(' '),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => listener.close(() => closed()));
    },
  };
}
