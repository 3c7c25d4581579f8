/** What is to be said about the further checks of a virtual service, once all of it is known. */

import type { Virtual } from '../../model/config.js';
import { spanAsRead } from '../../model/section-span.js';
import { isAsked } from '../check-types.js';
import { services } from '../services.js';
import type { Diagnostic } from './diagnostics.js';

export function adviseOnRequirements(virtual: Virtual): Diagnostic[] {
  const { require, checktype, service, login } = virtual;
  const [first] = require;
  if (first === undefined) return [];
  if (!isAsked(virtual)) {
    const why = checktype === 'negotiate' ? `service=${service}` : `checktype=${checktype}`;
    const message = `with ${why} no server is asked anything: no further check is run`;
    return [{ severity: 'warning', code: 'useless-require', message, span: spanAsRead(first.span) }];
  }
  return require.flatMap(({ kind, request, span: place }): Diagnostic[] => {
    if (kind === 'connect' || kind === 'ping') return [];
    const span = spanAsRead(place);
    const { statement, http } = services[kind];
    if (statement && (login === '' || request === '/')) {
      const message = `${kind} asks as a user: without login and a request this check fails`;
      return [{ severity: 'warning', code: 'missing-statement', message, span }];
    }
    if (http !== 'site' || !/^\/https?:\/\//i.test(request)) return [];
    const message = 'the request must be a path: a "/" is put before this address';
    return [{ severity: 'warning', code: 'absolute-request', message, span }];
  });
}
