/** What the API says of this director, and of others that share a store with it. */

import { differenceKinds } from '../../../status/shared-status.js';
import { describe, flag, list, moment, number, object, oneOf, orNull, referTo, text, whole } from './schema.js';
import { origin } from './server.js';

const presence = object({
  version: text,
  started: moment,
  config: describe(text, 'a digest of its configuration as understood'),
  ready: flag,
  unready: describe(orNull(text), 'why it is not ready; null where it is'),
  role: oneOf('active', 'passive', 'unknown'),
  vips: describe(orNull(list(text)), 'addresses that it is active for; null where it does not matter which'),
  downVips: describe(list(text), 'addresses of virtual services that are not healthy there'),
  fitness: orNull(number),
  checks: describe(flag, 'whether it checks as often as its file says'),
  leaving: describe(flag, 'whether it is being taken out of use'),
  servers: whole,
  down: describe(whole, 'how many of them its own checks say are down'),
});

const shared = object({
  name: describe(text, 'of this director'),
  vote: oneOf('own', 'majority'),
  pending: describe(whole, 'drains and weights of this director that the store does not have yet'),
  misread: describe(list(object({ key: text, reason: text })), 'keys of the store that mean nothing'),
  alone: describe(flag, 'whether this director alone sees half of its servers or more down'),
  contested: describe(
    list(object({ address: text, others: list(text) })),
    'addresses that others are active for, too, and have been for some seconds',
  ),
  directors: list(
    object({
      name: text,
      isSelf: flag,
      there: describe(orNull(presence), 'what it says of itself; null where it is not there'),
      observed: describe(orNull(number), 'when it last said what it sees, in milliseconds since 1970'),
      differences: describe(
        list(
          object({
            kind: oneOf(...differenceKinds),
            servers: describe(
              list(text),
              'family, protocol, virtual service and server of each; empty where it is the whole',
            ),
            text,
          }),
        ),
        'in what it differs from this one',
      ),
    }),
  ),
});

export const director = {
  version: text,
  backend: text,
  file: describe(text, 'the configuration file'),
  phase: oneOf('starting', 'running', 'stopping', 'reloading'),
  at: moment,
  started: moment,
  loaded: describe(number, 'when the configuration that rules was taken over, in milliseconds since 1970'),
  rejected: describe(orNull(text), 'why the newest version of the file does not rule; null where it does'),
  unready: describe(list(text), 'why this director could not take over from another one; empty where it could'),
  role: object({
    word: describe(
      oneOf('active', 'passive', 'unknown'),
      '`active` for any service; `unknown` while nobody says it, which is taken for active',
    ),
    by: describe(oneOf('always', 'address', 'command'), 'who says it, as in the settings'),
    since: describe(number, 'since when it is this one, in milliseconds since 1970'),
    held: describe(orNull(list(text)), 'the addresses that it is active for; null where that makes no difference'),
    fault: describe(orNull(text), 'what is wrong with whoever says it; null where nothing is'),
    table: describe(oneOf('always', 'active'), 'when services are in the table'),
    checks: describe(
      { anyOf: [oneOf('always', 'active'), whole] },
      'how servers are checked of services for which it is passive; a number: so many times less often',
    ),
  }),
  unwritten: describe(
    list(object({ place: text, reason: text })),
    'logs and monitor files that cannot be written, and why',
  ),
  packetTable: describe(
    orNull(object({ table: text, fault: orNull(text) })),
    'our table of nftables, and why it is not as it should be; null where none is needed',
  ),
  fitness: describe(orNull(whole), 'how fit this director is, 0 to 100; null where those who elect are not told'),
  sync: describe(
    list(
      object({
        state: oneOf('master', 'backup'),
        interface: text,
        id: whole,
        runs: flag,
        why: describe(orNull(text), 'why it does not run, or not as it should; null where it is in order'),
      }),
    ),
    'the synchronization daemons that `[sync]` and the role ask for',
  ),
  store: describe(orNull(referTo('Store')), 'what directors share; null where they share nothing'),
  handover: describe(
    orNull(object(origin)),
    'who sends clients to other directors, when and why; null where nobody does',
  ),
  checks: orNull(referTo('Checks')),
  counts: referTo('Counts'),
  shared: describe(orNull(shared), 'what directors share, as this one sees it; null without a store'),
};
