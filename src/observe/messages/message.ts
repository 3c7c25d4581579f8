/** A line of the log, and what a subject's events have for lines. */

export type Level = 'good' | 'bad' | 'warning' | 'info' | 'debug';

export interface Message {
  readonly level: Level;
  readonly text: string;
}

/** Those of the events that can have this type. */
export type Of<E extends { readonly type: string }, T extends E['type']> = E extends { readonly type: infer U }
  ? T extends U
    ? E
    : never
  : never;

/** The lines that tell each event. */
export type MessageRows<E extends { readonly type: string }> = {
  readonly [T in E['type']]: (event: Of<E, T>) => readonly Message[];
};

export function info(text: string): Message {
  return { level: 'info', text };
}

export function warning(text: string): Message {
  return { level: 'warning', text };
}
