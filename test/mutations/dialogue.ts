/** A good dialogue of a service, and what must have been said in one for its server to be up. */

import type { Check } from '../../src/probes/probe.js';
import { testCertificate } from '../helpers/certificate.js';
import { tlsOf } from '../helpers/check.js';
import { type Answer, type Heard, overTcp, overUdp, type Serve, type Stage } from './stage.js';

export interface Dialogue {
  readonly name: string;
  /** Its port comes from the stage. */
  readonly check: Partial<Check>;
  open(): Promise<Stage>;
  /**
   * Judged by what was said alone, and in favour of the server: false only where what "up means" names was not said.
   */
  mayBeUp(heard: Heard): boolean;
  /** Whether everything that a good server says is needed, so that it is down where the end is missing. */
  readonly whole?: boolean;
}

export function tcp(name: string, check: Partial<Check>, serve: Serve, mayBeUp: Dialogue['mayBeUp']): Dialogue {
  return { name, check, open: () => overTcp(serve), mayBeUp };
}

export function udp(name: string, check: Partial<Check>, answer: Answer, mayBeUp: Dialogue['mayBeUp']): Dialogue {
  return { name, check: { protocol: 'udp', ...check }, open: () => overUdp(answer), mayBeUp };
}

/** The same within TLS, which stays as it is. */
export function withinTls(name: string, check: Partial<Check>, serve: Serve, mayBeUp: Dialogue['mayBeUp']): Dialogue {
  return { name, check: { tls: tlsOf(), ...check }, open: () => overTcp(serve, testCertificate()), mayBeUp };
}

/** All that reached the client over connections. */
export function textOf({ said }: Heard): string {
  return Buffer.concat(said).toString('latin1');
}

/** Whether each of these stands in what was said, one after the other. */
export function inOrder(...patterns: readonly RegExp[]): Dialogue['mayBeUp'] {
  return (heard) => {
    let rest = textOf(heard);
    return patterns.every((pattern) => {
      const found = pattern.exec(rest);
      if (found === null) return false;
      rest = rest.slice(found.index + found[0].length);
      return true;
    });
  };
}
