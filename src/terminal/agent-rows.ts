/** What the feedback agent of a server says, in an explanation. */

import type { AgentStatus, ServerStatus } from '../status/model.js';
import { endingOf, span } from './figures.js';
import { printable } from './printable.js';

/** `at` is the moment from which ages are counted, in milliseconds since 1970. */
export function agentRows({ agent }: Pick<ServerStatus, 'agent'>, at: number): readonly (readonly [string, string])[] {
  return agent === null ? [] : [['agent', printable(wordsOf(agent, at))]];
}

function wordsOf({ name, said, since, word, answered, silence, until }: AgentStatus, at: number): string {
  const ago = (moment: number | null): string => (moment === null ? 'never' : `${span(at - moment)} ago`);
  const mute = silence === null ? null : `${name} does not answer: ${silence}`;
  if (said === null) return mute ?? `${name} has not answered yet`;
  const all = word === said ? '' : `, in all '${word}'`;
  const lasting = since === null ? '' : ` for ${span(at - since)}`;
  if (mute === null) return `${name} says '${said}'${all}${lasting}; answered ${ago(answered)}`;
  const counts = until === null ? 'stays' : until > at ? `counts${endingOf({ until })}` : 'counts no more';
  return `${mute}; it said '${said}'${all}, answered ${ago(answered)}, which ${counts}`;
}
