/** Events of virtual services, and of who is in use for them, as lines of the log. */

import type { ServingEvent } from '../../events/serving.js';
import { heldText, minimumText, serviceText, voteText } from '../../events/texts.js';
import { originWords } from '../../model/origin.js';
import { holdText } from '../../model/override.js';
import { info, type MessageRows, warning } from './message.js';
import { checkText, endingOf } from './words.js';

export const servingMessages: MessageRows<ServingEvent> = {
  'virtual-below-minimum': (event) => [warning(minimumText(event))],
  'virtual-minimum-restored': (event) => [info(minimumText(event))],
  'virtual-voted': (event) => [warning(voteText(event))],
  'virtual-vote-over': (event) => [info(voteText(event))],
  'virtual-unserved': (event) => [{ level: 'bad', text: serviceText(event) }],
  'virtual-served': (event) => [{ level: 'good', text: serviceText(event) }],
  'server-held': (event) => [warning(heldText(event))],
  'server-released': (event) => [info(heldText(event))],
  'server-growing': (event) => {
    const how = `its weight grows from a tenth to the whole within ${event.seconds} s`;
    return [info(`Slow start: ${checkText(event)}: ${how}`)];
  },
  'virtual-down': (event) => [{ level: 'bad', text: `No real server is left: ${event.virtual} (${event.protocol})` }],
  'virtual-up': (event) => [{ level: 'good', text: `A real server is back: ${event.virtual} (${event.protocol})` }],
  'maintenance-began': (event) => [
    warning(`Maintenance began: ${checkText(event)}: ${holdText(event, originWords(event))}`),
  ],
  'maintenance-ended': (event) => [info(`Maintenance ended: ${checkText(event)}${originWords(event)}`)],
  'weight-overridden': (event) => [
    warning(`Weight set by hand: ${checkText(event)}: ${event.weight}${endingOf(event)}${originWords(event)}`),
  ],
  'weight-restored': (event) => [info(`Weight set by hand ended: ${checkText(event)}${originWords(event)}`)],
  'agent-weight': (event) => [info(`Agent sets weight: ${checkText(event)}: ${event.weight ?? 'the whole'}`)],
  'agent-silent': (event) => {
    const last = event.said === null ? 'it has not answered yet' : `its last word stays: ${event.said}`;
    return [warning(`Agent does not answer: ${event.agent}: ${event.reason}; ${last}`)];
  },
  'agent-answers': (event) => [info(`Agent answers again: ${event.agent}`)],
  'agent-misunderstood': (event) => [
    warning(`Agent says what nobody knows: ${event.agent}: '${event.word}', which is passed over`),
  ],
};
