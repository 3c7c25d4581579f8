/** Turns alerts into mails: what comes together goes together, and no more mails go out than are allowed. */

import { performance } from 'node:perf_hooks';
import { type Alert, compose, type Mail, type News, type Route, routeKey } from './mail.js';

export interface AlerterLimits {
  /** Milliseconds for which an alert waits for others. */
  readonly delay: number;
  /** Mails in an hour on one route. */
  readonly hourly: number;
}

export interface AlerterOptions {
  readonly send: (mail: Mail) => void;
  /** Mails on a route are over the limit for so many milliseconds; told once for each time that it is reached. */
  readonly onLimit: (route: Route, news: News, wait: number) => void;
  /** One mail lists many, so many more than `raise` has said yes to. */
  readonly onMore: (news: News, count: number) => void;
  readonly host: string;
}

/** What gathers to become a mail. */
interface Group {
  readonly key: string;
  readonly route: Route;
  readonly news: News;
  readonly alerts: Alert[];
  unlisted: number;
  /** Whether it is there beyond the limit. */
  held: boolean;
  timer: NodeJS.Timeout;
}

interface Sent {
  readonly at: number;
  readonly news: News;
}

const hour = 3_600_000;
/** Milliseconds that changes gather at most. */
const longestDelay = 300_000;
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
  /** The mails of the last hour, by route. */
  readonly #sent = new Map<string, readonly Sent[]>();
  /** Routes whose reminders are left out now. */
  readonly #silent = new Set<string>();

  constructor(options: AlerterOptions, limits: AlerterLimits) {
    this.#options = options;
    this.#limits = limits;
  }

  /** What is held goes as soon as the new limits let it. */
  configure(limits: AlerterLimits): void {
    this.#limits = limits;
    this.#silent.clear();
    for (const key of [...this.#sent.keys()]) this.#ofLastHour(key, performance.now());
    for (const group of [...this.#groups.values()]) if (group.held) this.#due(group);
  }

  /** Whether it is one of the first few of its mail: in a storm each further one is news to nobody. */
  raise(route: Route, news: News, alert: Alert): boolean {
    const key = routeKey(route);
    const group = this.#groups.get(`${news} ${key}`);
    if (group === undefined) {
      const [oldest] = this.#groups.values();
      if (this.#groups.size >= mostGroups && oldest !== undefined) this.#flush(oldest);
      this.#open(key, route, news, alert);
      return true;
    }
    if (group.alerts.length < longestList) group.alerts.push(alert);
    else group.unlisted += 1;
    return group.alerts.length <= few;
  }

  /** Sends what has gathered, whatever the limits say. */
  close(): void {
    for (const group of [...this.#groups.values()]) this.#flush(group);
  }

  #open(key: string, route: Route, news: News, alert: Alert): void {
    const delay = news === 'change' ? this.#delay(key) : this.#limits.delay;
    const timer = setTimeout(() => this.#due(group), delay);
    const group: Group = { key, route, news, alerts: [alert], unlisted: 0, held: false, timer };
    this.#groups.set(`${news} ${key}`, group);
  }

  /** Changes that keep coming would use up the mails of an hour within a minute, and what begins later were not told. */
  #delay(key: string): number {
    const { delay, hourly } = this.#limits;
    const sent = this.#ofLastHour(key, performance.now()).length;
    return gatherFor(delay, sent, hourly);
  }

  #due(group: Group): void {
    const now = performance.now();
    clearTimeout(group.timer);
    const wait = this.#wait(group, now);
    if (wait === 0) {
      if (group.news === 'reminder') this.#silent.delete(group.key);
      this.#flush(group);
    } else if (group.news === 'reminder') this.#leaveOut(group, wait);
    else this.#hold(group, wait);
  }

  #hold(group: Group, wait: number): void {
    if (!group.held) this.#options.onLimit(group.route, group.news, wait);
    group.held = true;
    group.timer = setTimeout(() => this.#due(group), wait);
  }

  /** It comes again by itself; until it could be sent it may have ceased to be true. */
  #leaveOut(group: Group, wait: number): void {
    this.#groups.delete(`${group.news} ${group.key}`);
    if (!this.#silent.has(group.key)) this.#options.onLimit(group.route, group.news, wait);
    this.#silent.add(group.key);
  }

  /** Milliseconds until a mail may go; 0 where it may go now. Reminders leave half of the mails to what is new. */
  #wait({ key, news }: Group, now: number): number {
    const { hourly } = this.#limits;
    const sent = this.#ofLastHour(key, now);
    const reminders = sent.filter((mail) => mail.news === 'reminder');
    const until = (mails: readonly Sent[], most: number): number => {
      const last = mails.at(-most);
      return last === undefined ? 0 : Math.max(1, last.at + hour - now);
    };
    const all = until(sent, hourly);
    return news === 'change' ? all : Math.max(all, until(reminders, Math.ceil(hourly / 2)));
  }

  #ofLastHour(key: string, now: number): readonly Sent[] {
    const sent = (this.#sent.get(key) ?? []).filter(({ at }) => at > now - hour);
    if (sent.length === 0) this.#sent.delete(key);
    else this.#sent.set(key, sent);
    return sent;
  }

  #flush(group: Group): void {
    const { key, news, alerts, unlisted } = group;
    clearTimeout(group.timer);
    this.#groups.delete(`${news} ${key}`);
    const sent = this.#sent.get(key)?.length ?? 0;
    const isFew = alerts.length <= few && sent + alerts.length <= this.#limits.hourly;
    if (alerts.length > few) this.#options.onMore(news, alerts.length + unlisted - few);
    if (!isFew) this.#send(group, alerts, unlisted);
    else for (const alert of alerts) this.#send(group, [alert], 0);
  }

  #send({ key, route, news }: Group, alerts: readonly Alert[], unlisted: number): void {
    this.#sent.set(key, [...(this.#sent.get(key) ?? []), { at: performance.now(), news }]);
    this.#options.send({ ...route, ...compose(news, alerts, unlisted, this.#options.host) });
  }
}

/**
 * Milliseconds that changes gather for a mail, after so many in an hour: the first quarter of what may be sent goes as it
 * comes, and each mail from then on doubles the time.
 */
export function gatherFor(delay: number, sent: number, hourly: number): number {
  const beyond = Math.max(0, sent - Math.floor(hourly / 4));
  return Math.max(delay, Math.min(delay * 2 ** beyond, longestDelay));
}
