/** What the set-up is to do, has done and has taken back, for people and for programs. */

import type { Need } from '../../path/need.js';
import { type DifferenceLine, differenceBack, differenceOf } from '../../path/setup/difference.js';
import type { Applied, Undone } from '../../path/setup/run.js';
import { commandBack, commandOf, type Step } from '../../path/setup/step.js';
import { applyStyle, type Style, type Surface, wrap } from '../../terminal/fitting.js';
import { printable } from '../../terminal/printable.js';

const styles = { '+': 'green', '-': 'red', '~': 'yellow', ' ': 'bold' } as const satisfies Record<string, Style>;

export function calledOf(server: string | null): string {
  return server ?? 'director';
}

/** As a difference, and as commands that can be taken into a shell. */
export function stepLines(server: string | null, steps: readonly Step[], surface: Surface): string[] {
  return linesOf(server, steps.flatMap(differenceOf), steps.map(commandOf), surface);
}

export function undoneLines(server: string | null, steps: readonly Step[], surface: Surface): string[] {
  const turned = steps.toReversed();
  return linesOf(
    server,
    turned.flatMap(differenceBack),
    turned.flatMap((step) => commandBack(step) ?? []),
    surface,
  );
}

function linesOf(
  server: string | null,
  difference: readonly DifferenceLine[],
  commands: readonly string[],
  { width, colour }: Surface,
): string[] {
  const marked = [{ mark: ' ', text: calledOf(server) } as const, ...difference].flatMap(({ mark, text }) => {
    const head = mark === ' ' ? '' : `  ${mark} `;
    return wrap(printable(`${head}${text}`), width, '      ').map((line) => {
      return applyStyle({ text: line, style: styles[mark] }, colour);
    });
  });
  // A command of several lines stays whole: what stands in a file is between its quotes.
  const plain = commands.map((command) => command.split('\n').map(printable).join('\n'));
  return [...marked, '', `# ${calledOf(server)}`, ...plain, ''];
}

/** What became of a machine, in a line. */
export function outcomeLine(server: string | null, applied: Applied | null): string {
  const called = calledOf(server);
  if (applied === null) return `${called}: not begun`;
  switch (applied.state) {
    case 'applied':
      return `${called}: done`;
    case 'taken-back':
      return `${called}: failed, and is as it was: ${applied.fault}`;
    case 'unknown':
      return `${called}: failed, and part of it may stand: ${applied.fault}; 'setup --undo' takes it back`;
  }
}

export function undoneLine(server: string | null, undone: Undone | null): string {
  const called = calledOf(server);
  if (undone === null) return `${called}: not begun`;
  if (undone.fault !== null) return `${called}: not all is taken back: ${undone.fault}; run it again`;
  return undone.steps.length === 0 ? `${called}: nothing of it stands any more` : `${called}: taken back`;
}

/** Stable for programs: a line a machine. */
export function planJson(server: string | null, steps: readonly Step[], faults: readonly string[]): string {
  return JSON.stringify({ server, steps, commands: steps.map(commandOf), faults });
}

export function undoneJson(server: string | null, undone: Undone | null): string {
  const { steps, left, fault } = undone ?? { steps: [], left: [], fault: 'not begun' };
  return JSON.stringify({ server, steps, left: left.map(({ step, seen }) => ({ step, seen })), fault });
}

/** Its commands went well, and yet. */
export function unmetLine(server: string | null, need: Need): string {
  const called = calledOf(server);
  switch (need.kind) {
    case 'sysctl': {
      const beside = need.beside.length > 0 ? `; look at ${need.beside.join(', ')}, of which the greatest counts` : '';
      return `${called}: ${need.key} is set, and does not count${beside}`;
    }
    case 'module':
    case 'link':
      return `${called}: ${need.name} is not there though it was set up`;
    case 'address':
      return `${called}: ${need.address}/${need.prefix} is not on ${need.device} though it was added`;
    case 'answers':
      return `${called}: answers from ${need.from} do not go by ${need.gateway}; look at 'ip rule' for one before ours`;
  }
}
