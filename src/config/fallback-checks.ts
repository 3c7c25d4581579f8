/** How fallbacks are checked: as the real servers of their virtual, but for what the file says of them. */

import type { Virtual } from '../model/config.js';
import { isNegotiated } from './check-types.js';
import { defaultsOf, type Effective } from './file/directive.js';
import { checkDirectives, datagramDirectives } from './file/rows/checks.js';
import { httpDirectives } from './file/rows/http.js';
import { tlsDirectives } from './file/rows/tls.js';
import { defaultTls } from './tls-modes.js';

const aboutService = { ...checkDirectives, ...datagramDirectives, ...tlsDirectives, ...httpDirectives };
const unsaid: Effective<typeof aboutService> = defaultsOf(aboutService);

/** The virtual as the checks of its fallbacks see it; null where they are not checked. */
export function virtualOfFallbacks(virtual: Virtual): Virtual | null {
  const { fallbacks, fallbackcheck, fallbackservice, fallbackcheckport, fallbackrequest, fallbackreceive } = virtual;
  if (!fallbackcheck || fallbacks.length === 0) return null;
  const { checktype } = virtual;
  const same = fallbackservice === null || fallbackservice === virtual.service ? virtual : inAnotherService(virtual);
  return {
    ...same,
    checktype: fallbackservice === null || isNegotiated(checktype) ? checktype : 'negotiate',
    checkport: fallbackcheckport ?? same.checkport,
    request: fallbackrequest ?? same.request,
    receive: fallbackreceive ?? same.receive,
    // The first result decides alone: a sorry server that must earn its place is none.
    startstate: 'table',
    monitorfile: null,
    // Nobody could undrain it, and one that comes and goes is better than none.
    flapdamping: null,
    resume: 'auto',
    // What a real server needs beside its service a sorry page can do without.
    require: [],
    // It is often on the director itself.
    checkpath: 'direct',
  };
}

/** Nothing that is said for one service goes to a server of another: neither requests nor secrets. */
function inAnotherService(virtual: Virtual): Virtual {
  const { checkmark, checksource, virtualhost, fallbackservice } = virtual;
  const service = fallbackservice ?? virtual.service;
  return { ...virtual, ...unsaid, checkmark, checksource, virtualhost, service, tls: defaultTls(service) };
}

/** A virtual as each of its checks sees it. */
export function checkedViews(virtual: Virtual): readonly Virtual[] {
  const view = virtualOfFallbacks(virtual);
  return view === null ? [virtual] : [virtual, view];
}
