/** The kernel's table as others than the code under test see it. */

import { readFileSync } from 'node:fs';
import { runIn } from './command.js';

/** The rules that ipvsadm saves, sorted: the kernel gives no order. */
export async function savedRules(namespace: string | null = null): Promise<string[]> {
  const text = await runIn(namespace, 'ipvsadm', '-Sn');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
}

/** The destinations' upper and lower thresholds, which are no part of what ipvsadm saves, sorted. */
export async function thresholds(namespace: string | null = null): Promise<string[]> {
  const text = await runIn(namespace, 'ipvsadm', '-Ln', '--thresholds');
  const lines = text.matchAll(/^ {2}-> (?<destination>\S+) +(?<upper>\d+) +(?<lower>\d+) /gm);
  return [...lines]
    .map(({ groups }) => `${groups?.['destination']} ${groups?.['upper']} ${groups?.['lower']}`)
    .toSorted();
}

/** The version and the names of columns. */
const tableHead = 3;
/** Of a destination, behind its weight. */
const connectionCounts = /(?<=^ {2}-> \S+ +\w+ +\d+) .*$/;

/** By virtual service, as `TCP AC140018:0050`, the weight of each destination, as `C0A80110:0050`. */
export type Weights = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** IPv4 alone: the port stands in the same word. */
const servicePattern = /^(?<service>(?:TCP|UDP|FWM) +[0-9A-F:]+) /;
const destinationPattern = /^ {2}-> (?<destination>[0-9A-F:]+) +\w+ +(?<weight>\d+) /;

/** One look at the table of this process' namespace: one read of a small table, between two operations of anyone. */
export function weights(): Weights {
  return parseWeights(readFileSync('/proc/net/ip_vs', 'latin1'));
}

/**
 * All that the kernel lists of this process' namespace, sorted, without what it counts. It costs no process, so that
 * one can look without a pause and leave the processor to others.
 */
export function listing(): string {
  let service = '';
  const lines = readFileSync('/proc/net/ip_vs', 'latin1').split('\n').slice(tableHead);
  const sorted = lines.map((line) => {
    if (!line.startsWith('  -> ')) service = line;
    return line === service ? line : `${service}${line.replace(connectionCounts, '')}`;
  });
  return sorted.toSorted().join('\n');
}

function parseWeights(text: string): Weights {
  const table = new Map<string, Map<string, number>>();
  let destinations = new Map<string, number>();
  for (const line of text.split('\n')) {
    const service = servicePattern.exec(line)?.groups?.['service'];
    if (service !== undefined) {
      destinations = new Map();
      table.set(service.replace(/ +/, ' '), destinations);
    }
    const found = destinationPattern.exec(line)?.groups;
    if (found) destinations.set(found['destination'] ?? '', Number(found['weight']));
  }
  return table;
}

/** `172.20.0.24:80` as the kernel's listing has it. */
export function hexadecimal(endpoint: string): string {
  const [address = '', port] = endpoint.split(':');
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return `${octets.join('')}:${Number(port).toString(16).padStart(4, '0')}`.toUpperCase();
}
