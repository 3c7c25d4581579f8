/** A real server of several ports: says which one it is, and keeps each connection. Arguments: its name and ports. */

import { createServer, type Server, type Socket } from 'node:net';

interface Port {
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

const ports = new Map<number, Port>();

const [name, ...numbers] = process.argv.slice(2);

for (const port of numbers.map(Number)) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.write(`${name}:${port}`);
  });
  ports.set(port, { server, sockets });
  await listen(server, port);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen({ host: '0.0.0.0', port, backlog: 1_024 }, resolve));
}

/** `dies` is a port that goes with its connections, `rises` one that listens again. */
process.on('message', async (order: { readonly dies?: number; readonly rises?: number }) => {
  const dying = ports.get(order.dies ?? 0);
  if (dying !== undefined) {
    const closed = new Promise((resolve) => dying.server.close(resolve));
    for (const socket of dying.sockets) socket.resetAndDestroy();
    await closed;
  }
  const rising = ports.get(order.rises ?? 0);
  if (rising !== undefined) await listen(rising.server, order.rises ?? 0);
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
process.send?.('listening');
