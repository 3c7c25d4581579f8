/** What is being mended: where the reference is right still. */

import { type Difference, differ } from './difference.js';

export const pending: readonly Difference[] = [
  ...differ('simpletcp', ['down', 'up'], 'PENDING: line by line, over UDP too, and with an end', [
    'anchored at the end of a line',
    'anchored at the second line',
    'answers at the end',
    'answers at the end, with what it got',
  ]),
  ...differ('simpletcp over UDP', ['down', 'up'], 'PENDING: line by line, over UDP too, and with an end', ['a match']),
  ...differ('turns', ['down down down down', 'up up up up'], 'PENDING: line by line, over UDP too, and with an end', [
    'over UDP',
  ]),
  ...differ('external-perl', ['up', 'down'], 'PENDING: exit takes a number, and not a byte of it', [
    'exits with $?',
    'exits with $? of backticks',
    'exits with -0.5',
    'exits with -256',
    'exits with 0.5',
    'exits with 256',
    'exits with 512',
    'exits with a great number',
    'exits with one of two',
    'exits with the status of a program',
    'exits with what is no number',
  ]),
  ...differ('external-perl', ['down', 'up'], 'PENDING: exit takes a number, and not a byte of it', [
    'exits with a comparison',
    'exits with a list of one',
  ]),
];
