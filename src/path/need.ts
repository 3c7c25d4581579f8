/**
 * What a machine needs so that packets find their way: the director for its forwarding, a real server for the services
 * that it is in. The doctor names those that are not met, the set-up meets them, and both follow from these values.
 */

import type { Family, PortRange } from '../model/config.js';
import type { FindingCode } from './doctor/codes.js';

export type Need =
  | {
      readonly kind: 'sysctl';
      readonly key: string;
      /** What it is set to. */
      readonly value: string;
      /** Other values that serve as well. */
      readonly also: readonly string[];
      /** Other settings of which the greatest counts (`conf.all` beside `conf.DEVICE`, by ip-sysctl). */
      readonly beside: readonly string[];
    }
  | { readonly kind: 'module'; readonly name: string }
  /** A link that the kernel has by its module (tunl0, ip6tnl0), up. */
  | { readonly kind: 'link'; readonly name: string; readonly module: string | null }
  | {
      readonly kind: 'address';
      readonly family: Family;
      readonly address: string;
      readonly prefix: number;
      readonly device: string;
    }
  | Answers;

/** Packets from a service's address and ports go by a gateway, whatever the way of all others. */
export interface Answers {
  readonly kind: 'answers';
  readonly family: Family;
  readonly from: string;
  readonly protocol: 'tcp' | 'udp';
  readonly ports: PortRange;
  readonly gateway: string;
}

export interface Wanted {
  readonly need: Need;
  /** What is found where it is not met. */
  readonly code: FindingCode;
  /** The virtual services that it is for, as people call them. */
  readonly for: readonly string[];
}
