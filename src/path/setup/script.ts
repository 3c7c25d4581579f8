/** Steps as scripts of sh(1): all of them or none, and what takes back. */

import { quote } from '../quote.js';
import { commandBack, commandOf, type Step, unfinished } from './step.js';

/**
 * Who has it changes the machine. A script whose director is gone is ended by its shell, which takes a moment: whoever
 * comes next waits for that, as for a second director. Any directory can be locked (flock(2)), and this one is everywhere.
 */
const lockPlace = '/etc';
/** Seconds. */
const lockPatience = 30;

const lock = [
  'if command -v flock >/dev/null 2>&1; then',
  `exec 9<${lockPlace}`,
  `flock -w ${lockPatience} 9 || { echo 'another setup is at work there' >&2; exit 1; }`,
  'fi',
];

/** Waits until nobody changes the machine, and says so where somebody still does. */
export const waitScript = `! command -v flock >/dev/null 2>&1 || flock -s -w ${lockPatience} ${lockPlace} true || echo busy\n`;

/** How a script of steps ends that a command of failed: all is as it was before, or not all of it. */
export const takenBack = 90;
export const notTakenBack = 91;

/**
 * Exactly the commands that people were shown. Where one fails, those before it are taken back, the last one first. It
 * prints nothing but how many were done where one failed. What was begun earlier can have left something unfinished.
 */
export function applyScript(steps: readonly Step[], begun: readonly Step[]): string {
  const back = steps.flatMap((step, index) => {
    const command = commandBack(step);
    return command === null ? [] : [`[ $done -lt ${index + 1} ] || { ${command}; } >/dev/null || bad=1`];
  });
  const forth = steps.flatMap((step, index) => [`{ ${commandOf(step)}; } >/dev/null`, `done=${index + 1}`]);
  return lines(
    ...lock,
    'umask 022',
    'done=0 bad=0',
    'back() {',
    "trap '' HUP INT PIPE TERM",
    'echo $done',
    ...removeUnfinished(steps),
    ...back.toReversed(),
    `[ $bad = 0 ] || exit ${notTakenBack}`,
    `exit ${takenBack}`,
    '}',
    'trap back EXIT',
    "trap 'exit 1' HUP INT PIPE TERM",
    'set -e',
    ...removeUnfinished(begun),
    ...forth,
    'trap - EXIT',
  );
}

/** Takes back as much as can be, of all that was begun; fails where one of them did. */
export function undoScript(steps: readonly Step[], begun: readonly Step[]): string {
  const back = steps.toReversed().flatMap((step) => commandBack(step) ?? []);
  return lines(
    ...lock,
    'umask 022',
    'bad=0',
    ...removeUnfinished(begun),
    ...back.map((command) => `{ ${command}; } >/dev/null || bad=1`),
    'exit $bad',
  );
}

function removeUnfinished(steps: readonly Step[]): string[] {
  const paths = new Set(steps.flatMap((step) => (step.kind === 'write-file' ? [unfinished(step.path)] : [])));
  return [...paths].map((path) => `rm -f ${quote(path)}`);
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
