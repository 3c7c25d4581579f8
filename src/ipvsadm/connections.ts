/** The kernel's list of connections, /proc/net/ip_vs_conn, as ipvsadm -L -c prints it. */

import { addressText } from '../ipvs/address.js';
import { endpointLabel, type Names } from './labels.js';

export interface ConnectionEntry {
  /** `TCP`; `IP` for what a persistent firewall mark holds. */
  readonly protocol: string;
  readonly client: Place;
  readonly virtual: Place;
  readonly destination: Place;
  readonly state: string;
  /** Seconds until it is forgotten. */
  readonly expires: number;
  /** Of a persistence engine: its name and what it found. */
  readonly engine?: readonly [name: string, data: string];
}

interface Place {
  readonly address: string;
  readonly port: number;
}

export function connectionsHead(engines: boolean): string {
  const head = 'pro expire state       source             virtual            destination';
  return `IPVS connection entries\n${head}${engines ? '        pe name          pe_data' : ''}\n`;
}

const pattern =
  /^(?<protocol>\w+) +(?<from>[\dA-Fa-f:]+) (?<fromPort>[\dA-F]{4}) (?<to>[\dA-Fa-f:]+) (?<toPort>[\dA-F]{4}) (?<dest>[\dA-Fa-f:]+) (?<destPort>[\dA-F]{4}) (?<state>\S+) +(?<expires>\d+)(?: (?<name>\S+) (?<data>.*))?$/;

/** Null for the head of the list. */
export function parseConnection(line: string): ConnectionEntry | null {
  const fields = pattern.exec(line)?.groups;
  if (!fields) return null;
  const { protocol = '', state = '', expires, name, data = '' } = fields;
  return {
    protocol,
    client: place(fields['from'], fields['fromPort']),
    virtual: place(fields['to'], fields['toPort']),
    destination: place(fields['dest'], fields['destPort']),
    state,
    expires: Number(expires),
    ...(name !== undefined && { engine: [name, data] as const }),
  };
}

export function connectionText(connection: ConnectionEntry, engines: boolean, names: Names): string {
  const { protocol, expires, state, client, virtual, destination, engine } = connection;
  const known = (['tcp', 'udp', 'sctp'] as const).find((name) => name === protocol.toLowerCase()) ?? null;
  const label = ({ address, port }: Place): string => endpointLabel(address, port, known, names);
  const time = `${twoDigits(Math.floor(expires / 60))}:${twoDigits(expires % 60)}`;
  const row = `${protocol.padEnd(3)} ${time.padEnd(6)} ${state.padEnd(11)} ${label(client).padEnd(18)} ${label(virtual).padEnd(18)} `;
  const at = label(destination);
  if (!engines || !engine) return `${row}${at}\n`;
  const [name, data] = engine;
  return `${row}${at.padEnd(16)} ${name.padEnd(18)} ${data}\n`;
}

/** IPv4 as one word of hexadecimal digits, IPv6 as eight groups. */
function place(address = '', port = ''): Place {
  const words = address.includes(':')
    ? [0, 10, 20, 30].map((at) => Number.parseInt(address.slice(at, at + 9).replace(':', ''), 16))
    : [Number.parseInt(address, 16)];
  return { address: addressText(words), port: Number.parseInt(port, 16) };
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
