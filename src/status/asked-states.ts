/** In which states servers can be asked for: a state, or `problem`, which is any but `up`. */

import { serverStates } from './model.js';

export const askedStates = [...serverStates, 'problem'] as const;
export type AskedState = (typeof askedStates)[number];
