/** What the bearer of the token can do with a server. */

import type { ActionName, ProblemAnswer } from '../../http/shapes.js';
import { element, setText } from './dom.js';

/** Milliseconds for an action. */
const deadline = 25_000;
/** Characters of a reason: what the API takes. */
const longestReason = 200;

const names: Readonly<Record<ActionName, string>> = { drain: 'Drain', undrain: 'Take back into use' };
const done: Readonly<Record<ActionName, string>> = { drain: 'Drained.', undrain: 'Taken back into use.' };

interface Wish {
  readonly token: string;
  readonly reason: string;
  readonly force: boolean;
}

interface Outcome {
  readonly text: string;
  /** Whether it is done when it is asked for once more. */
  readonly isQuestion: boolean;
}

export class ServerActions {
  readonly node = element('div');
  readonly #onAction: () => void;
  /** Kept in this page alone, and gone with it. */
  #token = '';

  constructor(onAction: () => void) {
    this.#onAction = onAction;
  }

  clear(): void {
    this.node.replaceChildren();
  }

  /** Built once, so that what is typed stays while the rest is drawn anew. */
  offer(actions: readonly ActionName[], server: string): void {
    if (actions.length === 0 || this.node.childElementCount > 0) return;
    const token = element('input', { type: 'password', autocomplete: 'off', spellcheck: 'false' });
    token.value = this.#token;
    const reason = element('input', { type: 'text', autocomplete: 'off', maxlength: String(longestReason) });
    const outcome = element('p', { role: 'status' });
    const sure = element('button', { type: 'button', hidden: true }, 'Drain it all the same');
    const buttons: HTMLButtonElement[] = [sure];
    const carryOut = async (action: ActionName, force: boolean): Promise<void> => {
      this.#token = token.value;
      for (const button of buttons) button.disabled = true;
      setText(outcome, 'Asking …');
      const { text, isQuestion } = await act(action, server, { token: token.value, reason: reason.value, force });
      setText(outcome, text);
      for (const button of buttons) button.disabled = false;
      sure.hidden = !isQuestion;
      if (isQuestion) sure.focus();
      this.#onAction();
    };
    sure.addEventListener('click', () => carryOut('drain', true));
    for (const action of actions) {
      const button = element('button', { type: 'button' }, names[action]);
      button.addEventListener('click', () => carryOut(action, false));
      buttons.push(button);
    }
    this.node.replaceChildren(
      element('h3', {}, 'Actions, in every virtual service that has it'),
      element(
        'div',
        { class: 'act' },
        element('label', {}, 'Token', token),
        element('label', {}, 'Reason, for a drain', reason),
        ...buttons.slice(1),
        outcome,
        sure,
      ),
    );
  }
}

async function act(action: ActionName, server: string, { token, reason, force }: Wish): Promise<Outcome> {
  const said = (text: string, isQuestion = false): Outcome => ({ text, isQuestion });
  if (token === '') return said('Not done: it needs the token.');
  const query = new URLSearchParams();
  if (action === 'drain' && reason.trim() !== '') query.set('reason', reason.trim());
  if (force) query.set('force', 'true');
  try {
    const response = await fetch(`/api/v1/servers/${encodeURIComponent(server)}/${action}?${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(deadline),
    });
    if (response.ok) return said(done[action]);
    const { detail, code } = (await response.json()) as ProblemAnswer;
    return said(`Not done: ${detail}.`, code === 'last-server');
  } catch (error) {
    return said(`Not done: ${(error as Error).message}`);
  }
}
