import type { Served } from '../case.js';
import { dnsmasq } from './dnsmasq.js';
import { knot } from './knot.js';
import { nsd } from './nsd.js';
import { pdns } from './pdns.js';
import { unbound } from './unbound.js';

export const names: readonly Served[] = [...knot, ...nsd, ...unbound, ...pdns, ...dnsmasq];
