/** Asks a feedback agent over HTTP: it says the same in the body of its answer. */

import { agentBound, hasLine, saidIn } from '../agent.js';
import { answer, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { exchange } from './exchange.js';
import { defaultHeaders, type HttpRequest } from './http-message.js';

const ok = 200;
const wanted = [{ from: ok, to: ok }];

export function probeHttpAgent(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const request: HttpRequest = {
      method: 'GET',
      scheme: 'http',
      host: check.virtualhost ?? '',
      path: check.request,
      headers: defaultHeaders,
      wanted,
      bodyLimit: agentBound,
      keepsHead: false,
      keepsBody: true,
    };
    const response = await exchange({ target: check, version: '1.1', request, keep: null, sessions: null }, signal);
    if (response.status !== ok) throw new ProbeFailure('response', `status ${response.status}`);
    // What did not come could have ended the last word.
    if (response.broken !== null && !hasLine(response.body)) throw response.broken;
    return saidIn(response.body);
  });
}
