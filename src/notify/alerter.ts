/** Turns alerts into mails: what comes together goes together, and no more mails go out than are allowed. */

import { performance } from 'node:perf_hooks';
import { type Alert, compose, type Mail, type Route } from './mail.js';

export interface AlerterLimits {
  /** Milliseconds for which an alert waits for others. */
  readonly delay: number;
  /** Mails in an hour. */
  readonly hourly: number;
}

export interface AlerterOptions {
  readonly send: (mail: Mail) => void;
  readonly host: string;
}

interface Group {
  readonly route: Route;
  readonly alerts: Alert[];
  unlisted: number;
  timer: NodeJS.Timeout;
}

const hour = 3_600_000;
/** Up to so many alerts go as a mail each, as people's filters know them; more become one that lists them. */
const few = 3;
/** Alerts that one mail lists at most. */
const longestList = 500;
/** Routes that gather alerts at once; the file has few. */
const mostGroups = 1000;

export class Alerter {
  readonly #options: AlerterOptions;
  #limits: AlerterLimits;
  readonly #groups = new Map<string, Group>();
  /** When the mails of the last hour went out. */
  #sent: number[] = [];

  constructor(options: AlerterOptions, limits: AlerterLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  configure(limits: AlerterLimits): void {
    this.#limits = limits;
  }

  raise(route: Route, alert: Alert): void {
    const key = JSON.stringify([route.smtp, route.from, route.to]);
    const group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= mostGroups) this.#flush(this.#groups.keys().next().value ?? key);
      this.#groups.set(key, { route, alerts: [alert], unlisted: 0, timer: this.#later(key, this.#limits.delay) });
    } else if (group.alerts.length < longestList) group.alerts.push(alert);
    else group.unlisted += 1;
  }

  /** Sends what has gathered, whatever the limits say. */
  close(): void {
    for (const key of [...this.#groups.keys()]) this.#flush(key);
  }

  #later(key: string, delay: number): NodeJS.Timeout {
    return setTimeout(() => this.#due(key), delay);
  }

  #due(key: string): void {
    const now = performance.now();
    this.#sent = this.#sent.filter((at) => at > now - hour);
    const [oldest] = this.#sent;
    const group = this.#groups.get(key);
    if (group !== undefined && oldest !== undefined && this.#sent.length >= this.#limits.hourly) {
      group.timer = this.#later(key, Math.max(1, oldest + hour - now));
      return;
    }
    this.#flush(key);
  }

  #flush(key: string): void {
    const group = this.#groups.get(key);
    if (group === undefined) return;
    clearTimeout(group.timer);
    this.#groups.delete(key);
    const { alerts, unlisted } = group;
    const isFew = alerts.length <= few && this.#sent.length + alerts.length <= this.#limits.hourly;
    if (!isFew) this.#send(group, alerts, unlisted);
    else for (const alert of alerts) this.#send(group, [alert], 0);
  }

  #send({ route }: Group, alerts: readonly Alert[], unlisted: number): void {
    this.#sent.push(performance.now());
    this.#options.send({ ...route, ...compose(alerts, unlisted, this.#options.host) });
  }
}
