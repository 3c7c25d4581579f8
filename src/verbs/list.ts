/** `list`: the services and their servers. */

import { parseArgs } from 'node:util';
import { namesOf } from '../overrides/server-names.js';
import type { ServerStatus, Status, VirtualStatus } from '../status/model.js';
import { listing } from '../terminal/listing.js';
import { type Command, done, failed, usage } from './command.js';
import { daemonClient, statusFrom } from './daemon-client.js';
import { surfaceOf } from './surface.js';

export async function list(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, virtual: { type: 'string' } },
  });
  const [server, ...more] = positionals;
  if (more.length > 0) throw usage('list: at most one SERVER');
  const status = await statusFrom(await daemonClient(command));
  const shown = filterStatus(status, server, values.virtual);
  if (shown.virtuals.length === 0 && status.virtuals.length > 0) {
    process.stderr.write(`ldirectord: list: ${whatIsMissing(server, values.virtual)}\n`);
    return failed;
  }
  process.stdout.write(values.json ? `${JSON.stringify(shown, null, 2)}\n` : listing(shown, surfaceOf(process.stdout)));
  return done;
}

function whatIsMissing(server: string | undefined, virtual: string | undefined): string {
  if (server === undefined) return `no virtual service is called '${virtual}'`;
  return `no real server is called '${server}'${virtual === undefined ? '' : ` in a virtual service called '${virtual}'`}`;
}

/** The virtuals of a name that have a server of a name, each with these servers. */
function filterStatus(status: Status, server: string | undefined, virtual: string | undefined): Status {
  const named = status.virtuals.filter(
    ({ name, called }) => virtual === undefined || name === virtual || called === virtual,
  );
  if (server === undefined) return { ...status, virtuals: named };
  const withServers = (some: VirtualStatus): VirtualStatus => {
    return { ...some, servers: some.servers.filter((its) => isCalled(its, server)) };
  };
  return { ...status, virtuals: named.map(withServers).filter(({ servers }) => servers.length > 0) };
}

/** As a file in `maintenancedir` would be. */
function isCalled({ name, written }: ServerStatus, server: string): boolean {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(name) ?? [];
  const address = host.replaceAll(/[[\]]/g, '');
  return namesOf({ host: { name: written, address }, port: Number(port) }).includes(server.toLowerCase());
}
