/** Something that keeps packets from their way, or soon may. */

import type { FindingCode } from './codes.js';

export interface Finding {
  readonly code: FindingCode;
  /** Where: the director, or a real server as people call it. */
  readonly on: 'director' | { readonly server: string };
  /** What it is about: `net.ipv4.ip_forward`, `tunl0`, `203.0.113.10`. */
  readonly object: string;
  /** The virtual services that it concerns; empty is all. */
  readonly for: readonly string[];
  /** How it was seen: `net.ipv4.ip_forward is 0`. */
  readonly seen: string;
  /** Commands, or one sentence where no command does it. */
  readonly mend: readonly string[];
}
