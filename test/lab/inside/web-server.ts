/** A real server: says its name, and on /alive whether it is well. Arguments: its name, and endpoints to listen on. */

import { createServer } from 'node:http';

const [name = '', ...endpoints] = process.argv.slice(2);
/** Endpoints whose checks fail while everything else is served on. */
let sick: readonly string[] = [];

for (const endpoint of endpoints) {
  const server = createServer((request, response) => {
    if (request.url === '/alive' && sick.includes(endpoint)) response.statusCode = 503;
    response.end(name);
  });
  // A client may hold its connection for as long as its test takes.
  server.keepAliveTimeout = 0;
  const { hostname, port } = new URL(`http://${endpoint}`);
  await new Promise<void>((resolve) =>
    server.listen({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || 80) }, resolve),
  );
}

process.on('message', (message: { sick: readonly string[] }) => {
  sick = message.sick;
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
process.send?.('listening');
