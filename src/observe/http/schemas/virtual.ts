/** What the API says of a virtual service, but for its servers. */

import { announcedWays } from '../../../model/announced.js';
import { describe, flag, list, number, object, oneOf, orNull, referTo, text, whole } from './schema.js';

export const identity = {
  name: describe(text, '`ADDRESS:PORT`, or the firewall mark'),
  called: describe(text, 'as the file calls it: by a name, or the same as `name`'),
  protocol: oneOf('tcp', 'udp', 'fwm'),
  family: oneOf('inet', 'inet6'),
};

const packetCount = object({ packets: whole, bytes: whole });

export const virtual = {
  ...identity,
  scheduler: text,
  title: describe(orNull(text), '`servicename` of the configuration'),
  stands: describe(flag, 'whether it stands in the table'),
  active: describe(flag, 'whether this director is active for it'),
  leftOut: describe(flag, 'whether it is out of the table since this director is not active for it'),
  vip: describe(
    orNull(
      object({
        address: describe(orNull(text), 'null where it is not known'),
        device: text,
        label: orNull(text),
        stands: flag,
        why: describe(orNull(text), 'why it does not stand, or is not ours to remove; null where it is in order'),
      }),
    ),
    'whether its address is on the device that `vip` names; null without `vip`',
  ),
  announcement: describe(
    orNull(
      object({
        address: text,
        by: describe(text, 'as it stands in the settings: `address DEV`, `exabgp PIPE` or `command PROGRAM`'),
        announced: describe(
          orNull(oneOf(...announcedWays)),
          '`well` while it is healthy, `ill` where it is announced all the same, `leaving` while this director is handed over; null where it is not',
        ),
        isHealthy: flag,
        since: describe(number, 'since when that is so, in milliseconds since 1970'),
        why: text,
        nextChange: describe(orNull(number), 'when it has been healthy for long enough, in milliseconds since 1970'),
        isDone: describe(flag, 'whether whoever announces it does so, or has withdrawn it'),
        fault: describe(orNull(text), 'why not, and what to do; null where that is so, or not known yet'),
      }),
    ),
    'whether its address is announced; null where no `[announce]` of the settings is about it',
  ),
  inUse: describe(flag, 'whether a real server of it is in use'),
  minimum: describe(
    orNull(object({ healthy: whole, needed: whole, rule: oneOf('keep', 'all', 'fallback', 'withdraw') })),
    'where fewer servers are healthy than `minhealthy` wants, how many are and what `belowminimum` says; or null',
  ),
  persists: describe(flag, 'whether it is persistent and sends a client on to its server when that has weight 0'),
  fallback: describe(orNull(referTo('Fallback')), 'the one that answers, or would first; null where there is none'),
  fallbacks: describe(list(referTo('Fallback')), 'in the order of the file'),
  traffic: orNull(referTo('Traffic')),
  packets: describe(
    orNull(object({ marked: orNull(packetCount), masqueraded: orNull(packetCount) })),
    'what our rules for `ports` and `snat` have counted: marked packets, and first packets of masqueraded connections; null without rules',
  ),
  line: describe(whole, 'line of the configuration file'),
};
