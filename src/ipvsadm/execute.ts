/** Carries out what one command line asks for. */

import { createReadStream } from 'node:fs';
import type { KernelClient } from '../ipvs/kernel/client.js';
import { KernelError } from '../ipvs/kernel/errors.js';
import type { KernelInfo } from '../ipvs/kernel/settings-codec.js';
import type { SyncDaemon } from '../ipvs/sync-daemon.js';
import { type MeteredTable, type ServiceIdentity, serviceKey } from '../ipvs/table.js';
import type { ServicePorts } from '../system/port-names.js';
import { connectionsHead, connectionText, parseConnection } from './connections.js';
import type { HostAddresses } from './host-addresses.js';
import { HostNames } from './host-names.js';
import { type Names, namesFrom, numbersAlone } from './labels.js';
import { refusalWords } from './refusals.js';
import { type Listing, type Request, status } from './request.js';
import { savedText } from './saved.js';
import { tableText } from './tables.js';
import type { Terminal } from './terminal.js';
import { usage, versionText } from './usage.js';

/** What of it is called here. */
export type Client = Pick<
  KernelClient,
  'apply' | 'daemons' | 'flush' | 'list' | 'setTimeouts' | 'startDaemon' | 'stopDaemon' | 'timeouts' | 'zero'
>;

export interface Workplace {
  readonly client: Client;
  readonly info: KernelInfo;
  readonly ports: ServicePorts;
  readonly addresses: HostAddresses;
  readonly terminal: Terminal;
}

const connectionsFile = '/proc/net/ip_vs_conn';

/** The exit status. Rejects with WrongArguments where a host does not resolve. */
export async function execute(request: Exclude<Request, { do: 'restore' }>, director: Workplace): Promise<number> {
  const { client, addresses, terminal } = director;
  const { print, complain } = terminal;
  try {
    switch (request.do) {
      case 'change': {
        const operation = await addresses.resolve(request.operation);
        const [failure] = await client.apply([operation]);
        if (!failure) return status.done;
        complain(refusalWords(operation.type, failure));
        return status.refused;
      }
      case 'clear':
        await client.flush();
        return status.done;
      case 'zero':
        await client.zero(request.service ? await addresses.service(request.service) : undefined);
        return status.done;
      case 'set-timeouts':
        await client.setTimeouts(request.timeouts);
        return status.done;
      case 'start-daemon':
        // The kernel calls no interface at all what it calls an unknown one.
        if (request.daemon.interface === '') throw new KernelError('ENODEV', 'no interface was named');
        await client.startDaemon(request.daemon);
        return status.done;
      case 'stop-daemon':
        await client.stopDaemon(request.state);
        return status.done;
      case 'save': {
        const table = await client.list();
        await print(savedText([...table.values()], await namesIn(table, request.numeric, director)));
        return status.done;
      }
      case 'list':
        return await list(request.listing, request.only, director);
      case 'list-connections':
        await listConnections(request, director);
        return status.done;
      case 'list-timeouts': {
        const { tcp, tcpFin, udp } = await client.timeouts();
        await print(`Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${udp}\n`);
        return status.done;
      }
      case 'list-daemons':
        await print((await client.daemons()).map(daemonText).join(''));
        return status.done;
      case 'help':
        await print(usage);
        return status.done;
      case 'version':
        await print(versionText);
        return status.done;
    }
  } catch (error) {
    if (!(error instanceof KernelError) || request.do === 'change') throw error;
    complain(refusalWords(request.do, error));
    return status.refused;
  }
}

async function list(listing: Listing, asked: ServiceIdentity | null, director: Workplace): Promise<number> {
  const { client, info, addresses, terminal } = director;
  const traffic = listing.view === 'stats' || listing.view === 'rate';
  const only = asked && (await addresses.service(asked));
  const table = await client.list({ traffic, ...(only && { only: new Set([serviceKey(only)]) }) });
  if (only && !table.has(serviceKey(only))) {
    terminal.complain('No such service');
    return status.missing;
  }
  const head = only ? '' : `IP Virtual Server version ${info.version} (size=${info.tableSize})\n`;
  await terminal.print(head + tableText(table, listing, await namesIn(table, listing.numeric, director)));
  return status.done;
}

async function namesIn(table: MeteredTable, numeric: boolean, { ports }: Workplace): Promise<Names> {
  if (numeric) return numbersAlone;
  const hosts = await HostNames.open();
  const services = [...table.values()];
  await hosts.learn([
    ...services.flatMap(({ service }) => (service.protocol === 'fwm' ? [] : [service.address])),
    ...services.flatMap(({ destinations }) => [...destinations.values()].map(({ address }) => address)),
  ]);
  return namesFrom(hosts.found, ports);
}

/** Piece by piece: a busy director has millions of them. */
async function listConnections(
  { numeric, engines }: { readonly numeric: boolean; readonly engines: boolean },
  { ports, terminal }: Workplace,
): Promise<void> {
  await terminal.print(connectionsHead(engines));
  const hosts = await HostNames.open();
  const names = numeric ? numbersAlone : namesFrom(hosts.found, ports);
  let rest = '';
  for await (const piece of createReadStream(connectionsFile, 'latin1')) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    const connections = lines.map(parseConnection).filter((connection) => connection !== null);
    if (!numeric)
      await hosts.learn(connections.flatMap((c) => [c.client, c.virtual, c.destination].map((end) => end.address)));
    await terminal.print(connections.map((connection) => connectionText(connection, engines, names)).join(''));
  }
}

function daemonText({ state, interface: name, syncId, maxLength, group, port, ttl }: SyncDaemon): string {
  const multicast = `maxlen=${maxLength ?? 0}, group=${group ?? ''}, port=${port ?? 0}, ttl=${ttl ?? 0}`;
  return `${state} sync daemon (mcast=${name}, syncid=${syncId}, ${multicast})\n`;
}
