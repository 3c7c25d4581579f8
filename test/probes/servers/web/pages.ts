/** What web servers are asked, where several have the same pages. */

import { type Case, stopped } from '../case.js';

/** Of a page that the web servers here have. */
export const page = 'hello from the site';
export const receivesPage = `request="/index.html"\nreceive="${page}"`;
export const upByPage = /^response: status 200, the body matches$/;

export function upCase(ask = '', name = 'page'): Case {
  return { name, ask: `${receivesPage}\n${ask}`, up: true, says: upByPage };
}

/** A page whose status is not one of success. */
export function statusCase(name: string, request: string, status: number, ask = ''): Case {
  return { name, ask: `request="${request}"\n${ask}`, up: false, says: new RegExp(`^response: status ${status}$`) };
}

export const http2: Case = upCase('httpversion=2', 'HTTP/2');
export const head: Case = {
  name: 'HEAD',
  ask: 'request="/index.html"\nhttpmethod=HEAD',
  up: true,
  says: /^response: status 200$/,
};
export const kept: Case = upCase('keepalive=yes', 'kept connection');
export const wrongPage: Case = {
  name: 'another page',
  ask: 'request="/index.html"\nreceive="farewell"',
  up: false,
  says: /^response body: no match for "farewell" in \d+ bytes$/,
};
export const stoppedWeb: Case = stopped(receivesPage);
