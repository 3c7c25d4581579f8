/**
 * What feedback agents say, in the language of HAProxy's agent-check: one line of words, of which the last of a category
 * wins. Text in, values out, whatever the text.
 */

/** What an agent makes of the weight of its server: a percentage of it, or another one in the place of the file's. */
export type AgentWeight = { readonly percent: number } | { readonly weight: number };

/** What an agent has said so far, a category each; null is nothing. */
export interface AgentWord {
  readonly share: AgentWeight | null;
  readonly health: 'up' | 'down' | null;
  readonly admin: 'ready' | 'drain' | 'maint' | null;
  /** Free text, fit for a line of a log; empty where there is none. */
  readonly reason: string;
}

/** What one line says. */
export interface Saying extends AgentWord {
  /** The first word that means nothing, fit for a line of a log; null where there is none. */
  readonly unknown: string | null;
}

export const nothingSaid: AgentWord = { share: null, health: null, admin: null, reason: '' };

const longestReason = 100;
const longestWord = 32;
/** More is a mistake, and a server with a hundred times its share would be flooded. */
const largestPercent = 10_000;
/** As HAProxy has it. */
const largestWeight = 256;

const words: ReadonlyMap<string, Partial<AgentWord>> = new Map([
  ['up', { health: 'up' }],
  ['down', { health: 'down' }],
  ['stopped', { health: 'down' }],
  ['fail', { health: 'down' }],
  ['ready', { admin: 'ready' }],
  ['drain', { admin: 'drain' }],
  ['maint', { admin: 'maint' }],
]);

/** The line ends with the first CR or LF. */
export function parseSaying(text: string): Saying {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const hash = line.indexOf('#');
  const reason =
    hash < 0
      ? ''
      : shorten(
          line
            .slice(hash + 1)
            .replaceAll(unprintable, ' ')
            .trim(),
          longestReason,
        );
  let said: AgentWord = { ...nothingSaid, reason: reason.trimEnd() };
  let unknown: string | null = null;
  for (const word of (hash < 0 ? line : line.slice(0, hash)).split(/[ \t,]+/)) {
    if (word === '') continue;
    const meant = meaningOf(word.toLowerCase());
    if (meant === null) unknown ??= shorten(word.replaceAll(unprintable, '?'), longestWord);
    else said = { ...said, ...meant };
  }
  return { ...said, unknown };
}

/** The same in few words, which read as the line did. */
export function sayingText({ share, health, admin, reason, unknown }: Saying): string {
  const said = [health, admin, share && shareText(share), unknown].filter((word) => word !== null);
  return [...said, ...(reason === '' ? [] : [`#${reason}`])].join(' ');
}

/** `50%`, `weight:20`. */
export function shareText(share: AgentWeight): string {
  return 'percent' in share ? `${share.percent}%` : `weight:${share.weight}`;
}

/** With a further line: what it does not mention stays. A reason goes with the state that it was given for. */
export function mergeSaying(before: AgentWord, said: Saying): AgentWord {
  const isOther = said.health !== null || said.admin !== null;
  return {
    share: said.share ?? before.share,
    health: said.health ?? before.health,
    admin: said.admin ?? before.admin,
    reason: said.reason !== '' || isOther ? said.reason : before.reason,
  };
}

/** By what an agent takes its server out of use; null where it does not. The first of these: what is out need not drain. */
export function outWord({ health, admin, share }: AgentWord): string | null {
  if (admin === 'maint') return 'maint';
  if (health === 'down') return 'down';
  if (admin === 'drain') return 'drain';
  return share !== null && ('percent' in share ? share.percent : share.weight) === 0 ? shareText(share) : null;
}

function meaningOf(word: string): Partial<AgentWord> | null {
  const known = words.get(word);
  if (known !== undefined) return known;
  const [, digits = '', percent] = /^(?:weight:)?(\d{1,5})(%?)$/.exec(word) ?? [];
  if (digits === '') return null;
  const amount = Number(digits);
  // A number alone is the share in percent of the oldest agents.
  if (percent === '%' || !word.startsWith('weight:')) {
    return amount <= largestPercent ? { share: { percent: amount } } : null;
  }
  return amount <= largestWeight ? { share: { weight: amount } } : null;
}

/** What steers, turns around or hides. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Not within a character of two halves. */
function shorten(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
