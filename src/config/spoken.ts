/** What the checks of a virtual service speak, the further ones included. */

import type { Requirement } from '../model/config.js';
import type { ServiceName, TlsMode } from './services.js';
import { defaultTls } from './tls-modes.js';

interface Speaking {
  readonly service: ServiceName;
  readonly tls: TlsMode;
  readonly require: readonly Requirement[];
}

/** The virtual's own, whether its ordinary check speaks it or not, and those of further checks. */
export function servicesOf({ service, require }: Pick<Speaking, 'service' | 'require'>): ServiceName[] {
  return [service, ...furtherServices(require)];
}

/** Whether TLS is spoken where it is worth a judgement: what can be had without is not. */
export function judgesTls({ tls, require }: Pick<Speaking, 'tls' | 'require'>): boolean {
  // `tls` is about the virtual's service: a further check speaks TLS as its own does.
  return [tls, ...furtherServices(require).map(defaultTls)].some((mode) => mode !== 'no' && mode !== 'prefer');
}

function furtherServices(require: readonly Requirement[]): ServiceName[] {
  return require.flatMap(({ kind }) => (kind === 'connect' || kind === 'ping' ? [] : [kind]));
}
