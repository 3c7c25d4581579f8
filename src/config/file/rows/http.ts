/** What of an HTTP check the reference has no words for. */

import { rangeText } from '../../../model/names.js';
import { services } from '../../services.js';
import { servicesOf } from '../../spoken.js';
import { type Facts, masked, row } from '../directive.js';
import * as read from '../extension-values.js';
import { yesOrNo } from '../values.js';

/** Bytes that `bodylimit` allows at most; a body is held in memory. */
const largestBody = 64 * 1024 * 1024;

/** Characters: a shorter part of a header is no secret, and would take ordinary words out of every reason. */
const shortestSecret = 8;

const inHttp = {
  extension: true,
  applies: (facts: Facts) => servicesOf(facts).some((service) => services[service].http !== null),
} as const;
const wordInHttp = { ...inHttp, word: true } as const;

export const httpDirectives = {
  expectstatus: row(
    'virtual',
    read.statuses,
    [{ from: 200, to: 299 }],
    'HTTP status codes and ranges that count as success, separated by commas',
    { ...inHttp, show: (ranges) => ranges.map(rangeText).join(',') },
  ),
  requestheader: row('virtual', read.header, [], 'a header to send, `"Name: value"`; can be repeated', {
    ...inHttp,
    quoted: true,
    optional: true,
    join: (earlier, headers) => [...earlier, ...headers],
    secret: { kind: 'value', misspelt: 'r\\w*h\\w*d\\w*r\\w*' },
    show: (headers) => headers.map(({ name }) => `${name}: ${masked}`),
    hide: (headers) =>
      headers.flatMap(({ value }) => [value, ...value.split(' ')]).filter(({ length }) => length >= shortestSecret),
  }),
  httpauth: row(
    'virtual',
    read.httpAuth,
    'none',
    'how HTTP checks log in with login and passwd: `none` or `basic`',
    wordInHttp,
  ),
  receivein: row(
    'virtual',
    read.receiveIn,
    'body',
    'where `receive` is looked for in HTTP: `body`, `headers` or `status`',
    wordInHttp,
  ),
  bodylimit: row(
    'virtual',
    read.wholeNumber('the number of bytes', 1, largestBody),
    1024 * 1024,
    'bytes of an HTTP body that are read',
    inHttp,
  ),
  httpversion: row('virtual', read.httpVersion, '1.1', '`1.1` or `2`', inHttp),
  followredirects: row('virtual', yesOrNo, true, 'whether HTTP redirects are followed', wordInHttp),
  keepalive: row('virtual', yesOrNo, false, 'keep an HTTP connection from one check to the next', wordInHttp),
};
