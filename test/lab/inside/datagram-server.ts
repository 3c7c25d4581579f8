/** A real server over UDP: says its name to whoever sends something. Arguments: its name, and a port. */

import { createSocket } from 'node:dgram';

const [name = '', port] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (_, from) => socket.send(name, from.port, from.address));
socket.bind(Number(port), () => process.send?.('listening'));
process.on('disconnect', () => process.exit());
