/** The differences of HTTP: the reference's library takes nearly everything for an answer, and half of one for a whole. */

import { type Difference, differ } from './difference.js';

const up = ['up', 'down'] as const;
const down = ['down', 'up'] as const;
/** Without a pattern and with one. */
const readers = ['http', 'http matched'];
const services = ['http', 'https', 'http_proxy'];

const cut = 'it takes half an answer for a whole one';
const older = 'it takes what is no HTTP for HTTP/0.9, which nobody speaks any more';
const noStatus = 'a status has three digits, from 100 to 599 (RFC 9110, section 15)';
const noLength = 'how long the body is cannot be known (RFC 9112, section 6.3)';

export const httpDifferences: readonly Difference[] = [
  ...differ(readers, up, 'an interim response is not the answer (RFC 9110, section 15.2)', ['103 Early Hints first']),
  ...differ(readers, down, noStatus, [
    'status 600',
    'status 2000',
    'status 099',
    'a status of two digits',
    'no status',
  ]),
  ...differ(readers, down, older, ['HTTP/0.9']),
  ...differ('http', down, older, ['half a status line', 'SSH', 'another protocol']),
  ...differ('http on any port', down, older, ['garbage', 'another protocol']),
  ...differ(services, down, older, ['garbage', 'otherProtocol']),
  ...differ('http matched', down, noLength, [
    'two lengths',
    'a length below zero',
    'an empty length',
    'a length that is none',
  ]),
  ...differ('http', down, noLength, ['a chunk of no size']),
  ...differ(services, down, noLength, ['chunkedGarbage', 'endlessChunkExtension']),
  ...differ(readers, down, cut, ['a length that is too long', 'chunks without an end', 'half a chunk']),
  ...differ('http', down, cut, ['half a head', 'CR alone']),
  ...differ(services, down, cut, ['closesInHeaders', 'closesInBody', 'closesInChunk', 'stallsInBody', 'dripsBody']),
  ...differ('http matched', down, 'a response with status 204 has no body (RFC 9110, section 15.3.5)', ['status 204']),
  ...differ('http matched', up, 'it gives up the body where it does not know the coding', [
    'identity as a coding',
    'gzip, chunked',
  ]),
  ...differ(
    'http redirect',
    up,
    'it goes to where the name leads, which is the virtual service; ours stays with the server',
    ['to another name of the site'],
  ),
  ...differ('http request', down, 'each has a name of its own', ['the user agent']),
  ...differ('https', up, 'an interim response is not the answer (RFC 9110, section 15.2)', ['103 Early Hints first']),
  ...differ('https', down, older, ['HTTP/0.9']),
  ...differ('https', down, noLength, ['two lengths']),
  ...differ('https', down, cut, ['half a chunk']),
  ...differ('https', up, 'it verifies, and cannot be told which authority to believe', [
    'a certificate from nobody',
    'a certificate that has expired',
  ]),
];
