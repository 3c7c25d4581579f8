/** Servers of protocols that are spoken by libraries, each in a process of its own: what is run there. */

import { writeFile } from 'node:fs/promises';
import { repository } from '../../../helpers/repository.js';
import { type ServerProgram, startServer } from '../../../helpers/servers/server-program.js';

const libraries = `${repository}node_modules`;

const scripts = {
  grpc: `
    const { Server, ServerCredentials } = require('${libraries}/@grpc/grpc-js');
    const { HealthImplementation } = require('${libraries}/grpc-health-check');
    const server = new Server();
    new HealthImplementation({ '': 'SERVING', shop: 'NOT_SERVING' }).addToServer(server);
    server.bindAsync(process.argv[1], ServerCredentials.createInsecure(), (error) => { if (error) throw error; });`,
  websocket: `
    const { WebSocketServer } = require('${libraries}/ws');
    const [host, port] = process.argv[1].split(':');
    new WebSocketServer({ host, port: Number(port), path: '/echo' }).on('connection', (socket) => {
      socket.on('error', () => {}).on('message', (data) => socket.send(data));
    });`,
} as const;

export function startScript(name: keyof typeof scripts): Promise<ServerProgram> {
  return startServer({
    program: process.execPath,
    args: ({ address, port }) => ['-e', scripts[name], `${address}:${port}`],
  });
}

/** For external checks: asks what it is given as address and port for a page. */
export async function writeAskingProgram(directory: string): Promise<string> {
  const file = `${directory}/ask.pl`;
  const text = `#!/usr/bin/perl
use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[2], PeerPort => $ARGV[3], Timeout => 2) or exit 1;
print $socket "GET / HTTP/1.0\\r\\n\\r\\n";
exit(<$socket> =~ / 200 / ? 0 : 1);
`;
  await writeFile(file, text, { mode: 0o755 });
  return file;
}
