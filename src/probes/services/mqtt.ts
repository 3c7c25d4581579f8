/** Whether an MQTT broker accepts a client (MQTT 3.1.1, sections 3.1 and 3.2). Nothing is published or subscribed to. */

import { randomBytes } from 'node:crypto';
import { generate, type IConnackPacket, type Packet, parser } from 'mqtt-packet';
import { answer, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { withDialogue } from '../wire/dialogue.js';

/** 4 is MQTT 3.1.1, which every broker speaks. */
const protocolVersion = 4;
/** Bytes of a CONNACK after its first two: whether there is a session, and the return code. */
const connackLength = 2;
/** A CONNACK has 4 bytes; more is no answer to a CONNECT. */
const replyBound = 64;

export function probeMqtt(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(() =>
    withDialogue(check, signal, async (dialogue) => {
      dialogue.send(connect(check));
      let packet: Packet | null = null;
      await dialogue.until(
        (said) => {
          packet = decode(said);
          return packet !== null;
        },
        'login',
        replyBound,
      );
      judge(packet);
      dialogue.send(generate({ cmd: 'disconnect' }, { protocolVersion }));
      return 'login: accepted';
    }),
  );
}

function connect({ login, passwd }: Check): Buffer {
  const packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    // Not empty, which a broker may refuse, and never that of a client that would be thrown out for it.
    clientId: `ldirectord-${randomBytes(5).toString('hex')}`,
    clean: true,
    // The connection ends before a keep-alive could be due.
    keepalive: 0,
  } as const;
  if (login === '') return generate(packet);
  // A password needs a user name, not the other way round (section 3.1.2.9).
  return generate({ ...packet, username: login, ...(passwd !== '' && { password: Buffer.from(passwd) }) });
}

/** The first packet, null where it is not whole yet. */
function decode(said: Buffer): Packet | null {
  let packet: Packet | null = null;
  let wrong = false;
  const reader = parser({ protocolVersion });
  reader.on('packet', (found) => {
    packet ??= found;
  });
  reader.on('error', () => {
    wrong = true;
  });
  reader.parse(said);
  if (wrong) throw new ProbeFailure('login', 'the server does not speak MQTT');
  return packet;
}

function judge(packet: Packet | null): void {
  if (packet?.cmd !== 'connack' || packet.length !== connackLength) {
    throw new ProbeFailure('login', 'the answer is no CONNACK');
  }
  const { returnCode }: IConnackPacket = packet;
  if (returnCode === 0) return;
  throw new ProbeFailure('login', `${refusals[returnCode ?? 0] ?? 'refused'} (return code ${returnCode})`);
}

/** MQTT 3.1.1, section 3.2.2.3. */
const refusals: Readonly<Record<number, string>> = {
  1: 'the server does not speak MQTT 3.1.1',
  2: 'the server refuses the client identifier',
  3: 'the service is not available',
  4: 'wrong user name or password',
  5: 'not authorized',
};
