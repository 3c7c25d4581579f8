/** What is made of the rows of the services: names, ports, and the table of the documents. */

import { type Service, type ServiceName, services } from './services.js';

export const allServiceNames = Object.keys(services) as ServiceName[];
/** What `service=` accepts in the reference. */
export const serviceNames = allServiceNames.filter((name) => !services[name].extension);
/** What it accepts as an extension. */
export const extensionServiceNames = allServiceNames.filter((name) => services[name].extension);

/** The service of a port that tells none: it is not asked, and its servers count as up. */
export const noService: ServiceName = 'none';

/** An extension is never meant by a port alone. */
const byPort: ReadonlyMap<string, ServiceName> = new Map(
  serviceNames.flatMap((name) => (services[name].port === null ? [] : [[String(services[name].port), name]])),
);

/** The reference compares the port as text: `080` has no service of its own. */
export function serviceOfPort(portText: string): ServiceName {
  return byPort.get(portText) ?? noService;
}

/** Ports whose virtual services are asked over UDP where they do not say. */
export const datagramPorts: readonly number[] = serviceNames.flatMap((name) => {
  const { port, protocol } = services[name];
  return port === null || protocol === 'tcp' ? [] : [port];
});

export interface ServiceRow extends Pick<Service, 'request' | 'up'> {
  /** Those for which the rest of the row holds. */
  readonly names: readonly ServiceName[];
}

/** For the manual: one row for services that are asked alike. */
export function serviceRows(): readonly ServiceRow[] {
  const found: (ServiceRow & { names: ServiceName[] })[] = [];
  for (const name of allServiceNames) {
    const { request, up } = services[name];
    const alike = found.find((other) => other.request === request && other.up === up);
    if (alike === undefined) found.push({ names: [name], request, up });
    else alike.names.push(name);
  }
  return found;
}
