/** Sends a datagram, and prints what comes back: arguments are address and port. Fails where nothing does. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Milliseconds until another one is sent. */
const pace = 500;
const tries = 20;

const [address, port] = process.argv.slice(2);
const socket = createSocket('udp4');
const answered = once(socket, 'message', { signal: AbortSignal.timeout(pace * tries) });
const send = () => socket.send('who?', Number(port), address);
send();
const sending = setInterval(send, pace);
const [answer] = (await answered) as [Buffer];
clearInterval(sending);
process.stdout.write(`${answer}\n`);
socket.close();
