/** Addresses of the hosts that a command line names. */

import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemLookup } from '../config/resolve.js';
import type { Operation } from '../ipvs/backend.js';
import type { ServiceIdentity } from '../ipvs/table.js';
import { unknownServer, unknownService } from './draft.js';
import { WrongArguments } from './request.js';

/** Milliseconds for one name. */
const patience = 10_000;
/** Whether there is anything to wait for. */
export function hasNames(operation: Operation): boolean {
  const { service } = operation;
  if (service.protocol !== 'fwm' && isIP(service.address) === 0) return true;
  return 'destination' in operation && isIP(operation.destination.address) === 0;
}

/** Addresses of names, each asked for once. */
export class HostAddresses {
  readonly #known = new Map<string, Promise<string | null>>();

  /** The service with its address. Rejects with WrongArguments where its name has none. */
  async service<S extends ServiceIdentity>(service: S): Promise<S> {
    if (service.protocol === 'fwm' || isIP(service.address) !== 0) return service;
    return { ...service, address: await this.#address(service.address, unknownService) };
  }

  /** The same for an operation. */
  async resolve(operation: Operation): Promise<Operation> {
    switch (operation.type) {
      case 'add-service':
      case 'edit-service':
        return { ...operation, service: await this.service(operation.service) };
      case 'delete-service':
        return { ...operation, service: await this.service(operation.service) };
      case 'add-destination':
      case 'edit-destination':
        return { ...operation, ...(await this.#place(operation)) };
      case 'delete-destination':
        return { ...operation, ...(await this.#place(operation)) };
    }
  }

  async #place<D extends { readonly address: string }>({
    service,
    destination,
  }: {
    readonly service: ServiceIdentity;
    readonly destination: D;
  }): Promise<{ service: ServiceIdentity; destination: D }> {
    const resolved = await this.service(service);
    const { address } = destination;
    if (isIP(address) !== 0) return { service: resolved, destination };
    return { service: resolved, destination: { ...destination, address: await this.#address(address, unknownServer) } };
  }

  async #address(name: string, complaint: string): Promise<string> {
    const asked = this.#known.get(name) ?? lookup(name);
    this.#known.set(name, asked);
    const address = await asked;
    if (address === null) throw new WrongArguments(complaint);
    return address;
  }
}

/** Null where it has none, or got none in time. */
async function lookup(name: string): Promise<string | null> {
  const timer = new AbortController();
  const late = sleep(patience, null, { signal: timer.signal }).catch(() => null);
  const address = await Promise.race([systemLookup(name, 'inet').catch(() => null), late]);
  timer.abort();
  return address;
}
