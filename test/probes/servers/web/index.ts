import type { Served } from '../case.js';
import { apache } from './apache.js';
import { caddy } from './caddy.js';
import { haproxy } from './haproxy.js';
import { lighttpd } from './lighttpd.js';
import { stunnel } from './stunnel.js';
import { tinyproxy } from './tinyproxy.js';
import { varnish } from './varnish.js';

export const web: readonly Served[] = [
  ...apache,
  ...caddy,
  ...lighttpd,
  ...haproxy,
  ...varnish,
  ...tinyproxy,
  ...stunnel,
];
