/**
 * A real server for measurements: answers each line with its name, over as many connections as there are, and a request by
 * HTTP as such, for checks. Arguments: its name, and a port.
 */

import { createServer } from 'node:net';

const [name = '', port = ''] = process.argv.slice(2);

const server = createServer({ noDelay: true }, (connection) => {
  connection.setEncoding('latin1').on('data', (text: string) => {
    if (text.startsWith('GET ')) {
      connection.end(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\nConnection: close\r\n\r\n${name}`);
      return;
    }
    const lines = text.split('\n').length - 1;
    if (lines > 0) connection.write(`${name}\n`.repeat(lines));
  });
  // Whoever is gone has sent a reset, or will never be heard of again.
  connection.on('error', () => {});
});
await new Promise<void>((resolve) => server.listen({ host: '::', port: Number(port), backlog: 511 }, resolve));

process.on('disconnect', () => process.exit());
process.send?.('listening');
