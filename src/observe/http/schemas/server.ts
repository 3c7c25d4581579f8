/** What the API says of a real server or fallback. */

import { serverStates } from '../../../status/model.js';
import { describe, flag, number, object, oneOf, orNull, referTo, text, whole, withOptional } from './schema.js';

/** Who asked for something among directors that share a store. */
const on = { on: describe(text, 'the director that it was asked on, where several share a store') };

/** As far as it is known. */
export const origin = {
  who: describe(orNull(text), 'a user, or `status page`; in brackets whom they act for by their own word'),
  since: describe(orNull(number), 'in milliseconds since 1970'),
  why: orNull(text),
};

const standing = {
  name: describe(text, 'as the log names it'),
  called: describe(text, 'as the file calls it: by a name, or the same as `name`'),
  forward: oneOf('gate', 'masq', 'ipip'),
  configured: describe(whole, 'the weight that the configuration gives it'),
  wanted: describe(orNull(whole), 'the weight that it ought to have now; null where it ought not to be in the table'),
  weight: describe(orNull(whole), 'the weight that it has; null where it is not in the table'),
  connections: orNull(object({ active: whole, inactive: whole, persistent: orNull(whole) })),
  traffic: orNull(referTo('Traffic')),
};

export const server = {
  ...standing,
  written: describe(text, 'its address or name as the file has it, without the port'),
  up: flag,
  decided: describe(flag, 'whether a check has decided that, or none is needed'),
  inUse: describe(flag, 'whether it is up, not held out, not of weight 0 by hand, and taken by the table'),
  checked: describe(orNull(number), 'when it was checked last, in milliseconds since 1970; null where it was not'),
  reason: describe(text, 'what the last check that said something new said'),
  state: describe(
    oneOf(...serverStates),
    '`drained` at weight 0 by intent, `held` out by intent or by a policy; `kept` in use and `unused` by `minhealthy` or the votes of directors; otherwise as its checks say',
  ),
  since: describe(number, 'since when it is in this state, in milliseconds since 1970'),
  healthSince: describe(
    number,
    'since when its checks say that it is up or down, in milliseconds since 1970; since when they are asked where they have not said yet',
  ),
  failures: describe(whole, 'failed checks in a row'),
  successes: describe(whole, 'checks in a row that passed, of one that is down'),
  flapping: describe(
    orNull(object({ changes: describe(whole, 'within the last minute'), since: number })),
    'how it flaps, and since when, in milliseconds since 1970; null where it does not',
  ),
  hindered: describe(orNull(text), 'why its check has no verdict at present, so that it stays as it was; or null'),
  stale: describe(
    orNull(text),
    'why what its check has said is old, since this director is passive for all its services; or null',
  ),
  byMinimum: describe(flag, 'whether `minhealthy` decides whether it is in use, and not its checks'),
  vote: describe(
    orNull(object({ directors: whole, up: whole })),
    'with `healthvote = majority`, where the votes of directors decide that, and not its checks here: how many have a vote, and how many of them see it up; or null',
  ),
  held: describe(orNull(text), 'why it is held out of use; null where it is not'),
  heldBy: describe(
    orNull(oneOf('hand', 'file', 'window', 'agent', 'damping', 'resume', 'track')),
    'whose word that is: a person’s, a file’s in `maintenancedir`, a window’s, its agent’s, or that of a policy',
  ),
  hold: describe(
    orNull(
      withOptional(
        object({
          by: oneOf('hand', 'file', 'window', 'agent'),
          how: describe(
            oneOf('down', 'drain', 'drain-while-up'),
            '`drain`: at weight 0 whatever its checks say; `drain-while-up`: while they pass; `down`: as `quiescent` says',
          ),
          reason: describe(text, 'by what: `drained by hand`, `window NAME`, `file NAME in FOLDER`'),
          note: describe(orNull(text), 'what it does not do'),
          ...origin,
        }),
        on,
      ),
    ),
    'how, where that is no policy’s word, and who asked for it, when and why',
  ),
  heldUntil: describe(orNull(number), 'when that ends by itself, in milliseconds since 1970; null where nobody knows'),
  weighed: describe(
    orNull(
      object({
        base: whole,
        from: oneOf('file', 'hand', 'agent'),
        share: describe(whole, 'what its agent leaves of that, in percent'),
        grown: orNull(object({ percent: whole, seconds: whole, over: whole })),
        next: orNull(object({ weight: whole, at: number })),
      }),
    ),
    'what its weight is made of, where that is not the file’s alone; null where it is',
  ),
  override: describe(
    orNull(withOptional(object({ weight: whole, until: orNull(number), ...origin }), on)),
    'the weight that somebody set by hand, and until when, in milliseconds since 1970; null where nobody did',
  ),
  agent: describe(
    orNull(
      object({
        name: describe(text, 'where it is asked'),
        said: describe(orNull(text), 'its last line in few words; null before the first'),
        since: describe(orNull(number), 'since when it has said that, in milliseconds since 1970'),
        word: describe(text, 'what it has said in all'),
        share: describe(orNull(number), 'the share of the weight that it leaves, in percent; null where it names none'),
        answered: describe(orNull(number), 'when it answered last, in milliseconds since 1970'),
        silence: describe(orNull(text), 'why it does not answer; null where it does'),
        until: describe(orNull(number), 'when what it said counts no more, or since when; null where it does for good'),
      }),
    ),
    'what its feedback agent says; null where it has none',
  ),
  line: describe(whole, 'line of the configuration file'),
};
