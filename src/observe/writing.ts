/** Says how writing goes: of the log's places, and of monitor files. */

import type { Event, Publish } from '../events.js';
import { AppendFile } from './append-file.js';
import type { Course } from './line-queue.js';
import { monitorLine } from './lines.js';
import { messagesOf } from './messages.js';

export function publisherOf(place: string, publish: Publish): (course: Course) => void {
  return (course) => publish(eventOf(place, course));
}

/** Lines begin with date and process. What was lost is told in the file as well: who reads it does not read the log. */
export function monitorFile(path: string, publish: Publish) {
  const render = (text: string): string => monitorLine(text, new Date(), process.pid);
  const file = new AppendFile({
    path,
    onCourse: (course) => {
      const event = eventOf(path, course);
      if (!course.failing && course.lost > 0) for (const { text } of messagesOf(event)) file.write(render(text));
      publish(event);
    },
  });
  return { write: (line: string): void => file.write(render(line)), close: (): Promise<void> => file.close() };
}

function eventOf(place: string, { failing, reason, lost }: Course): Event {
  return { type: failing ? 'log-failed' : 'log-restored', place, reason, lost };
}
